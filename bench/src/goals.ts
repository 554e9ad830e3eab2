/** Ratios of CPU time, and whether they are what they are meant to be. */
import { type Ratio, ratioOf } from './figures.ts';
import type { Outcome } from './measure.ts';
import type { Side } from './side.ts';

/** Ours over the peer's; undefined where one of them was not measured. */
export function cpuRatio({ ours, peer }: Outcome): Ratio | undefined {
  if (peer === undefined || ours.rounds.length === 0 || peer.rounds.length === 0) return undefined;
  return ratioOf(cpuOf(ours), cpuOf(peer));
}

/** Undefined where there is no goal, or no ratio to hold against it. */
export function isReached(outcome: Outcome): boolean | undefined {
  const ratio = cpuRatio(outcome);
  if (outcome.goal === undefined || ratio === undefined) return undefined;
  return ratio.median <= outcome.goal;
}

/** Microseconds of each round. */
export function cpuOf({ rounds }: Side): number[] {
  return rounds.map(({ cpuUs }) => cpuUs);
}
