/**
 * The life of a tier's process: settings, log, the tier itself, admin, the line `listening`, and on SIGTERM the
 * drain. What was opened is closed in reverse order, also when starting fails half-way.
 */
import { isatty } from 'node:tty';
import type { Express } from 'express';
import type { Tier } from '../semantics/fault.ts';
import type { AccessLog } from './access-log.ts';
import { adminProblem, openAdmin } from './admin.ts';
import { StartProblem } from './load-file.ts';
import { type Log, type OpenLog, openLog } from './log.ts';
import { type Metrics, openMetrics } from './metrics.ts';
import { type ConfigOf, help, load, type Rule, SettingsProblem, shown, type Table, unknownNames } from './settings.ts';
import type { Prefix, sharedSettings } from './shared-settings.ts';
import { formatAddress } from './units.ts';

/** What a tier gets to start with. `own` closes what is put into it, last one first. */
export type Runtime<C> = {
  readonly config: C;
  readonly log: Log;
  readonly accessLog: AccessLog;
  readonly metrics: Metrics;
  readonly own: AsyncDisposableStack;
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
};

const exitConfig = 78;

/** Runs a tier until it is told to stop; ends the process with the exit code that says how that went. */
export async function runTier<S extends TierTable>(tier: TierOptions<S>): Promise<void> {
  if (process.argv.includes('--help')) {
    process.stdout.write(help(`node ${tier.name}/main.ts`, tier.table));
    return;
  }
  const config = readSettings(tier);
  if (config === undefined) return;
  if (process.argv.includes('--check')) return await check(tier, config);
  const shared = config as ConfigOf<ReturnType<typeof sharedSettings>>;
  const { logLevel: level, logFormat: format, logBuffer: buffer, logSample: sample } = shared;
  const open = openLog({ tier: tier.name, level, format, buffer, sample });
  for (const { name, nearest } of unknownNames(tier.table, tier.prefix, process.env)) {
    open.log.warn(`${name} is no setting of ${tier.name}; did you mean ${nearest}?`);
  }
  const own = new AsyncDisposableStack();
  const told = toldToStop();
  try {
    const started = await Promise.race([startTier(tier, config, open, own), told]);
    const outcome = await stopped(started, shared.gracefulTimeout, { told, log: open.log });
    process.exitCode = outcome === 'clean' ? 0 : 1;
  } catch (error) {
    complain(tier.name, error);
  }
  await own.disposeAsync();
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
    complain(tier.name, error);
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
    complain(tier.name, error);
    return undefined;
  }
}

async function startTier<S extends TierTable>(
  tier: TierOptions<S>,
  config: ConfigOf<S>,
  { log, accessLog, announce, lost }: OpenLog,
  own: AsyncDisposableStack,
): Promise<Drainable> {
  const shared = config as ConfigOf<ReturnType<typeof sharedSettings>>;
  const metrics = openMetrics(tier.name);
  metrics.counter('trivet_log_lines_dropped_total', 'Log lines that were lost because nobody took them.', lost);
  const started = await tier.start({ config, log, accessLog, metrics, own });
  const { listening } = started;
  metrics.gauge('trivet_connections', 'Client connections that are open.', () => listening.connections());
  const bornAt = performance.now();
  const admin = await openAdmin({
    tier: tier.name,
    listen: shared.adminListen,
    token: shared.adminToken,
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
    ...(started.adminRoutes ? { routes: (app: Express) => started.adminRoutes?.(app) } : {}),
  });
  own.use(admin);
  if (started.reload !== undefined) own.use(reloadAtHangUp(() => started.reload?.()));
  announce('listening', { address: listening.url, admin: admin.url, pid: process.pid });
  return listening;
}

/** SIGHUP reloads, but when it comes because the terminal was closed: then nobody is left who wants this process. */
function reloadAtHangUp(reload: () => void): Disposable {
  const hadTerminal = isatty(1);
  const hangUp = () => (hadTerminal && !isatty(1) ? process.kill(process.pid, 'SIGTERM') : reload());
  process.on('SIGHUP', hangUp);
  return { [Symbol.dispose]: () => void process.off('SIGHUP', hangUp) };
}

type Told = { readonly signal: string };

/** Resolves at the first signal; a second one ends the process at once. */
function toldToStop(): Promise<Told> {
  const { promise, resolve } = Promise.withResolvers<Told>();
  let isTold = false;
  const tell = (signal: string) => {
    isTold = true;
    resolve({ signal });
  };
  for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => (isTold ? process.exit(1) : tell(name)));
  // Started by the launcher: when that is gone, nobody is left to stop us.
  process.once('disconnect', () => tell('disconnect'));
  process.channel?.unref();
  return promise;
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

/** Says on standard error what is wrong, one line per problem, and sets the exit code. */
function complain(name: Tier, error: unknown): void {
  const problems = error instanceof SettingsProblem ? error.problems : [message(error)];
  for (const problem of problems) process.stderr.write(`${name}: ${problem}\n`);
  process.exitCode = error instanceof SettingsProblem || error instanceof StartProblem ? exitConfig : 1;
}

function message(error: unknown): string {
  if (error instanceof StartProblem) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return `${placeOf(error)} is in use by another process`;
  if (code === 'EACCES' && syscall === 'listen') return `${placeOf(error)}: ${whyDenied(error)}`;
  return syscall === 'listen' ? error.message : (error.stack ?? error.message);
}

type ListenError = NodeJS.ErrnoException & { readonly address?: string; readonly port?: number };

// A folder that does not exist is answered with the same code (libuv).
function whyDenied({ port = -1 }: ListenError): string {
  return `${port < 0 ? 'there is no such folder, or ' : ''}this user may not listen there`;
}

function placeOf({ address = '', port = -1 }: ListenError): string {
  return formatAddress(port < 0 ? { kind: 'unix', path: address } : { kind: 'tcp', host: address, port });
}
