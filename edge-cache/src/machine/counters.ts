import { type FetchCounters, newFetchCounters } from './fetch-counters.ts';

/** What an edge has done since it started. */
export type Counters = {
  hits: number;
  /** Answered stale, at once or for an origin that failed. */
  staleHits: number;
  /** Of these: while a refresh ran behind them. */
  graceHits: number;
  misses: number;
  /** Of these: the key was known as uncacheable, so that nobody waited for another. */
  uncacheableMisses: number;
  /** Met such a key with a condition, and was passed by. */
  uncacheablePasses: number;
  passes: number;
  /** Requests that were taken in. */
  requests: number;
  /** Tunnels asked for. */
  pipes: number;
  /** Answered by the edge itself. */
  synths: number;
  /** Found past all use: as good as not stored. */
  expired: number;
  /** Began to wait for the fetch of another, and went on. */
  waits: number;
  wakeups: number;
  /** What came from the origin. */
  fetched: FetchCounters;
  purges: number;
  /** Refused, for their number and for who asked. */
  purgesDelayed: number;
  purgesDenied: number;
  /** Shared the fetch of another request. */
  collapsed: number;
  /** Waited too long for the fetch of another request, and fetched alone. */
  coalesceTimeouts: number;
  /** Found too many waiting for the fetch that they would have shared. */
  coalesceQueueFull: number;
  /** Found unchanged by a 304. */
  renewals: number;
  /** Begun behind a stale answer. */
  refreshes: number;
  failedRefreshes: number;
  /** Asked for by the edge itself, for pages with ESI markup. */
  fragments: number;
  /** Refused or failed; an `alt` may have stood in. */
  fragmentFailures: number;
  stored: number;
  purged: number;
  banned: number;
};

export function newCounters(): Counters {
  return {
    hits: 0,
    staleHits: 0,
    graceHits: 0,
    misses: 0,
    uncacheableMisses: 0,
    uncacheablePasses: 0,
    passes: 0,
    requests: 0,
    pipes: 0,
    synths: 0,
    expired: 0,
    waits: 0,
    wakeups: 0,
    fetched: newFetchCounters(),
    purges: 0,
    purgesDelayed: 0,
    purgesDenied: 0,
    collapsed: 0,
    coalesceTimeouts: 0,
    coalesceQueueFull: 0,
    renewals: 0,
    refreshes: 0,
    failedRefreshes: 0,
    fragments: 0,
    fragmentFailures: 0,
    stored: 0,
    purged: 0,
    banned: 0,
  };
}
