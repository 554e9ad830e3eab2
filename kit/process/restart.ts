/** A process that lived this long had started well; its end is a new story. */
const settledMs = 10_000;
const firstDelayMs = 250;

/** How a process ended that is wanted. */
export type Fall = {
  /** How often in a row it fell soon after it was started, this time not counted. */
  readonly quickFalls: number;
  readonly livedMs: number;
};

/**
 * How long to wait before it is started again (milliseconds), and how many quick falls that makes: the first time at once,
 * then twice as long each time, `longestMs` at most.
 */
export function restart(
  { quickFalls, livedMs }: Fall,
  longestMs: number,
): { readonly delayMs: number; readonly quickFalls: number } {
  if (livedMs >= settledMs) return { delayMs: 0, quickFalls: 0 };
  const delayMs = quickFalls === 0 ? 0 : Math.min(firstDelayMs * 2 ** (quickFalls - 1), longestMs);
  return { delayMs, quickFalls: quickFalls + 1 };
}
