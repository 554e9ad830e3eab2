/**
 * Which members failed of late, seen from the requests they were given: those are asked last for a while, and are never
 * refused altogether. Pure.
 */

/** When members are taken out, and for how long. */
export type EjectionRule = {
  /** Failures in a row that take a member out. */
  readonly maxFails: number;
  /** How long it is out, milliseconds; each time it fails again without an answer between doubles that. */
  readonly failMs: number;
  /** The most it comes to by doubling. */
  readonly longestMs: number;
  /** Taken out as well when this part (0..1) of its requests of late failed (`fail-window.ts`); 0 or not told: never. */
  readonly failFraction?: number;
  /** Does an answer that is not HTTP count as a failure? */
  readonly countsMalformed?: boolean;
};

/** What is remembered of a member's failures. */
export type Ejection = {
  /** Failures in a row. */
  readonly fails: number;
  /** How often it was taken out since it last answered. */
  readonly times: number;
  /** Until when it is asked last, in the clock of the caller. */
  readonly until: number;
  /** Its time was over, and one request was given to it. */
  readonly isOnTrial: boolean;
  /** It answers some requests and fails too many: what answers while it is out does not bring it back. */
  readonly isFirm?: boolean;
};

/** No failure since the last answer. */
export const calm: Ejection = { fails: 0, times: 0, until: Number.NEGATIVE_INFINITY, isOnTrial: false };

/**
 * One more failure: at `maxFails` in a row the member is out, each time twice as long as before; also when they are too
 * many beside what it answered, and then until its time is over.
 */
export function afterFailure(before: Ejection, rule: EjectionRule, now: number, isTooMany = false): Ejection {
  const fails = before.fails + 1;
  // Requests that were on their way when it was taken out say nothing new about it.
  const isKnown = isEjected(before, now) && !before.isOnTrial;
  const isFirm = before.isFirm === true || isTooMany;
  if (isKnown) return { ...before, fails, isFirm };
  if (fails < rule.maxFails && !isTooMany && !before.isOnTrial) return { ...before, fails };
  const until = now + ejectedFor(before.times, rule);
  return { fails, times: before.times + 1, until, isOnTrial: false, isFirm };
}

/**
 * A member that was out is given a request to show itself, and stays out for the others meanwhile: one that takes no
 * connection must not hold up all that come in the moment its time is over.
 */
export function onTrial(before: Ejection, rule: EjectionRule, now: number): Ejection {
  return { ...before, until: now + rule.failMs, isOnTrial: true };
}

/**
 * It began to answer: it is in again. Only an answer that is whole makes it `calm`; one that breaks off is one more
 * failure.
 */
export function afterHead(before: Ejection, rule: EjectionRule, now: number): Ejection {
  if (before.times === 0 || isFirmlyOut(before, now)) return before;
  return { ...before, until: calm.until, isOnTrial: false, fails: rule.maxFails - 1 };
}

/** It answered to the end: nothing is held against it, unless it answers others and fails too many. */
export function afterAnswer(before: Ejection, now: number): Ejection {
  return isFirmlyOut(before, now) ? before : calm;
}

/** Is it asked only when nobody else is left? */
export function isEjected({ until }: Ejection, now: number): boolean {
  return now < until;
}

/** Its trial has yet to come. */
function isFirmlyOut(ejection: Ejection, now: number): boolean {
  return ejection.isFirm === true && !ejection.isOnTrial && isEjected(ejection, now);
}

function ejectedFor(times: number, { failMs, longestMs }: EjectionRule): number {
  return Math.max(failMs, Math.min(failMs * 2 ** Math.min(times, 30), longestMs));
}
