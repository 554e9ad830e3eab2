/** What an edge has done since it started. */
export type Counters = {
  hits: number;
  /** Answered stale, at once or for an origin that failed. */
  staleHits: number;
  misses: number;
  passes: number;
  /** Shared the fetch of another request. */
  collapsed: number;
  /** Found unchanged by a 304. */
  renewals: number;
  /** Begun behind a stale answer. */
  refreshes: number;
  failedRefreshes: number;
  stored: number;
  purged: number;
  banned: number;
};

export function newCounters(): Counters {
  return {
    hits: 0,
    staleHits: 0,
    misses: 0,
    passes: 0,
    collapsed: 0,
    renewals: 0,
    refreshes: 0,
    failedRefreshes: 0,
    stored: 0,
    purged: 0,
    banned: 0,
  };
}
