/** What V8's garbage collector did: how often it went through the whole heap, and how long it held the program up. */
export type Collections = {
  readonly full: number;
  /** Of any collection, the steps of marking by and by included; 0 without one. */
  readonly longestMs: number;
};

/** Makes a program on Node tell of each collection, in the lines that are read below. */
export const tellCollections = '--trace-gc';

/**
 * `… Incremental Mark-Compact 54.0 (60.2) -> 46.1 (53.9) MB, pooled: 0.0 MB, 17.23 / 0.00 ms (+ 0.6 ms in 32 steps
 * since start of marking, biggest step 0.1 ms, …`: the pause, and the longest of the steps before it.
 */
const line =
  /^\[\d+:0x[0-9a-f]+\] +\d+ ms: (.*?)[\d.]+ \([\d.]+\) -> .*? ([\d.]+) \/ [\d.]+ ms(?:.*? biggest step ([\d.]+) ms)?/gm;

/** Reads what a program with the flag above has written. */
export function collectionsIn(output: string): Collections {
  let [full, longestMs] = [0, 0];
  for (const [, kind = '', pause = '0', step = '0'] of output.matchAll(line)) {
    if (kind.includes('Mark-Compact')) full++;
    longestMs = Math.max(longestMs, Number(pause), Number(step));
  }
  return { full, longestMs };
}
