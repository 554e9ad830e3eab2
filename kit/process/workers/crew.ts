/**
 * The workers of a tier, as its primary process sees them: told, asked, drained; an arbiter starts them and replaces those
 * that die. Where they are not supervised the primary holds the listening socket (`node:cluster`) and hands each connection
 * to the next worker in turn; else each accepts from a socket that is all of theirs, and is replaced for other code, too.
 */
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { Arbiter } from '../arbiter/arbiter.ts';
import type { MemberEvents, Seat } from '../arbiter/member.ts';
import type { PlanLimits } from '../arbiter/plan.ts';
import type { Log } from '../log.ts';
import { longestMs } from '../units.ts';
import { Broadcast } from './broadcast.ts';
import { crewFailed } from './crew-failed.ts';
import { Heartbeat } from './heartbeat.ts';
import { launchInCluster } from './launch.ts';
import type { Addresses, FromWorker, Told } from './messages.ts';
import type { Post } from './post.ts';
import { WorkerProcess } from './worker-process.ts';

/** How workers are started that an arbiter looks after in every respect. */
export type Supervision = { readonly limits: PlanLimits; launch(post: Post): ChildProcess };

export type CrewOptions = {
  readonly count: number;
  /** A folder that is private to the tier: for the sockets of the workers' admin APIs. */
  readonly folder: string;
  /** The listening socket, where this process was given one; undefined when that is gone, and it is to be bound anew. */
  readonly fd?: (() => number | undefined) | undefined;
  /** What workers get beside the environment of this process. */
  readonly env: Readonly<Record<string, string>>;
  readonly log: Log;
  /** How long a worker may hang before it is killed, milliseconds; 0: for ever. */
  readonly timeoutMs: number;
  /** And how much longer where one that hangs ends by itself. */
  readonly hangGraceMs?: number | undefined;
  /** How long what is told may take to be confirmed, milliseconds. */
  readonly tellMs?: number;
  readonly supervision?: Supervision | undefined;
};

/** How it ends; `idleMs`: others have the listening socket, and for so long clients may still ask on connections that they have. */
export type CrewEnding = { readonly idleMs?: number | undefined; close?(): Promise<void> };

/** A worker that serves. */
export type Hand = { readonly number: number; readonly pid: number; readonly admin: string };

const TELL_MS = 2_000;
/** Beyond the time that draining may take, for a worker that does not end by itself: it closes what it opened, too. */
export const SLACK_MS = 6_000;
/** Reasons of ends that were asked for. */
const WANTED: ReadonlySet<string> = new Set(['reload', 'resize', 'max-requests', 'max-age', 'max-rss', 'asked']);
/** What one may do yet that is to end at once. */
const QUIT_MS = 1_000;
/** So long those that serve are not told to end yet, while others do: these have the listening socket, and accept nothing. */
const STARTING_MS = 1_000;
/** Others are never told to go, and may take as long as they like to come. */
const NO_LIMITS: PlanLimits = { startupMs: Number.POSITIVE_INFINITY, gracefulMs: Number.POSITIVE_INFINITY };

export class Crew implements AsyncDisposable {
  readonly #options: CrewOptions;
  readonly #arbiter: Arbiter<WorkerProcess>;
  readonly #broadcast: Broadcast;
  readonly #heartbeat: Heartbeat;
  #hasBeenUp = false;
  #addresses: Addresses = [''];
  #reloads = false;
  #isLeaving = false;
  /** A worker is there that was not before. */
  onReady: ((hand: Hand) => void) | undefined;
  /** A worker has ended. */
  onGone: ((pid: number) => void) | undefined;
  /** A worker tells the others. */
  onTold: ((what: unknown) => void) | undefined;

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#broadcast = new Broadcast(options.tellMs ?? TELL_MS);
    const { timeoutMs, hangGraceMs: graceMs, log, supervision, count } = options;
    this.#arbiter = new Arbiter<WorkerProcess>({
      wanted: count,
      limits: supervision?.limits ?? NO_LIMITS,
      log,
      nameOf: (place) => `worker ${place}`,
      spawn: (seat, events) => this.#spawn(seat, events),
      fatal: (worker, end) => crewFailed(worker, end),
      record: (worker) => (supervision ? worker.record : {}),
    });
    this.#heartbeat = new Heartbeat({ timeoutMs, graceMs, log, workers: () => this.#arbiter.members });
  }

  /** Resolves with the addresses once all accept connections. @throws CrewFailed */
  async start(): Promise<Addresses> {
    await this.#arbiter.start();
    this.#hasBeenUp = true;
    return this.#addresses;
  }

  /** Those that serve. */
  get hands(): readonly Hand[] {
    return this.#arbiter.ready.map(({ post, pid }) => ({ number: post.number, pid, admin: post.admin }));
  }

  get size(): number {
    return this.#arbiter.wanted;
  }

  get isDraining(): boolean {
    return this.#isLeaving || this.#arbiter.isStopping;
  }

  get tellMs(): number {
    return this.#broadcast.deadlineMs;
  }

  /** Do the workers have something to reload? */
  get reloads(): boolean {
    return this.#reloads;
  }

  /** How many have ended without being told. */
  get replaced(): number {
    const ends = Object.entries(this.#arbiter.ends).filter(([reason]) => !WANTED.has(reason));
    return ends.reduce((sum, [, count]) => sum + count, 0);
  }

  /** Who looks after them. */
  get arbiter(): Pick<Arbiter<WorkerProcess>, 'ends' | 'readiness' | 'stats' | 'rows' | 'reload' | 'resize'> {
    return this.#arbiter;
  }

  /** Lets every worker carry something out. JSON. */
  tell(what: unknown): Promise<Told> {
    return this.#broadcast.tell(what);
  }

  /** Lets all reload; those that are starting, once they have. */
  reload(): void {
    for (const worker of this.#arbiter.members) worker.send({ trivet: 'reload' });
  }

  /** Lets all go on in the log file that is there now. */
  reopenLogs(): void {
    for (const worker of this.#arbiter.members) worker.send({ trivet: 'reopen' });
  }

  /** Lets those reload, once they have started, that cannot be asked yet: they may have read what was there before. */
  reloadStarting(): void {
    for (const worker of this.#arbiter.members) if (!worker.isReady) worker.send({ trivet: 'reload' });
  }

  /**
   * Lets each finish what it has, and end; `cut` when one could not, in `deadlineMs`. `close` is awaited before: this process
   * takes connections no more, and the workers have those that it took.
   */
  async drain(deadlineMs: number, { idleMs, close }: CrewEnding = {}): Promise<'clean' | 'cut'> {
    this.#isLeaving = true;
    await close?.();
    this.#heartbeat[Symbol.dispose]();
    const killAfterMs = Math.min(deadlineMs + SLACK_MS, longestMs);
    const tell = (worker: WorkerProcess) => worker.send({ trivet: 'drain', idleMs });
    return await this.#arbiter.stop(tell, killAfterMs, this.#options.supervision && STARTING_MS);
  }

  /** Ends each, whatever it has; resolves when all have. */
  async quit(): Promise<void> {
    this.#heartbeat[Symbol.dispose]();
    await this.#arbiter.stop((worker) => worker.send({ trivet: 'quit' }), QUIT_MS);
  }

  /** Ends all of them at once. */
  kill(): void {
    this.#heartbeat[Symbol.dispose]();
    this.#arbiter.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.#arbiter[Symbol.asyncDispose]();
  }

  #spawn(seat: Seat, events: MemberEvents): WorkerProcess {
    const { folder, env, fd, supervision } = this.#options;
    const post = { number: seat.place, of: this.size, admin: join(folder, `${seat.id}.sock`), fd: fd?.() };
    const hasOthers = () => !this.#arbiter.isStopping && this.#arbiter.ready.some((other) => other !== worker);
    const worker: WorkerProcess = new WorkerProcess({
      seat,
      post: supervision ? { ...post, isSupervised: true } : post,
      launch: () => supervision?.launch(post) ?? launchInCluster(post, env, hasOthers),
      onMessage: (message) => this.#hear(worker, message, events),
      events: { ...events, onEnd: (end) => this.#ended(worker, () => events.onEnd(end)) },
    });
    return worker;
  }

  #hear(worker: WorkerProcess, message: FromWorker, events: MemberEvents): void {
    const { number } = worker.post;
    this.#heartbeat.heard(worker);
    switch (message.trivet) {
      case 'joins':
        return this.#broadcast.join(number, (given) => worker.send(given));
      case 'ready':
        return this.#ready(worker, message, events);
      case 'failed':
        worker.failure = { problems: message.problems, code: message.code };
        return;
      case 'tired':
        return events.onTired(message.why);
      case 'underway':
        worker.underway = message.requests;
        return;
      case 'tell':
        return void this.#told(worker, message);
      case 'done':
        return this.#broadcast.done(number, message.id, message.answer);
      case 'undone':
        return this.#broadcast.undone(number, message.id);
      case 'pong':
        return;
    }
  }

  async #told(worker: WorkerProcess, { id, what }: Extract<FromWorker, { trivet: 'tell' }>): Promise<void> {
    this.onTold?.(what);
    const told = await this.#broadcast.tell(what, worker.post.number);
    if (told.missing.length > 0) this.#options.log.error(told, 'workers have not confirmed what another told');
    worker.send({ trivet: 'told', id, ...told });
  }

  #ready(
    worker: WorkerProcess,
    { addresses, reloads }: Extract<FromWorker, { trivet: 'ready' }>,
    events: MemberEvents,
  ) {
    const { post, pid } = worker;
    const { number, admin } = post;
    this.#reloads = reloads;
    this.#addresses = addresses;
    events.onReady();
    this.onReady?.({ number, pid, admin });
    if (this.#hasBeenUp) this.#options.log.info({ worker: number, workerPid: pid }, 'a worker was replaced');
  }

  #ended(worker: WorkerProcess, tell: () => void): void {
    this.#broadcast.leave(worker.post.number);
    this.onGone?.(worker.pid);
    tell();
  }
}
