/** When a worker has done enough and had better be replaced. Pure. */

/** 0: never. */
export type WearLimits = {
  readonly maxRequests: number;
  /** So many more at most, chosen for each worker, so that not all are replaced at once. */
  readonly maxRequestsJitter: number;
  /** Milliseconds, and a tenth more at most. */
  readonly maxAgeMs: number;
  readonly maxRssBytes: number;
};

/** Of one worker; no end is infinite. */
export type Endurance = { readonly requests: number; readonly ageMs: number; readonly rssBytes: number };

/** What one worker may do; `chance` is from 0 up to 1. */
export function enduranceOf(limits: WearLimits, chance: number): Endurance {
  const { maxRequests, maxRequestsJitter, maxAgeMs, maxRssBytes } = limits;
  return {
    requests: orNoEnd(maxRequests, Math.floor(chance * (maxRequestsJitter + 1))),
    ageMs: orNoEnd(maxAgeMs, chance * 0.1 * maxAgeMs),
    rssBytes: orNoEnd(maxRssBytes, 0),
  };
}

/** Why it is to be replaced, if it is. */
export function wornBy(done: Endurance, may: Endurance): 'max-requests' | 'max-age' | 'max-rss' | undefined {
  if (done.requests >= may.requests) return 'max-requests';
  if (done.ageMs >= may.ageMs) return 'max-age';
  return done.rssBytes >= may.rssBytes ? 'max-rss' : undefined;
}

function orNoEnd(limit: number, more: number): number {
  return limit === 0 ? Number.POSITIVE_INFINITY : limit + more;
}
