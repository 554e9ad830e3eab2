import { type Cell, markdownTable } from '../table.ts';

/** One promise about memory, and what was seen; all in bytes of resident memory. */
export type Bound = {
  readonly what: string;
  readonly before: number;
  readonly peak: number;
  /** Is it the peak that is bounded, or the growth from `before`? */
  readonly of: 'peak' | 'growth';
  readonly most: number;
};

export const megabyte = 1024 * 1024;

export function holds({ before, peak, of, most }: Bound): boolean {
  return (of === 'peak' ? peak : peak - before) <= most;
}

/** RSS that an edge with a store of `limit` bytes may have: a quarter above it, and 128 MB for the program. */
export function mostForStore(limit: number): number {
  return limit * 1.25 + 128 * megabyte;
}

export function boundsTable(bounds: readonly Bound[]): string {
  const header = ['what', 'before', 'peak', 'growth', 'bound', 'holds'];
  const rows = bounds.map((bound): Cell[] => [
    bound.what,
    inMegabytes(bound.before),
    inMegabytes(bound.peak),
    inMegabytes(bound.peak - bound.before),
    `${bound.of} ≤ ${inMegabytes(bound.most)}`,
    holds(bound) ? 'yes' : '**no**',
  ]);
  return markdownTable(header, rows);
}

function inMegabytes(bytes: number): string {
  return `${(bytes / megabyte).toFixed(0)} MB`;
}
