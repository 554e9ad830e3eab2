/** From the start to the end of a process that serves, alone or as a worker. */
import { openAdmin } from './admin.ts';
import { closeInTime } from './close-in-time.ts';
import { underSetting } from './complaint.ts';
import type { Log, OpenLog } from './log.ts';
import { openMetrics } from './metrics.ts';
import type { Place, Shared } from './place.ts';
import type { ConfigOf } from './settings.ts';
import type { Told } from './signals.ts';
import type { SupervisionConfig } from './supervision-settings.ts';
import type { Drainable, TierOptions, TierTable } from './tier.ts';
import { type Conductor, openConductor, reloadRoute } from './workers/conducted.ts';
import { fatigueOf } from './workers/fatigue.ts';
import { tellUnderway } from './workers/underway.ts';

/** What it is made from. `shown` is `/config`. */
export type Life<C> = {
  readonly config: C;
  readonly open: OpenLog;
  readonly place: Place;
  shown(): object;
};

/** Starts the tier, and ends the process when it was told to stop and has drained. */
export async function live<S extends TierTable>(tier: TierOptions<S>, life: Life<ConfigOf<S>>): Promise<void> {
  const { config, open, place } = life;
  const own = new AsyncDisposableStack();
  const { gracefulTimeout } = config as Shared;
  try {
    const started = await Promise.race([startTier(tier, life, own), place.told]);
    const outcome = await stopped(started, gracefulTimeout, { place, log: open.log });
    process.exitCode = outcome === 'clean' ? 0 : 1;
  } catch (error) {
    await place.complain(error);
  }
  await closeInTime(own, open.log);
  await open.close();
  // Everything is closed; what still holds the loop (a timer of a library) must not hold the process.
  process.exit();
}

async function startTier<S extends TierTable>(
  tier: TierOptions<S>,
  { config, open: { log, accessLog, lost, relay }, place, shown }: Life<ConfigOf<S>>,
  own: AsyncDisposableStack,
): Promise<Drainable> {
  const metrics = openMetrics(tier.name);
  metrics.counter('trivet_log_lines_dropped_total', 'Log lines that were lost because nobody took them.', lost);
  const { siblings } = place;
  const fatigue = place.superior && fatigueOf(config as Partial<SupervisionConfig>, place.superior, own);
  const counted = fatigue?.counting(metrics) ?? metrics;
  const conduct = siblings ? undefined : conducting(tier, config, { log, own });
  const given = { config, log, accessLog, metrics: counted, own, relay, ...(siblings && { siblings }) };
  const starting = tier.start({ ...given, ...(conduct && { conduct }) });
  const started = await underSetting(tier.table.listen.env, (config as Shared).listen, starting);
  const { listening } = started;
  metrics.gauge('trivet_connections', 'Client connections that are open.', () => listening.connections());
  const bornAt = performance.now();
  const admin = await openAdmin({
    tier: tier.name,
    ...place.admin,
    registry: metrics.registry,
    log,
    ready: () => (listening.isDraining ? 'draining' : (started.ready?.() ?? true)),
    stats: () => ({
      tier: tier.name,
      pid: process.pid,
      uptimeSeconds: Math.round((performance.now() - bornAt) / 1000),
      rssBytes: process.memoryUsage.rss(),
      connections: listening.connections(),
      ...started.stats?.(),
    }),
    config: shown,
    routes(app) {
      // For the primary, which makes one text of all of them.
      if (siblings) app.get('/metrics.json', async (_, to) => void to.json(await metrics.registry.getMetricsAsJSON()));
      started.adminRoutes?.(app);
      if (started.arbiter) reloadRoute(app, started.arbiter);
    },
  });
  own.use(admin);
  if (started.arbiter) (conduct ?? conducting(tier, config, { log, own }))?.(started.arbiter);
  else if (started.reload !== undefined) own.use(place.onReload(() => started.reload?.()));
  if (tier.preFork && place.superior) own.use(tellUnderway((ms) => listening.underway?.(ms) ?? [], place.superior));
  place.ready({ listening, admin, reloads: started.reload !== undefined });
  return listening;
}

/** Of a tier with the signals of a pre-fork server: minds them from now on. */
function conducting<S extends TierTable>(
  { preFork }: Pick<TierOptions<S>, 'preFork'>,
  config: object,
  { log, own }: { readonly log: Log; readonly own: AsyncDisposableStack },
): Conductor['conduct'] | undefined {
  if (preFork === undefined) return undefined;
  const conductor = own.use(openConductor((config as Partial<SupervisionConfig>).touchFile ?? '', log));
  return (workers) => conductor.conduct(workers);
}

/** Resolves once the tier was told to stop and has drained; at once when that came before it listened. */
async function stopped(
  started: Drainable | Told,
  deadlineMs: number,
  { place, log }: { readonly place: Place; readonly log: Log },
): Promise<'clean' | 'cut'> {
  const { signal, idleMs, isQuick } = await place.told;
  log.info({ signal }, isQuick ? 'ending at once' : 'draining');
  if ('signal' in started) return 'clean';
  const cut = async (): Promise<'clean'> => {
    await started.drain(0);
    return 'clean';
  };
  if (isQuick) return await cut();
  let isCut = false;
  void place.quick?.then(() => {
    isCut = true;
    return cut();
  });
  const outcome = await started.drain(deadlineMs, idleMs);
  if (isCut) return 'clean';
  if (outcome === 'cut') log.warn(`requests were still in flight after ${deadlineMs}ms and were cut`);
  return outcome;
}
