import { type GroupView, isHeld, isSettled } from './plan.ts';

/** How a reload went. */
export type Reloaded =
  | { readonly verdict: 'reloaded'; readonly generation: number }
  /** Those that served before go on. */
  | { readonly verdict: 'refused'; readonly why: string };

/** Undefined as long as it is not over; `lastEnd` is how the last process ended. */
export function outcomeOf(group: GroupView, lastEnd: string | undefined): Reloaded | undefined {
  if (isSettled(group)) return { verdict: 'reloaded', generation: group.generation };
  return isHeld(group) ? { verdict: 'refused', why: lastEnd ?? 'it did not come up' } : undefined;
}

/** What the log says of it. */
export function sentenceOf(outcome: Reloaded): string {
  if (outcome.verdict === 'reloaded') return `the app is reloaded: generation ${outcome.generation} serves`;
  return `the app is not reloaded: ${outcome.why}; who serves goes on`;
}
