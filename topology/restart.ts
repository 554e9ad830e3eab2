/** A process that lived this long had started well; its next fall is a new story. */
const settledMs = 10_000;
const firstDelayMs = 100;
const longestDelayMs = 5_000;

export type Fall = {
  /** How often in a row it fell soon after it was started, this time not counted. */
  readonly quickFalls: number;
  readonly livedMs: number;
};

/** How long to wait before a fallen process is started again (milliseconds), and how many quick falls that makes. */
export function restart({ quickFalls, livedMs }: Fall): { readonly delayMs: number; readonly quickFalls: number } {
  if (livedMs >= settledMs) return { delayMs: firstDelayMs, quickFalls: 1 };
  return { delayMs: Math.min(firstDelayMs * 2 ** quickFalls, longestDelayMs), quickFalls: quickFalls + 1 };
}
