/** The edge's numbers under the names that `varnishstat` has for them, one row each. */
import type { Across, Metrics } from '@trivet/kit/process/metrics.ts';
import type { Edge } from '../machine/edge.ts';

type Source = { readonly edge: Edge };

export type CounterRow = {
  /** Without `MAIN.`. */
  readonly varnish: string;
  /** In `/metrics`. */
  readonly metric: string;
  readonly kind: 'counter' | 'gauge';
  readonly about: string;
  read(source: Source): number | undefined;
};

function counter(varnish: string, metric: string, about: string, read: CounterRow['read']): CounterRow {
  return { varnish, metric: `trivet_${metric}_total`, kind: 'counter', about, read };
}

function gauge(varnish: string, metric: string, about: string, read: CounterRow['read']): CounterRow {
  return { varnish, metric: `trivet_${metric}`, kind: 'gauge', about, read };
}

const ofRequests: readonly CounterRow[] = [
  gauge('uptime', 'uptime_seconds', 'Seconds since the start.', ({ edge }) =>
    Math.max(0, Math.floor((edge.clock() - edge.watch.startedAt) / 1000)),
  ),
  counter('client_req', 'requests', 'Requests taken in.', ({ edge }) => edge.counters.requests),
  counter('cache_hit', 'cache_all_hits', 'Answered from the store, fresh or stale.', ({ edge }) => {
    const { hits, staleHits } = edge.counters;
    return hits + staleHits;
  }),
  counter(
    'cache_hit_grace',
    'cache_grace_hits',
    'Answered stale while a refresh ran.',
    ({ edge }) => edge.counters.graceHits,
  ),
  counter(
    'cache_hitmiss',
    'cache_uncacheable_misses',
    'Met a key that is known as uncacheable.',
    ({ edge }) => edge.counters.uncacheableMisses,
  ),
  counter(
    'cache_hitpass',
    'cache_uncacheable_passes',
    'Of these keys: passed by, being conditional.',
    ({ edge }) => edge.counters.uncacheablePasses,
  ),
  counter('cache_miss', 'cache_misses', 'Fetched for the cache.', ({ edge }) => edge.counters.misses),
  counter('s_pass', 'cache_passes', 'Passed by.', ({ edge }) => edge.counters.passes),
  counter('s_pipe', 'pipes', 'Tunnels asked for.', ({ edge }) => edge.counters.pipes),
  counter(
    's_synth',
    'synths',
    'Answered by the edge itself, failures of the origin aside.',
    ({ edge }) => edge.counters.synths,
  ),
  counter('busy_sleep', 'cache_waits', 'Began to wait for the fetch of another.', ({ edge }) => edge.counters.waits),
  counter('busy_wakeup', 'cache_wakeups', 'Went on after waiting.', ({ edge }) => edge.counters.wakeups),
];

const ofFetches: readonly CounterRow[] = [
  counter('backend_req', 'origin_requests', 'Requests to the origin.', ({ edge }) => edge.counters.fetched.requests),
  counter(
    'backend_fail',
    'origin_unreachable',
    'No connection could be had.',
    ({ edge }) => edge.counters.fetched.unreachable,
  ),
  counter(
    'backend_busy',
    'origin_busy',
    'All connections in use, the queue full.',
    ({ edge }) => edge.counters.fetched.busy,
  ),
  counter(
    'backend_unhealthy',
    'origin_unhealthy',
    'No address of the origin was fit to be asked.',
    ({ edge }) => edge.counters.fetched.unhealthy,
  ),
  counter('fetch_head', 'fetch_head', 'Answers to HEAD.', ({ edge }) => edge.counters.fetched.head),
  counter('fetch_length', 'fetch_length', 'Answers with Content-Length.', ({ edge }) => edge.counters.fetched.length),
  counter('fetch_chunked', 'fetch_chunked', 'Answers in chunks.', ({ edge }) => edge.counters.fetched.chunked),
  counter('fetch_eof', 'fetch_eof', 'Answers that end with their connection.', ({ edge }) => edge.counters.fetched.eof),
  counter('fetch_none', 'fetch_none', 'Answers of 0 bytes.', ({ edge }) => edge.counters.fetched.none),
  counter(
    'fetch_1xx',
    'fetch_interim',
    'Interim answers that were passed on.',
    ({ edge }) => edge.counters.fetched.interim,
  ),
  counter('fetch_204', 'fetch_no_content', 'Answers 204.', ({ edge }) => edge.counters.fetched.noContent),
  counter('fetch_304', 'fetch_not_modified', 'Answers 304.', ({ edge }) => edge.counters.fetched.notModified),
  counter('fetch_failed', 'fetch_failures', 'Fetches that broke.', ({ edge }) => edge.counters.fetched.failed),
  counter('bgfetch', 'cache_refreshes', 'Refreshes behind a stale answer.', ({ edge }) => edge.counters.refreshes),
  counter(
    'bgfetch_failed',
    'cache_failed_refreshes',
    'Of these: brought nothing.',
    ({ edge }) => edge.counters.failedRefreshes,
  ),
];

const ofTheStore: readonly CounterRow[] = [
  gauge('n_object', 'store_entries', 'Stored responses.', ({ edge }) => edge.store.stats().entries),
  gauge('n_objecthead', 'store_keys', 'Keys under which something is stored.', ({ edge }) => edge.store.stats().keys),
  counter('n_expired', 'store_expired', 'Found past all use at a lookup.', ({ edge }) => edge.counters.expired),
  counter('n_lru_nuked', 'store_evictions', 'Went for room.', ({ edge }) => edge.store.stats().evictions),
  counter('n_purges', 'purges', 'Purges that were carried out.', ({ edge }) => edge.counters.purges),
  counter('n_obj_purged', 'store_purged', 'Stored responses that were purged.', ({ edge }) => edge.counters.purged),
];

const ofBansAndIncludes: readonly CounterRow[] = [
  gauge('bans', 'bans', 'Bans in force.', ({ edge }) => edge.bans.size),
  counter('bans_added', 'bans_added', 'Bans that were given.', ({ edge }) => edge.bans.stats().added),
  counter('bans_deleted', 'bans_ended', 'Bans that are in force no more.', ({ edge }) => {
    const { added, inForce } = edge.bans.stats();
    return added - inForce;
  }),
  counter(
    'bans_tests_tested',
    'ban_tests',
    'Tests of a response against a ban.',
    ({ edge }) => edge.bans.stats().tests,
  ),
  counter('bans_obj_killed', 'banned', 'Stored responses that a ban took.', ({ edge }) => edge.counters.banned),
  counter('esi_req', 'esi_fragments', 'ESI fragments that were asked for.', ({ edge }) => edge.counters.fragments),
  counter(
    'esi_errors',
    'esi_failures',
    'ESI includes that failed or were refused.',
    ({ edge }) => edge.counters.fragmentFailures,
  ),
];

export const counterRows: readonly CounterRow[] = [...ofRequests, ...ofFetches, ...ofTheStore, ...ofBansAndIncludes];

/** What every worker counts, each for the whole edge: it is not added up. */
const ofEach: ReadonlySet<string> = new Set(['uptime', 'n_purges', 'bans', 'bans_added', 'bans_deleted']);

/** What the numbers of several workers come to. */
export function acrossOf(varnish: string): Across {
  return ofEach.has(varnish) ? 'max' : 'sum';
}

/** By `MAIN.` name. */
export function varnishCounters(source: Source): Readonly<Record<string, number>> {
  const counters: Record<string, number> = {};
  for (const { varnish, read } of counterRows) {
    const value = read(source);
    if (value !== undefined) counters[`MAIN.${varnish}`] = value;
  }
  return counters;
}

/** As `varnishstat -j` prints them (its version 1), for what reads that. */
export function varnishstat(source: Source): object {
  const counters: Record<string, object> = {};
  for (const { varnish, kind, about, read } of counterRows) {
    const value = read(source);
    const flag = kind === 'counter' ? 'c' : 'g';
    if (value !== undefined) counters[`MAIN.${varnish}`] = { description: about, flag, format: 'i', value };
  }
  return { version: 1, timestamp: new Date(source.edge.clock()).toISOString().slice(0, 19), counters };
}

/** Registers those that `/metrics` has not already. */
export function measureCounters(source: Source, metrics: Metrics): void {
  for (const { varnish, metric, kind, about, read } of counterRows) {
    if (read(source) === undefined || metrics.registry.getSingleMetric(metric) !== undefined) continue;
    metrics[kind](metric, about, () => read(source) ?? 0, acrossOf(varnish));
  }
}

/** The README's table: Varnish's name, ours, and what it counts. */
export function countersTable(): string {
  const rows = counterRows.map(({ varnish, metric, about }) => `| \`MAIN.${varnish}\` | \`${metric}\` | ${about} |`);
  return ['| `varnishstat` | `/metrics` | counts |', '|---|---|---|', ...rows].join('\n');
}
