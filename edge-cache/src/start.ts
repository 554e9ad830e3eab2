/** Puts the tier together and lets it listen. What is wrong with it is said before the first request, not by it. */
import { join } from 'node:path';
import type { Handler } from '@trivet/kit/http1/listener.ts';
import { listen } from '@trivet/kit/http1/listener.ts';
import type { AccessLog } from '@trivet/kit/process/access-log.ts';
import { slotOf } from '@trivet/kit/process/exchange-counts.ts';
import type { Metrics } from '@trivet/kit/process/metrics.ts';
import type { Runtime, Started } from '@trivet/kit/process/tier.ts';
import { Tunnel } from '@trivet/kit/upstream/tunnel.ts';
import { Upstream } from '@trivet/kit/upstream/upstream.ts';
import { tellLog } from '@trivet/kit/upstream/upstream-log.ts';
import { type EdgeConfig, settings } from '../settings.ts';
import { Backends } from './backends.ts';
import { lurkerPace, measureBans } from './bans-at-work.ts';
import { type Conclude, fastLane, hitRecord } from './fast-lane.ts';
import { LivePolicy } from './live-policy.ts';
import { loadPolicy } from './load-policy.ts';
import { type Edge, honours } from './machine/edge.ts';
import { carryOutTold } from './machine/elsewhere.ts';
import { Exchange } from './machine/exchange.ts';
import { pipe } from './machine/pipe.ts';
import { run } from './machine/run.ts';
import { openEdge } from './open-edge.ts';
import { policyRoutes } from './policy-routes.ts';
import { adminRoutes, report } from './report.ts';
import { tightenHeap } from './tight-heap.ts';
import { measureCounters } from './watch/varnish-counters.ts';

const repository = join(import.meta.dirname, '../..');

/** The policy that comes with the kit is found from anywhere; one that was named, from where the edge was started. */
function policyBase({ policy }: EdgeConfig): string {
  return policy === settings.policy.fallback ? repository : process.cwd();
}

/** Loads what `start` would load, and opens nothing. @throws StartProblem */
export async function check(config: EdgeConfig): Promise<void> {
  await loadPolicy(config, policyBase(config));
}

/** Starts the tier; everything it opens is put into `own`. */
export async function start({ config, log, accessLog, metrics, own, siblings }: Runtime<EdgeConfig>): Promise<Started> {
  tightenHeap();
  const policy = await LivePolicy.open(config, { base: policyBase(config), log, clock: Date.now });
  const { rules, plan } = policy.value;
  const beside = (name: string) => tellLog(log, name === 'default' ? 'origin' : name);
  const backends = own.use(new Backends(plan, { open: (options) => new Upstream(options), beside, log }));
  const edge = openEdge({
    options: config,
    rules,
    upstream: backends,
    log,
    clock: Date.now,
    ...(siblings && { siblings }),
  });
  siblings?.join((told) => carryOutTold(edge, told));
  own.defer(() => edge.flights.abandonAll());
  own.use(edge.lurker.start(lurkerPace));
  own.use(policy.follow(edge, backends, config.policyWatch));
  const { connectTimeout: connectMs, firstByteTimeout: firstByteMs, tunnelIdle: idleMs } = config;
  const timeouts = { connectMs, firstByteMs, idleMs };
  const tunnel = own.use(
    new Tunnel({ tier: 'edge-cache', upstreamName: 'origin', addresses: () => backends.endpoints(), timeouts, log }),
  );
  measure(edge, metrics);
  metrics.gauge('trivet_policy_version', 'The version of the policy that is in force.', () => policy.version, 'max');
  metrics.counter('trivet_policy_refused_total', 'Versions of the policy that were refused.', () => policy.failures);
  const listening = own.use(
    await listen({
      tier: 'edge-cache',
      listen: config.listen,
      limits: config,
      trusted: config.trustedProxies,
      proxyProtocol: config.proxyProtocol,
      onRequest: handler(edge),
      onUpgrade: pipe(edge, tunnel, backends),
      onDrain: () => {
        void tunnel.drain(config.gracefulTimeout);
        edge.watch.log.end('draining');
      },
      needsHeads: accessLog.needsHeads,
      onExchange: (record) => {
        metrics.exchange(record);
        accessLog.exchange(record);
        edge.watch.exchange(record);
      },
      fastLane: config.fastLane ? fastLane(edge, concludeWith(edge, metrics, accessLog)) : undefined,
      log,
    }),
  );
  return {
    listening,
    stats: () => ({
      ...{ region: config.region, ...report(edge) },
      ...{ backends: backends.stats(), backendGroups: backends.groupStats(), tunnels: tunnel.openCount },
    }),
    adminRoutes: (app) => {
      adminRoutes(app, edge);
      policyRoutes(app, policy);
    },
    reload: () => void policy.reload(),
  };
}

/** Answers requests; tests use it without a process. */
export function handler(edge: Edge): Handler {
  return (inbound, response) => run(new Exchange(inbound, response, edge.rules, honours(edge, inbound)), edge);
}

/** What is told of a hit of the fast lane: counted always, written down where somebody reads it. */
function concludeWith(edge: Edge, metrics: Metrics, accessLog: AccessLog): Conclude {
  const { watch, clock } = edge;
  return (inbound, hit, given) => {
    metrics.count(slotOf(inbound.method, hit.status, given.outcome), given.ms, given.bytes);
    watch.hit(hit.url, given.bytes, clock());
    const isLogged = accessLog.wants(inbound.target, hit.status);
    if (!isLogged && !watch.isHeard) return;
    const record = hitRecord(inbound, hit, given);
    if (isLogged) accessLog.write(record);
    watch.log.exchange(record);
  };
}

function measure(edge: Edge, metrics: Metrics): void {
  const { store, flights, counters, bans } = edge;
  measureBans(bans, counters, metrics);
  metrics.gauge('trivet_store_bytes', 'Stored responses: bodies, heads, bookkeeping.', () => store.stats().bytes);
  metrics.gauge('trivet_store_reserved_bytes', 'Held by bodies on their way in.', () => store.stats().reservedBytes);
  metrics.gauge('trivet_store_entries', 'Stored responses.', () => store.stats().entries);
  metrics.gauge('trivet_fetches', 'Fetches for the cache on their way.', () => flights.size);
  metrics.counter(
    'trivet_store_evictions_total',
    'Stored responses that went for room.',
    () => store.stats().evictions,
  );
  metrics.counter('trivet_purges_denied_total', 'Of clients that may not purge.', () => counters.purgesDenied);
  metrics.counter('trivet_purges_delayed_total', 'Beyond the rate of purges.', () => counters.purgesDelayed);
  const answers = [
    ['hits', 'Answered from the store, fresh.', 'hits'],
    ['stale', 'Answered from the store, stale.', 'staleHits'],
    ['misses', 'Fetched for the cache.', 'misses'],
    ['passes', 'Passed by.', 'passes'],
    ['collapsed', 'Shared the fetch of another request.', 'collapsed'],
    ['coalesce_timeouts', 'Waited too long for another fetch, and fetched alone.', 'coalesceTimeouts'],
    ['coalesce_queue_full', 'Found too many waiting for the fetch to share.', 'coalesceQueueFull'],
  ] as const;
  for (const [name, help, counter] of answers) {
    metrics.counter(`trivet_cache_${name}_total`, help, () => counters[counter]);
  }
  measureCounters({ edge }, metrics);
}
