/** The middle value; the mean of the two in the middle of an even number; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** The smallest value that `share` (0–1) of the values do not exceed; `sorted` ascends. NaN of none. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export type Ratio = { readonly median: number; readonly least: number; readonly most: number };

/** Ours over the peer's, round by round: what changes on the machine between rounds then touches both. */
export function ratioOf(ours: readonly number[], peers: readonly number[]): Ratio {
  const ratios = ours.flatMap((value, round) => {
    const peer = peers[round];
    return peer === undefined ? [] : [value / peer];
  });
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
}
