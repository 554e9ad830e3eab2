/** The life of the primary process of a tier with several workers: it serves the admin API, and no client. */
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { type Admin, openAdmin } from '../admin.ts';
import { removeStale } from '../bind.ts';
import { closeInTime } from '../close-in-time.ts';
import { complain, complaintOf } from '../complaint.ts';
import { type HandOver, handOverAtSignal } from '../hand-over/hand-over.ts';
import { type Inherited, inodeOf } from '../hand-over/inherited.ts';
import type { OpenLog } from '../log.ts';
import { openMetrics } from '../metrics.ts';
import { estateOf } from '../place.ts';
import { privateFolder } from '../private-folder.ts';
import type { ConfigOf } from '../settings.ts';
import type { sharedSettings } from '../shared-settings.ts';
import { reloadAtHangUp, toldToStop } from '../signals.ts';
import type { TierOptions, TierTable } from '../tier.ts';
import { type Address, formatAddress } from '../units.ts';
import { Crew } from './crew.ts';
import { CrewFailed } from './crew-failed.ts';
import { elsewhere, tellingOf } from './fan-out.ts';
import type { ForMany } from './for-many.ts';
import { isRecord, merged } from './merge.ts';
import { SharedSocket } from './shared-socket.ts';
import { WorkerMetrics } from './worker-metrics.ts';

export type CrewSettings<S extends TierTable> = {
  readonly config: ConfigOf<S>;
  readonly shared: ConfigOf<ReturnType<typeof sharedSettings>>;
  readonly workers: number;
  readonly workerTimeout: number;
  readonly inherited: Inherited;
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
  const { gracefulTimeout } = settings.shared;
  const { inherited } = settings;
  let atOnce: () => void = () => undefined;
  const stop = toldToStop(() => {
    atOnce();
    process.exit(1);
  });
  const handOver = handOverAtSignal(open, stop);
  const told = Promise.race([stop, handOver.done]);
  try {
    const folder = await privateFolder(tier.name, '1234567.sock', 'several workers');
    const remove = () => rmSync(folder, { recursive: true, force: true });
    own.defer(remove);
    const crew = own.use(await crewOf(tier, settings, folder, open));
    atOnce = () => {
      crew.kill();
      remove();
    };
    let isUp = false;
    // Those that are starting reload once they have: one of them may have read what was there before, another what is now.
    let many: ForMany = {};
    const hangUp = () => {
      many.reload?.();
      if (isUp && !crew.reloads && !many.reload) process.kill(process.pid, 'SIGTERM');
      else crew.reload();
    };
    own.use(reloadAtHangUp(hangUp));
    process.on('SIGUSR1', () => crew.reopenLogs());
    const took = (given: ForMany) => {
      many = given;
    };
    const up = startCrew(tier, settings, { crew, open, own, handOver, took });
    await Promise.race([up, told]);
    isUp = true;
    const { signal, idleMs } = await told;
    log.info({ signal }, 'draining');
    const outcome = await crew.drain(gracefulTimeout, idleMs);
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

async function crewOf<S extends TierTable>(
  tier: TierOptions<S>,
  { shared, workers, workerTimeout }: CrewSettings<S>,
  folder: string,
  { log }: OpenLog,
): Promise<Crew> {
  const listen = await settled(shared.listen);
  const env = { [tier.table.listen.env]: formatAddress(listen) };
  return new Crew({ count: workers, folder, env, log, timeoutMs: workerTimeout, fd: givenSocket(listen) });
}

/** The number of the socket that this process was given, as long as it is open: with the last worker it goes. */
function givenSocket({ fd }: Address): (() => number | undefined) | undefined {
  if (fd === undefined) return undefined;
  const inode = inodeOf(fd);
  return () => (inodeOf(fd) === inode ? fd : undefined);
}

/** Who replaces a worker must listen where it did: port 0 becomes one that is free now. */
async function settled(listen: Address): Promise<Address> {
  if (listen.fd !== undefined) return listen;
  if (listen.kind === 'unix') await removeStale(listen.path);
  if (listen.kind === 'unix' || listen.port !== 0) return listen;
  const trial = createServer().listen({ host: listen.host, port: 0 });
  await once(trial, 'listening');
  const { port } = trial.address() as AddressInfo;
  trial.close();
  await once(trial, 'close');
  return { ...listen, port };
}

type Parts = {
  readonly crew: Crew;
  readonly open: OpenLog;
  readonly own: AsyncDisposableStack;
  readonly handOver: HandOver;
  took(many: ForMany): void;
};

async function startCrew<S extends TierTable>(
  tier: TierOptions<S>,
  { config, shared, shown, inherited }: CrewSettings<S>,
  { crew, open: { log, announce, relay }, own, handOver, took }: Parts,
): Promise<void> {
  const metrics = openMetrics(tier.name);
  metrics.gauge('trivet_workers', 'Workers that serve.', () => crew.hands.length);
  metrics.counter('trivet_workers_replaced_total', 'Workers that ended without being told.', () => crew.replaced);
  const many = (await tier.forMany?.({ config, crew, log, metrics, own, relay })) ?? {};
  took(many);
  const counted = new WorkerMetrics();
  crew.onGone = (pid) => counted.gone(pid);
  const socket = own.use(new SharedSocket());
  const address = await crew.start();
  const bornAt = performance.now();
  const admin = await openAdmin({
    tier: tier.name,
    listen: shared.adminListen,
    token: shared.adminToken,
    registry: metrics.registry,
    log,
    ready: () => readiness(crew),
    stats: async () => ({
      tier: tier.name,
      pid: process.pid,
      uptimeSeconds: Math.round((performance.now() - bornAt) / 1000),
      ...(await statsOf(crew, many)),
    }),
    metrics: async () => {
      await counted.ask(crew);
      return await counted.text(metrics.registry);
    },
    config: shown,
    routes(app) {
      many.adminRoutes?.(app);
      elsewhere(app, crew);
    },
  });
  own.use(admin);
  const pids = crew.hands.map(({ pid }) => pid);
  announce('listening', { address, admin: admin.url, pid: process.pid, workers: pids });
  offerOf(handOver, { address, admin, socket }, inherited.isOwner);
  inherited.tell({ trivet: 'ready' });
}

type Shown = { readonly address: string; readonly admin: Admin; readonly socket: SharedSocket };

/** So long connections that were accepted may be on their way to a worker, milliseconds. */
const ON_THEIR_WAY_MS = 250;

function offerOf(handOver: HandOver, { address, admin, socket }: Shown, owns: boolean): void {
  const handle = () => (URL.canParse(address) ? socket.on(Number(new URL(address).port || 80)) : undefined);
  handOver.offer({
    estate() {
      if (address.startsWith('unix:')) return 'several workers serve a Unix socket, whose file would be removed';
      return estateOf({ fd: handle()?.fd, url: address }, admin, owns);
    },
    async letGo() {
      admin.letGo();
      // Before the workers drain: none of them is to be handed what it does not take any more.
      handle()?.close();
      await setTimeout(ON_THEIR_WAY_MS);
    },
  });
}

/** Ready when every worker is. */
async function readiness(crew: Crew): Promise<true | string> {
  if (crew.isDraining) return 'draining';
  const { hands, size } = crew;
  const missing = size - hands.length;
  if (missing > 0) return `${missing} of ${size} workers ${missing === 1 ? 'is' : 'are'} being started`;
  const answers = await tellingOf(hands, '/ready', 503);
  for (const hand of hands) {
    const told = answers.find((answer) => answer.hand === hand)?.told;
    if (!isRecord(told)) return `worker ${hand.number} does not answer`;
    if (told.ready !== true) return `worker ${hand.number}: ${told.why}`;
  }
  return true;
}

async function statsOf(crew: Crew, { stats: rules = {}, ownStats }: ForMany): Promise<object> {
  const answers = await tellingOf(crew.hands, '/stats');
  const workers = answers.map(({ hand, told }) => ({ worker: hand.number, ...few(told) }));
  const rss = process.memoryUsage.rss();
  const parts = [...answers.map(({ told }) => (isRecord(told) ? rest(told) : {})), { rssBytes: rss, ...ownStats?.() }];
  const all = merged(parts, rules);
  return { ...(isRecord(all) ? all : {}), workers, replaced: crew.replaced };
}

/** What is told of each worker. */
function few(told: unknown): object {
  if (!isRecord(told)) return {};
  const { pid, uptimeSeconds, rssBytes, connections } = told;
  return { pid, uptimeSeconds, rssBytes, connections };
}

function rest({ tier: _tier, pid: _pid, uptimeSeconds: _uptime, ...others }: Record<string, unknown>) {
  return others;
}
