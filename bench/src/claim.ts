/** Something other than a ratio of CPU time that was looked at, and what it is meant to be. */
export type Claim = {
  readonly what: string;
  readonly seen: string;
  readonly goal?: string;
  /** Left out where there is no goal. */
  readonly isReached?: boolean;
};

/** A figure with a goal that it must not exceed. */
export function atMost(what: string, value: number, goal: number, write: (value: number) => string): Claim {
  return { what, seen: write(value), goal: `≤ ${write(goal)}`, isReached: value <= goal };
}
