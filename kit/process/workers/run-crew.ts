/** The life of the primary process of a tier with several workers: it serves the admin API, and no client. */
import { rmSync } from 'node:fs';
import { openAdmin } from '../admin.ts';
import { closeInTime } from '../close-in-time.ts';
import { complain, complaintOf, underSetting } from '../complaint.ts';
import { handOverAtSignal } from '../hand-over/hand-over.ts';
import type { Inherited } from '../hand-over/inherited.ts';
import { type HeldSocket, holdSockets } from '../held-socket.ts';
import type { OpenLog } from '../log.ts';
import { type Metrics, openMetrics } from '../metrics.ts';
import { addressesOf } from '../place.ts';
import { privateFolder } from '../private-folder.ts';
import type { ConfigOf, Environment } from '../settings.ts';
import type { sharedSettings } from '../shared-settings.ts';
import { lastAskMs, reloadAtHangUp, type Stop, type Told, toldByLetters, toldToStop } from '../signals.ts';
import type { TierOptions, TierTable } from '../tier.ts';
import { formatAddress } from '../units.ts';
import { conduct, reloadRoute } from './conducted.ts';
import { Crew, type CrewEnding, type CrewOptions } from './crew.ts';
import { CrewFailed } from './crew-failed.ts';
import { givenSocket, offerHeld, offerShared, type Shown, settled } from './crew-socket.ts';
import { readiness, statsOf } from './crew-told.ts';
import { elsewhere } from './fan-out.ts';
import type { ForMany } from './for-many.ts';
import { launchOnSockets } from './launch.ts';
import { WorkerMetrics } from './worker-metrics.ts';

/** Of workers that an arbiter replaces for other code, for their age, for the number of them that is wanted. */
export type Supervised = {
  readonly startupMs: number;
  /** What one that hangs may take to end by itself. */
  readonly hangGraceMs: number | undefined;
  /** A file whose change reloads; nothing is none. */
  readonly touch: string;
  /** Of this process. */
  readonly env: Environment;
};

export type CrewSettings<S extends TierTable> = {
  readonly config: ConfigOf<S>;
  readonly shared: ConfigOf<ReturnType<typeof sharedSettings>>;
  readonly workers: number;
  readonly workerTimeout: number;
  readonly inherited: Inherited;
  readonly supervised?: Supervised | undefined;
  /** As in `/config`. */
  shown(): object;
};

/** Runs a tier of several processes until it is told to stop; ends the process with the exit code that says how that went. */
export async function runCrew<S extends TierTable>(
  tier: TierOptions<S>,
  settings: CrewSettings<S>,
  open: OpenLog,
): Promise<void> {
  const own = new AsyncDisposableStack();
  const { log } = open;
  const { inherited, supervised } = settings;
  let atOnce: () => void = () => undefined;
  const stop = supervised === undefined ? toldTwice(() => atOnce()) : toldByLetters();
  const handOver = handOverAtSignal(open, stop.told);
  const told = Promise.race([stop.told, handOver.done]);
  try {
    const folder = await privateFolder(tier.name, '1234567.sock', 'several workers');
    const remove = () => rmSync(folder, { recursive: true, force: true });
    own.defer(remove);
    const held = supervised && (await heldFor(tier.table, settings.shared, own));
    const crew = own.use(new Crew(await crewOptions(tier, settings, { folder, open, held })));
    atOnce = () => {
      crew.kill();
      remove();
    };
    const { offer, close } = held ? offerHeld(handOver, held) : offerShared(handOver, own, settings.shared);
    process.on('SIGUSR1', () => crew.reopenLogs());
    await Promise.race([startCrew(tier, settings, { crew, open, own, offer }), told]);
    const asked = await told;
    log.info({ signal: asked.signal }, asked.isQuick ? 'ending at once' : 'draining');
    const { gracefulTimeout, listen } = settings.shared;
    const { idleMs = listen.isHeldElsewhere ? lastAskMs : undefined } = asked;
    const outcome = await ended(crew, { ...asked, idleMs, close, gracefulMs: gracefulTimeout }, stop);
    process.exitCode = outcome === 'clean' ? 0 : 1;
  } catch (error) {
    const complaint = error instanceof CrewFailed ? error : complaintOf(error);
    complain(tier.name, complaint);
    inherited.tell({ trivet: 'failed', problems: complaint.problems, code: complaint.code });
  }
  await closeInTime(own, log);
  await open.close();
  process.exit();
}

function toldTwice(atOnce: () => void): Stop {
  const told = toldToStop(() => {
    atOnce();
    process.exit(1);
  });
  return { told, quick: new Promise(() => undefined) };
}

function heldFor(
  table: TierTable,
  { listen }: CrewSettings<TierTable>['shared'],
  own: DisposableStack | AsyncDisposableStack,
): Promise<readonly HeldSocket[]> {
  return underSetting(table.listen.env, listen, holdSockets(listen, own));
}

type Ending = Pick<Told, 'isQuick'> & CrewEnding & { readonly gracefulMs: number };

async function ended(crew: Crew, { isQuick, gracefulMs, ...ending }: Ending, { quick }: Stop) {
  let isQuit = isQuick === true;
  void quick.then(async () => {
    isQuit = true;
    await crew.quit();
  });
  if (isQuit) await crew.quit();
  const outcome = await crew.drain(gracefulMs, ending);
  return isQuit ? 'clean' : outcome;
}

type Made = { readonly folder: string; readonly open: OpenLog; readonly held: readonly HeldSocket[] | undefined };

async function crewOptions<S extends TierTable>(
  tier: TierOptions<S>,
  { shared, workers, workerTimeout, supervised }: CrewSettings<S>,
  { folder, open: { log }, held }: Made,
): Promise<CrewOptions> {
  const common = { count: workers, folder, log, timeoutMs: workerTimeout };
  if (supervised === undefined || held === undefined) {
    const listen = await settled(shared.listen);
    return { ...common, env: { [tier.table.listen.env]: formatAddress(listen) }, fd: givenSocket(listen) };
  }
  const listen = held.map(({ address }) => formatAddress(address)).join(',');
  const env = { ...supervised.env, [tier.table.listen.env]: listen };
  const fds = held.map(({ fd }) => fd);
  const limits = { startupMs: supervised.startupMs || Number.POSITIVE_INFINITY, gracefulMs: shared.gracefulTimeout };
  const { workers: count } = tier.table;
  return {
    ...common,
    hangGraceMs: supervised.hangGraceMs,
    env: {},
    supervision: {
      limits,
      launch: (post) => launchOnSockets(post, count ? { ...env, [count.env]: String(post.of) } : env, fds),
    },
  };
}

type Parts = {
  readonly crew: Crew;
  readonly open: OpenLog;
  readonly own: AsyncDisposableStack;
  offer(shown: Shown): void;
};

async function startCrew<S extends TierTable>(
  tier: TierOptions<S>,
  settings: CrewSettings<S>,
  { crew, open, own, offer }: Parts,
): Promise<void> {
  const { config, shared, shown, inherited, supervised } = settings;
  const { log, announce, relay } = open;
  const metrics = openMetrics(tier.name);
  measure(crew, metrics, supervised !== undefined);
  const minding = supervised ? undefined : mindHangUps(crew, own);
  if (supervised) own.use(conduct(crew.arbiter, supervised.touch, log));
  const many = (await tier.forMany?.({ config, crew, log, metrics, own, relay })) ?? {};
  minding?.took(many);
  const counted = new WorkerMetrics();
  crew.onGone = (pid) => counted.gone(pid);
  const addresses = await crew.start();
  minding?.isUp();
  const bornAt = performance.now();
  const admin = await openAdmin({
    tier: tier.name,
    listen: shared.adminListen,
    setting: tier.table.adminListen.env,
    token: shared.adminToken,
    registry: metrics.registry,
    log,
    ready: () => readiness(crew),
    stats: async () => ({
      tier: tier.name,
      pid: process.pid,
      uptimeSeconds: Math.round((performance.now() - bornAt) / 1000),
      ...(await statsOf(crew, many, supervised !== undefined)),
    }),
    metrics: async () => {
      await counted.ask(crew);
      return await counted.text(metrics.registry);
    },
    config: shown,
    routes(app) {
      many.adminRoutes?.(app);
      if (supervised) reloadRoute(app, crew.arbiter);
      elsewhere(app, crew);
    },
  });
  own.use(admin);
  const pids = crew.hands.map(({ pid }) => pid);
  const [address] = addresses;
  announce('listening', { address, ...addressesOf(addresses), admin: admin.url, pid: process.pid, workers: pids });
  offer({ addresses, admin, owns: inherited.isOwner });
  inherited.tell({ trivet: 'ready' });
}

/** Workers that reload by themselves: those that are starting once they have, for one may have read what was there before. */
function mindHangUps(crew: Crew, own: AsyncDisposableStack) {
  let many: ForMany = {};
  let isUp = false;
  const hangUp = () => {
    many.reload?.();
    if (isUp && !crew.reloads && !many.reload) process.kill(process.pid, 'SIGTERM');
    else crew.reload();
  };
  own.use(reloadAtHangUp(hangUp));
  return {
    took: (given: ForMany) => {
      many = given;
    },
    isUp: () => {
      isUp = true;
    },
  };
}

function measure(crew: Crew, metrics: Metrics, isSupervised: boolean): void {
  metrics.gauge('trivet_workers', 'Workers that serve.', () => crew.hands.length);
  metrics.counter('trivet_workers_replaced_total', 'Workers that ended without being told.', () => crew.replaced);
  if (!isSupervised) return;
  metrics.counters('trivet_worker_ends_total', 'Workers that ended, by reason.', ['reason'], () =>
    Object.entries(crew.arbiter.ends).map(([reason, count]) => [{ reason }, count] as const),
  );
}
