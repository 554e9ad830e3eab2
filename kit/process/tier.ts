/**
 * The life of a tier's process: settings, log, the tier itself, admin, the line `listening`, and on SIGTERM the
 * drain. What was opened is closed in reverse order, also when starting fails half-way.
 */
import type { Express } from 'express';
import type { Tier } from '../semantics/fault.ts';
import type { AccessLog } from './access-log.ts';
import { adminProblem, openAdmin } from './admin.ts';
import { closeInTime } from './close-in-time.ts';
import { complain, complaintOf } from './complaint.ts';
import { type Log, type OpenLog, openLog } from './log.ts';
import { type Metrics, openMetrics } from './metrics.ts';
import { type ConfigOf, help, load, type Rule, share, shown, type Table, unknownNames } from './settings.ts';
import type { Prefix, sharedSettings, workersSettings } from './shared-settings.ts';
import { reloadAtHangUp, type Told, toldToStop } from './signals.ts';
import type { Address } from './units.ts';
import type { ForMany, OfMany } from './workers/for-many.ts';
import { type Post, postVariable, readPost } from './workers/post.ts';
import type { Siblings } from './workers/siblings.ts';

/** What a tier gets to start with. `own` closes what is put into it, last one first. */
export type Runtime<C> = {
  readonly config: C;
  readonly log: Log;
  readonly accessLog: AccessLog;
  readonly metrics: Metrics;
  readonly own: AsyncDisposableStack;
  /** The other workers, in a process that is one of several. */
  readonly siblings?: Siblings;
};

/** The part of a listener that the life of a process needs; `kit/http1` has the listener. */
export type Drainable = {
  readonly url: string;
  readonly isDraining: boolean;
  connections(): number;
  /** Resolves when nothing is in flight any more; `cut` when the deadline had to end some. */
  drain(deadlineMs: number): Promise<'clean' | 'cut'>;
};

export type Started = {
  readonly listening: Drainable;
  /** `true`, or why this tier should get no traffic. */
  ready?(): true | string;
  stats?(): object;
  adminRoutes?(app: Express): void;
  /** At SIGHUP: takes the files of the user as they are now. Without it, SIGHUP ends the process. */
  reload?(): void;
};

export type TierTable = Table & ReturnType<typeof sharedSettings>;

export type TierOptions<S extends TierTable> = {
  readonly name: Tier;
  readonly prefix: Prefix;
  readonly table: S;
  readonly rules?: readonly Rule<S>[];
  /** With `--check`: loads what `start` would load, and opens nothing. Rejects with what is wrong. */
  check?(config: ConfigOf<S>): Promise<void>;
  start(runtime: Runtime<ConfigOf<S>>): Promise<Started>;
  /** What the admin API of several workers has of this tier; it is that of the primary process. */
  forMany?(many: OfMany<ConfigOf<S>>): ForMany | Promise<ForMany>;
};

/** Where a process stands: alone, or as a worker under a primary. */
type Place = {
  readonly told: Promise<Told>;
  readonly admin: { readonly listen: Address; readonly token: string };
  readonly siblings?: Siblings;
  ready(listening: Drainable, adminUrl: string, reloads: boolean): void;
  onReload(reload: () => void): Disposable;
  complain(error: unknown): void | Promise<void>;
};

/** Runs a tier until it is told to stop; ends the process with the exit code that says how that went. */
export async function runTier<S extends TierTable>(tier: TierOptions<S>): Promise<void> {
  if (process.argv.includes('--help')) {
    process.stdout.write(help(`node ${tier.name}/main.ts`, tier.table));
    return;
  }
  const config = readSettings(tier);
  if (config === undefined) return;
  if (process.argv.includes('--check')) return await check(tier, config);
  const post = process.connected ? readPost(process.env[postVariable]) : undefined;
  const shared = config as ConfigOf<ReturnType<typeof sharedSettings>>;
  const { logLevel: level, logFormat: format, logBuffer: buffer, logSample: sample } = shared;
  const open = openLog({ tier: tier.name, level, format, buffer, sample, worker: post?.number });
  if (post !== undefined)
    return await live(tier, share(tier.table, config, post.of), open, await under(post, open.log));
  for (const { name, nearest } of unknownNames(tier.table, tier.prefix, process.env)) {
    open.log.warn(`${name} is no setting of ${tier.name}; did you mean ${nearest}?`);
  }
  const { workers = 1, workerTimeout = 0 } = config as Partial<ConfigOf<ReturnType<typeof workersSettings>>>;
  if (workers === 1) return await live(tier, config, open, alone(tier, shared, open));
  // Not before it is needed: a tier of one process has nothing to do with any of it.
  const { runCrew } = await import('./workers/run-crew.ts');
  await runCrew(tier, { config, shared, workers, workerTimeout, shown: () => shown(tier.table, process.env) }, open);
}

function alone<S extends TierTable>(
  { name }: TierOptions<S>,
  { adminListen, adminToken }: ConfigOf<ReturnType<typeof sharedSettings>>,
  { announce }: OpenLog,
): Place {
  return {
    told: toldToStop(),
    admin: { listen: adminListen, token: adminToken },
    ready: ({ url }, admin) => announce('listening', { address: url, admin, pid: process.pid }),
    onReload: reloadAtHangUp,
    complain: (error) => complain(name, complaintOf(error)),
  };
}

async function under(post: Post, log: Log): Promise<Place> {
  const { takeUp } = await import('./workers/duty.ts');
  const duty = takeUp(post, log);
  return {
    ...duty,
    admin: { listen: { kind: 'unix', path: post.admin }, token: '' },
    ready: ({ url }, _admin, reloads) => duty.ready(url, reloads),
    async complain(error) {
      const complaint = complaintOf(error);
      process.exitCode = complaint.code;
      await duty.failed(complaint);
    },
  };
}

/** From the start to the end of a process that serves. */
async function live<S extends TierTable>(
  tier: TierOptions<S>,
  config: ConfigOf<S>,
  open: OpenLog,
  place: Place,
): Promise<void> {
  const own = new AsyncDisposableStack();
  const { gracefulTimeout } = config as ConfigOf<ReturnType<typeof sharedSettings>>;
  try {
    const started = await Promise.race([startTier(tier, config, { open, own, place }), place.told]);
    const outcome = await stopped(started, gracefulTimeout, { told: place.told, log: open.log });
    process.exitCode = outcome === 'clean' ? 0 : 1;
  } catch (error) {
    await place.complain(error);
  }
  await closeInTime(own, open.log);
  await open.close();
  // Everything is closed; what still holds the loop (a timer of a library) must not hold the process.
  process.exit();
}

/** Says what would keep the tier from starting, as `nginx -t` and `varnishd -C` do, and starts nothing. */
async function check<S extends TierTable>(tier: TierOptions<S>, config: ConfigOf<S>): Promise<void> {
  for (const { name, nearest } of unknownNames(tier.table, tier.prefix, process.env)) {
    process.stderr.write(`${tier.name}: ${name} is no setting; did you mean ${nearest}?\n`);
  }
  try {
    await tier.check?.(config);
    process.stdout.write(`${tier.name}: ${tier.check === undefined ? 'the settings are ok' : 'ok'}\n`);
  } catch (error) {
    complain(tier.name, complaintOf(error));
  }
  // A file of the user may have begun something that holds the loop.
  process.exit();
}

function readSettings<S extends TierTable>(tier: TierOptions<S>): ConfigOf<S> | undefined {
  const admin: Rule<S> = (config) => {
    const shared = config as Partial<ConfigOf<ReturnType<typeof sharedSettings>>>;
    return adminProblem(tier.prefix, shared.adminListen, shared.adminToken);
  };
  try {
    return load(tier.table, process.env, [admin, ...(tier.rules ?? [])]);
  } catch (error) {
    complain(tier.name, complaintOf(error));
    return undefined;
  }
}

type Parts = { readonly open: OpenLog; readonly own: AsyncDisposableStack; readonly place: Place };

async function startTier<S extends TierTable>(
  tier: TierOptions<S>,
  config: ConfigOf<S>,
  { open: { log, accessLog, lost }, own, place }: Parts,
): Promise<Drainable> {
  const metrics = openMetrics(tier.name);
  metrics.counter('trivet_log_lines_dropped_total', 'Log lines that were lost because nobody took them.', lost);
  const { siblings } = place;
  const started = await tier.start({ config, log, accessLog, metrics, own, ...(siblings && { siblings }) });
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
    config: () => shown(tier.table, process.env),
    routes(app) {
      // For the primary, which makes one text of all of them.
      if (siblings) app.get('/metrics.json', async (_, to) => void to.json(await metrics.registry.getMetricsAsJSON()));
      started.adminRoutes?.(app);
    },
  });
  own.use(admin);
  if (started.reload !== undefined) own.use(place.onReload(() => started.reload?.()));
  place.ready(listening, admin.url, started.reload !== undefined);
  return listening;
}

/** Resolves once the tier was told to stop and has drained; at once when that came before it listened. */
async function stopped(
  started: Drainable | Told,
  deadlineMs: number,
  { told, log }: { readonly told: Promise<Told>; readonly log: Log },
): Promise<'clean' | 'cut'> {
  log.info(await told, 'draining');
  if ('signal' in started) return 'clean';
  const outcome = await started.drain(deadlineMs);
  if (outcome === 'cut') log.warn(`requests were still in flight after ${deadlineMs}ms and were cut`);
  return outcome;
}
