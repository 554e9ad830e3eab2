/** Puts the tier together and lets it listen. What is wrong with it is said before the first request, not by it. */
import { join } from 'node:path';
import type { Handler } from '@trivet/kit/http1/listener.ts';
import { listen } from '@trivet/kit/http1/listener.ts';
import { logExchange } from '@trivet/kit/process/log.ts';
import type { Metrics } from '@trivet/kit/process/metrics.ts';
import type { Runtime, Started } from '@trivet/kit/process/tier.ts';
import { Tunnel } from '@trivet/kit/upstream/tunnel.ts';
import { Upstream } from '@trivet/kit/upstream/upstream.ts';
import { type EdgeConfig, settings } from '../settings.ts';
import { lurkerPace, measureBans } from './bans-at-work.ts';
import { loadPolicy } from './load-policy.ts';
import { type Edge, honours } from './machine/edge.ts';
import { Exchange } from './machine/exchange.ts';
import { pipe } from './machine/pipe.ts';
import { run } from './machine/run.ts';
import { openEdge } from './open-edge.ts';
import { adminRoutes, report } from './report.ts';
import { tightenHeap } from './tight-heap.ts';
import { measureCounters } from './watch/varnish-counters.ts';

const repository = join(import.meta.dirname, '../..');

/** Starts the tier; everything it opens is put into `own`. */
export async function start({ config, log, metrics, own }: Runtime<EdgeConfig>): Promise<Started> {
  tightenHeap();
  // The policy that comes with the kit is found from anywhere; one that was named, from where the edge was started.
  const base = config.policy === settings.policy.fallback ? repository : process.cwd();
  const rules = await loadPolicy(config.policy, base);
  const upstream = own.use(openUpstream(config));
  const edge = openEdge({ options: config, rules, upstream, log, clock: Date.now });
  own.defer(() => edge.flights.abandonAll());
  own.use(edge.lurker.start(lurkerPace));
  const timeouts = { connectMs: config.connectTimeout, firstByteMs: config.firstByteTimeout };
  const tunnel = own.use(
    new Tunnel({ tier: 'edge-cache', upstreamName: 'origin', addresses: config.origin, timeouts, log }),
  );
  measure(edge, metrics);
  const listening = own.use(
    await listen({
      tier: 'edge-cache',
      listen: config.listen,
      limits: config,
      trusted: config.trustedProxies,
      onRequest: handler(edge),
      onUpgrade: pipe(edge, tunnel),
      onDrain: () => {
        void tunnel.drain(config.gracefulTimeout);
        edge.watch.log.end('draining');
      },
      onExchange: (record) => {
        metrics.exchange(record);
        logExchange(log, record);
        edge.watch.exchange(record);
      },
      log,
    }),
  );
  return {
    listening,
    stats: () => ({ region: config.region, ...report(edge), origin: upstream.stats(), tunnels: tunnel.openCount }),
    adminRoutes: (app) => adminRoutes(app, edge),
  };
}

/** Answers requests; tests use it without a process. */
export function handler(edge: Edge): Handler {
  return (inbound, response) => run(new Exchange(inbound, response, edge.rules, honours(edge, inbound)), edge);
}

function openUpstream(config: EdgeConfig): Upstream {
  return new Upstream({
    name: 'origin',
    addresses: config.origin,
    timeouts: {
      connectMs: config.connectTimeout,
      firstByteMs: config.firstByteTimeout,
      betweenBytesMs: config.betweenBytesTimeout,
    },
    connections: config.upstreamConnections,
    queue: config.upstreamQueue,
  });
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
  ] as const;
  for (const [name, help, counter] of answers) {
    metrics.counter(`trivet_cache_${name}_total`, help, () => counters[counter]);
  }
  measureCounters({ edge }, metrics);
}
