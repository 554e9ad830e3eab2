import { Encoders } from '@trivet/kit/http1/encoder.ts';
import type { Log } from '@trivet/kit/process/log.ts';
import type { EdgeConfig } from '../settings.ts';
import { BackOff } from './machine/back-off.ts';
import { BanList } from './machine/ban-list.ts';
import { dropBanned } from './machine/banner.ts';
import { newCounters } from './machine/counters.ts';
import type { Edge } from './machine/edge.ts';
import type { Crew } from './machine/flight-order.ts';
import { Flights } from './machine/flights.ts';
import { Lurker } from './machine/lurker.ts';
import { OutcomeMemory } from './machine/outcome-memory.ts';
import { PurgeGate } from './machine/purge-gate.ts';
import { run } from './machine/run.ts';
import { SearchAliases } from './machine/search-aliases.ts';
import { UncacheableMemory } from './machine/uncacheable.ts';
import { hostRule } from './policy/esi/target.ts';
import type { Rules } from './rules.ts';
import { MemoryStore } from './store/memory.ts';
import { Watch } from './watch/watch.ts';

/** The settings that an edge is made from. */
export type EdgeOptions = Pick<
  EdgeConfig,
  | 'storeMemory'
  | 'defaultTtl'
  | 'grace'
  | 'staleIfError'
  | 'keep'
  | 'esiDepth'
  | 'esiIncludes'
  | 'esiHosts'
  | 'coalesceWait'
  | 'coalesceQueue'
  | 'setCookie'
  | 'clientDirectives'
  | 'compression'
  | 'compressionMin'
  | 'purgeFrom'
  | 'purgeRate'
  | 'region'
  | 'serverTiming'
  | 'bansMax'
>;

export type EdgeParts = {
  readonly options: EdgeOptions;
  readonly rules: Rules;
  readonly upstream: Edge['upstream'];
  readonly log: Log;
  /** Milliseconds since the epoch. */
  clock(): number;
  /** As in `Crew`; the event loop's own timers where it is not given. */
  readonly after?: Crew['after'];
  readonly siblings?: Edge['siblings'];
};

/** Puts an edge together: an empty store, and nothing on its way. */
export function openEdge({ options, rules, upstream, log, clock, after = inTime, siblings }: EdgeParts): Edge {
  const { defaultTtl: ttl, grace, staleIfError, keep, setCookie } = options;
  const counters = newCounters();
  const crew: Crew = {
    store: new MemoryStore(options.storeMemory),
    upstream,
    admission: { ttl, grace, staleIfError, keep, setCookie },
    compression: { isOn: options.compression, leastBytes: options.compressionMin },
    encoders: new Encoders(),
    uncacheable: new UncacheableMemory(),
    aliases: new SearchAliases(),
    backOff: new BackOff(),
    counters,
    outcomes: new OutcomeMemory(),
    onStored(entry) {
      counters.stored += 1;
      crew.outcomes.stored(entry.key);
      crew.aliases.note(entry);
    },
    coalescing: { waitMs: options.coalesceWait, queue: options.coalesceQueue },
    clock,
    after,
    onRefreshFailed(order, why) {
      crew.counters.failedRefreshes += 1;
      const said = typeof why === 'number' ? { status: why } : { reason: why.reason };
      log.warn({ key: order.key, ...said }, 'a refresh failed; the stale answer stays');
    },
  };
  const { clientDirectives, purgeFrom, serverTiming } = options;
  const flights = new Flights(crew);
  const bans = new BanList(options.bansMax, (error, { ban }) => {
    log.error({ err: error, ban: ban.text }, 'a ban could not be tested; it took what it was tested against');
  });
  const lurker = new Lurker({
    bans,
    store: crew.store,
    clock,
    onBanned: (entry) => dropBanned(crew, entry),
    onFailure: (error) => log.error({ err: error }, 'testing bans failed; they are tested at lookups until it works'),
  });
  const edge: Edge = {
    ...crew,
    upstream,
    rules,
    flights,
    bans,
    lurker,
    purgeGate: new PurgeGate({ perSecond: options.purgeRate, counters, log, clock }),
    siblings,
    watch: new Watch(options.region, clock),
    log,
    clientDirectives,
    purgeFrom,
    serverTiming,
    esi: { hosts: hostRule(options.esiHosts), depth: options.esiDepth, includes: options.esiIncludes },
    answer: (x) => run(x, edge),
  };
  return edge;
}

function inTime(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}
