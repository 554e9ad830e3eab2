/** A worker that lived this long was well; its end is a new story. */
const settledMs = 10_000;
const firstDelayMs = 250;
const longestDelayMs = 30_000;

export type Death = {
  /** How many in a row died soon after their start, this one not counted. */
  readonly quickDeaths: number;
  readonly livedMs: number;
};

/** How long to wait before a dead worker is replaced (milliseconds): the first at once, then twice as long each time. */
export function replacement({ quickDeaths, livedMs }: Death): {
  readonly delayMs: number;
  readonly quickDeaths: number;
} {
  if (livedMs >= settledMs) return { delayMs: 0, quickDeaths: 0 };
  const delayMs = quickDeaths === 0 ? 0 : Math.min(firstDelayMs * 2 ** (quickDeaths - 1), longestDelayMs);
  return { delayMs, quickDeaths: quickDeaths + 1 };
}
