/** Builds what a measurement would have given. */
import type { Outcome } from '../measure.ts';
import type { Side } from '../side.ts';

/** A server with a round for each of these CPU times (µs). */
export const side = (name: string, cpu: readonly number[], more: Partial<Side> = {}): Side => ({
  name,
  rounds: cpu.map((cpuUs) => ({ cpuUs, perSecond: 1e6 / cpuUs, p50Ms: 0.5, p99Ms: 1.25, longestMs: 20 })),
  wrong: {},
  ...more,
});

export const outcome = (more: Partial<Outcome> = {}): Outcome => ({
  what: 'edge: hit',
  ours: side('edge-cache', [20, 30, 25]),
  peer: side('Varnish', [40, 50, 60]),
  ...more,
});
