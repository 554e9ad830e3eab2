/**
 * The life of a tier's process: settings, log, the tier itself, admin, the line `listening`, and on SIGTERM the
 * drain. What was opened is closed in reverse order, also when starting fails half-way.
 */
import type { Express } from 'express';
import type { Tier } from '../semantics/fault.ts';
import type { AccessLog } from './access-log.ts';
import { adminProblem } from './admin.ts';
import { askedOf, check, failWith, say, strayArgument } from './check.ts';
import { complain, complaintOf } from './complaint.ts';
import { type Inherited, takeInherited } from './hand-over/inherited.ts';
import { eachOf, type Listening, together } from './listening.ts';
import { live } from './live.ts';
import { StartProblem } from './load-file.ts';
import type { Log, OpenLog } from './log.ts';
import type { Metrics } from './metrics.ts';
import { withPidFile } from './pid-file.ts';
import { alone, logOf, type Shared, under } from './place.ts';
import { type Presets, underPreset } from './preset.ts';
import { type ConfigOf, help, load, type Rule, share, shown, type Table, unknownNames } from './settings.ts';
import type { Prefix, sharedSettings, workersSettings } from './shared-settings.ts';
import type { SupervisionConfig } from './supervision-settings.ts';
import type { Address } from './units.ts';
import type { Conducted } from './workers/conducted.ts';
import type { ForMany, OfMany } from './workers/for-many.ts';
import type { Underway } from './workers/messages.ts';
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
  /** Writes a line of JSON of another process into the log. */
  relay(line: string): void;
  /** The tier's `arbiter`, from now on and not only once it has started: its workers may take long to come up. */
  conduct?(workers: Conducted): void;
};

/** The part of a listener that the life of a process needs; `kit/http1` has the listener. */
export type Drainable = {
  readonly url: string;
  readonly isDraining: boolean;
  /** The listening socket; undefined where another process has it. */
  readonly fd?: number | undefined;
  /** Where it listens besides. */
  readonly alsoAt?: readonly Pick<Drainable, 'url' | 'fd'>[];
  connections(): number;
  /**
   * Resolves when nothing is in flight any more; `cut` when the deadline had to end some. `idleMs`: for so long clients may
   * still ask on connections that they have; another process has the socket.
   */
  drain(deadlineMs: number, idleMs?: number): Promise<'clean' | 'cut'>;
  /** Requests that have been in flight for so long: for the log of whoever sees this process crash, or kills it. */
  underway?(olderThanMs: number): readonly Underway[];
};

export type Started = {
  readonly listening: Drainable;
  /** `true`, or why this tier should get no traffic. */
  ready?(): true | string;
  stats?(): object;
  adminRoutes?(app: Express): void;
  /** At SIGHUP: takes the files of the user as they are now. Without it, SIGHUP ends the process. */
  reload?(): void;
  /** Of workers of its own: has them replaced at SIGHUP and `POST /reload`, and more or fewer of them at SIGTTIN and SIGTTOU. */
  readonly arbiter?: Conducted;
};

export type TierTable = Table & ReturnType<typeof sharedSettings>;

export type TierOptions<S extends TierTable> = {
  readonly name: Tier;
  readonly prefix: Prefix;
  readonly table: S;
  readonly rules?: readonly Rule<S>[];
  /** May a service manager pass several sockets? */
  readonly takesSeveral?: boolean;
  /** By the names that the tier's setting `PRESET` knows. */
  readonly presets?: Presets;
  /** With `--check`: loads what `start` would load, and opens nothing. Rejects with what is wrong. */
  check?(config: ConfigOf<S>): Promise<void>;
  start(runtime: Runtime<ConfigOf<S>>): Promise<Started>;
  /**
   * That the tier has the signals of a pre-fork server, as Gunicorn's arbiter. `isSupervised`: also that its workers are
   * processes of this tier that an arbiter looks after, however few; else it has them itself, if any. `hangGraceMs`: what
   * a worker that hangs may take, beyond the time after which it is killed, to end by itself.
   */
  readonly preFork?: { isSupervised(config: ConfigOf<S>): boolean; readonly hangGraceMs?: number };
  /** What the admin API of several workers has of this tier; it is that of the primary process. */
  forMany?(many: OfMany<ConfigOf<S>>): ForMany | Promise<ForMany>;
};

/** Runs a tier until it is told to stop; ends the process with the exit code that says how that went. */
export async function runTier<S extends TierTable>(options: TierOptions<S>): Promise<void> {
  const { table, presets = {}, prefix } = options;
  const tier = { ...options, table: underPreset(table, presets, process.env[`${prefix}_PRESET`]) };
  const stray = strayArgument(process.argv.slice(2));
  if (stray !== undefined) return complain(tier.name, complaintOf(new StartProblem(stray)));
  if (process.argv.includes('--help')) {
    process.stdout.write(help(`node ${tier.name}/main.ts`, tier.table));
    return;
  }
  const checked = askedOf(process.argv);
  say(tier.table, checked, process.env);
  const asked = readSettings(tier);
  if (asked === undefined) return failWith(checked);
  if (checked !== undefined) return await check(tier, asked, { asked: checked, env: process.env });
  // Who started this process is gone already, and nobody would ever tell it to stop.
  if (process.send !== undefined && !process.connected) process.exit();
  const post = process.connected ? readPost(process.env[postVariable]) : undefined;
  const open = logOf(tier.name, asked as Shared, post);
  if (open === undefined) return;
  if (post !== undefined) await serveUnder(tier, asked, open, post);
  else await serve(tier, asked, open);
}

async function serveUnder<S extends TierTable>(
  tier: TierOptions<S>,
  asked: ConfigOf<S>,
  open: OpenLog,
  post: Post,
): Promise<void> {
  const config = share(tier.table, listeningOn(asked, onSockets((asked as Shared).listen, post.fd)), post.of);
  await live(tier, { config, open, place: await under(post, open), shown: shownOf(tier) });
}

async function serve<S extends TierTable>(tier: TierOptions<S>, asked: ConfigOf<S>, open: OpenLog): Promise<void> {
  for (const { name, nearest } of unknownNames(tier.table, tier.prefix, process.env)) {
    open.log.warn(`${name} is no setting of ${tier.name}; did you mean ${nearest}?`);
  }
  const inherited = inheritedBy(tier, asked as Shared);
  if (inherited === undefined) return await open.close();
  const config = listeningOn(asked, inherited.listen ?? withAccess(asked as Shared), inherited.admin);
  const shared = config as Shared;
  const { workers = 1, workerTimeout = 0 } = config as Partial<ConfigOf<ReturnType<typeof workersSettings>>>;
  const supervised = supervisedBy(tier, config);
  if (tier.preFork ? !supervised : workers === 1) {
    return await live(tier, { config, open, place: alone(tier, shared, open, inherited), shown: shownOf(tier) });
  }
  // Not before it is needed: a tier of one process has nothing to do with any of it.
  const { runCrew } = await import('./workers/run-crew.ts');
  const hangMs = supervised?.hangMs ?? workerTimeout;
  const of = { config, shared, workers, workerTimeout: hangMs, inherited, supervised, shown: shownOf(tier) };
  await runCrew(tier, of, open);
}

function shownOf({ table }: { readonly table: Table }): () => object {
  return () => shown(table, process.env);
}

function supervisedBy<S extends TierTable>(tier: TierOptions<S>, config: ConfigOf<S>) {
  if (tier.preFork?.isSupervised(config) !== true) return undefined;
  const { timeout = 0, startupTimeout = 0, touchFile = '' } = config as Partial<SupervisionConfig>;
  const { hangGraceMs } = tier.preFork;
  return { hangMs: timeout, hangGraceMs, startupMs: startupTimeout, touch: touchFile, env: process.env };
}

/** The settings, with sockets that this process was given in place of addresses that it would bind. */
function listeningOn<C>(config: C, listen: Listening, admin: Partial<Address> = {}): C {
  const { adminListen } = config as Shared;
  return Object.freeze({ ...config, listen, adminListen: { ...adminListen, ...admin } });
}

/** A worker's sockets, which have numbers from `first` on. */
function onSockets(listen: Listening, first: number | undefined): Listening {
  if (first === undefined) return listen;
  const [address, ...more] = eachOf(listen);
  return together([{ ...address, fd: first }, ...more.map((one, at) => ({ ...one, fd: first + 1 + at }))]);
}

/** With what is set of the sockets that this process is to make. */
function withAccess({ listen, socketMode: mode, socketOwner }: Shared): Listening {
  const access = { ...(mode !== undefined && { mode }), ...socketOwner };
  if (Object.keys(access).length === 0) return listen;
  const [first, ...more] = eachOf(listen);
  return together([{ ...first, access }, ...more.map((one) => ({ ...one, access }))]);
}

type Named = Pick<TierOptions<TierTable>, 'name' | 'prefix' | 'takesSeveral'>;

function inheritedBy({ name, prefix, takesSeveral }: Named, { listen, pidFile }: Shared): Inherited | undefined {
  try {
    return withPidFile(takeInherited(process.env, process.pid, listen, takesSeveral), pidFile, `${prefix}_PID_FILE`);
  } catch (error) {
    complain(name, complaintOf(error));
    return undefined;
  }
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
