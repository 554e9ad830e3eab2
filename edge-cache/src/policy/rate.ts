/** So many a second, and after a pause so many at once. */
export type Rate = { readonly perSecond: number; readonly burst: number };

/** `dueAt` is what the next question is to be asked with: when the one after would come at an even pace. */
export type Passage =
  | { readonly verdict: 'go'; readonly dueAt: number }
  | { readonly verdict: 'wait'; readonly ms: number; readonly why: 'rate' };

// Instants are beside 2^41: a double holds them to about a thousandth of a millisecond.
const ROUNDING_MS = 0.01;

/**
 * May one more come now? The generic cell rate algorithm (ITU-T I.371): one number of state, no timer. A clock that was
 * set back does not close the door.
 */
export function passage(dueAt: number, now: number, { perSecond, burst }: Rate): Passage {
  const interval = 1000 / perSecond;
  const tolerance = interval * (burst - 1);
  const ahead = dueAt - now;
  const isOfAnotherClock = ahead > tolerance + interval + ROUNDING_MS;
  const due = isOfAnotherClock ? now : Math.max(dueAt, now);
  const ms = due - now - tolerance;
  return ms > ROUNDING_MS ? { verdict: 'wait', ms, why: 'rate' } : { verdict: 'go', dueAt: due + interval };
}
