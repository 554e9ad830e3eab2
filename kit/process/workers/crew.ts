/**
 * The workers of a tier, as its primary process sees them: started, replaced when they die, told, drained. The primary
 * holds the listening socket (`node:cluster`) and hands each connection to the next worker in turn.
 */
import { join } from 'node:path';
import type { Log } from '../log.ts';
import { restart } from '../restart.ts';
import { longestMs } from '../units.ts';
import { Broadcast } from './broadcast.ts';
import { crewFailed } from './crew-failed.ts';
import { Heartbeat } from './heartbeat.ts';
import type { FromWorker, Told } from './messages.ts';
import { howOf, type WorkerEnd, WorkerProcess } from './worker-process.ts';

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
  /** How long what is told may take to be confirmed, milliseconds. */
  readonly tellMs?: number;
};

/** A worker that serves. */
export type Hand = { readonly number: number; readonly pid: number; readonly admin: string };

type Place = { process: WorkerProcess | undefined; quickFalls: number; retry: NodeJS.Timeout | undefined };

const TELL_MS = 2_000;
const RETRY_MS = 5_000;
/** Between two replacements of a worker that dies each time. */
const LONGEST_MS = 30_000;
/** Beyond the time that draining may take, for a worker that does not end by itself: it closes what it opened, too. */
const SLACK_MS = 10_000;

export class Crew implements AsyncDisposable {
  readonly #options: CrewOptions;
  readonly #places: readonly Place[];
  readonly #broadcast: Broadcast;
  readonly #heartbeat: Heartbeat;
  readonly #up = Promise.withResolvers<string>();
  readonly #over = Promise.withResolvers<void>();
  #hasBeenUp = false;
  #isStopping = false;
  #wasCut = false;
  #started = 0;
  #reloads = false;
  replaced = 0;
  /** A worker is there that was not before. */
  onReady: ((hand: Hand) => void) | undefined;
  /** A worker has ended. */
  onGone: ((pid: number) => void) | undefined;
  /** A worker tells the others. */
  onTold: ((what: unknown) => void) | undefined;

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#broadcast = new Broadcast(options.tellMs ?? TELL_MS);
    const { timeoutMs, log } = options;
    this.#heartbeat = new Heartbeat({ timeoutMs, log, workers: () => this.#processes() });
    this.#places = Array.from({ length: options.count }, () => ({
      process: undefined,
      quickFalls: 0,
      retry: undefined,
    }));
  }

  /** Resolves with the address once all accept connections. @throws CrewFailed */
  start(): Promise<string> {
    for (const index of this.#places.keys()) this.#fork(index);
    return this.#up.promise;
  }

  /** Those that serve. */
  get hands(): readonly Hand[] {
    return this.#processes()
      .filter(({ isReady }) => isReady)
      .map(({ post, pid }) => ({ number: post.number, pid, admin: post.admin }));
  }

  get size(): number {
    return this.#places.length;
  }

  get isDraining(): boolean {
    return this.#isStopping;
  }

  get tellMs(): number {
    return this.#broadcast.deadlineMs;
  }

  /** Do the workers have something to reload? */
  get reloads(): boolean {
    return this.#reloads;
  }

  /** Lets every worker carry something out. JSON. */
  tell(what: unknown): Promise<Told> {
    return this.#broadcast.tell(what);
  }

  /** Lets all reload; those that are starting, once they have. */
  reload(): void {
    for (const process of this.#processes()) process.send({ trivet: 'reload' });
  }

  /** Lets all go on in the log file that is there now. */
  reopenLogs(): void {
    for (const process of this.#processes()) process.send({ trivet: 'reopen' });
  }

  /** Lets those reload, once they have started, that cannot be asked yet: they may have read what was there before. */
  reloadStarting(): void {
    for (const process of this.#processes()) if (!process.isReady) process.send({ trivet: 'reload' });
  }

  /** Lets each finish what it has, and end; `cut` when one could not, in `deadlineMs`. */
  async drain(deadlineMs: number, idleMs = 0): Promise<'clean' | 'cut'> {
    this.#stop();
    for (const process of this.#processes()) process.send({ trivet: 'drain', idleMs });
    const timer = setTimeout(() => this.kill(), Math.min(deadlineMs + SLACK_MS, longestMs));
    await this.#over.promise;
    clearTimeout(timer);
    return this.#wasCut ? 'cut' : 'clean';
  }

  /** Ends all of them at once. */
  kill(): void {
    this.#stop();
    for (const process of this.#processes()) process.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.#over.promise;
  }

  #processes(): WorkerProcess[] {
    return this.#places.flatMap(({ process }) => (process === undefined ? [] : [process]));
  }

  #stop(): void {
    this.#isStopping = true;
    this.#heartbeat[Symbol.dispose]();
    for (const place of this.#places) clearTimeout(place.retry);
    if (this.#processes().length === 0) this.#over.resolve();
  }

  #fork(index: number): void {
    const place = this.#places[index];
    if (place === undefined || this.#isStopping) return;
    this.#started += 1;
    try {
      place.process = this.#forked(index);
    } catch (error) {
      // The system would not start it; it may in a while.
      this.#options.log.error(
        { err: error, worker: index + 1 },
        `a worker could not be started; again in ${RETRY_MS}ms`,
      );
      place.retry = setTimeout(() => this.#fork(index), RETRY_MS);
    }
  }

  #forked(index: number): WorkerProcess {
    const { folder, count, env } = this.#options;
    const number = index + 1;
    const process: WorkerProcess = new WorkerProcess({
      post: { number, of: count, admin: join(folder, `${this.#started}.sock`), fd: this.#options.fd?.() },
      env,
      hasOthers: () => !this.#isStopping && this.#processes().some((other) => other !== process && other.isReady),
      onMessage: (message) => this.#hear(process, message),
      onEnd: (end) => this.#ended(index, process, end),
    });
    return process;
  }

  #hear(process: WorkerProcess, message: FromWorker): void {
    const { number } = process.post;
    this.#heartbeat.heard(process);
    switch (message.trivet) {
      case 'joins':
        return this.#broadcast.join(number, (given) => process.send(given));
      case 'ready':
        return this.#ready(process, message.address, message.reloads);
      case 'failed':
        process.failure = { problems: message.problems, code: message.code };
        return;
      case 'tell':
        this.onTold?.(message.what);
        void this.#broadcast.tell(message.what, number).then((told) => {
          if (told.missing.length > 0) this.#options.log.error(told, 'workers have not confirmed what another told');
          process.send({ trivet: 'told', id: message.id, ...told });
        });
        return;
      case 'done':
        return this.#broadcast.done(number, message.id, message.answer);
      case 'undone':
        return this.#broadcast.undone(number, message.id);
      case 'pong':
        return;
    }
  }

  #ready(process: WorkerProcess, address: string, reloads: boolean): void {
    process.isReady = true;
    this.#reloads = reloads;
    const { number, admin } = process.post;
    this.onReady?.({ number, pid: process.pid, admin });
    if (this.#hasBeenUp) this.#options.log.info({ worker: number, workerPid: process.pid }, 'a worker was replaced');
    if (this.hands.length < this.size) return;
    this.#hasBeenUp = true;
    this.#up.resolve(address);
  }

  #ended(index: number, process: WorkerProcess, end: WorkerEnd): void {
    const place = this.#places[index];
    if (place === undefined) return;
    place.process = undefined;
    this.#broadcast.leave(process.post.number);
    this.onGone?.(process.pid);
    if (this.#isStopping && end.code !== 0) this.#wasCut = true;
    if (this.#isStopping) return void (this.#processes().length === 0 && this.#over.resolve());
    if (!this.#hasBeenUp) return this.#up.reject(crewFailed(process, end));
    const { delayMs, quickFalls } = restart({ quickFalls: place.quickFalls, livedMs: process.livedMs }, LONGEST_MS);
    place.quickFalls = quickFalls;
    this.replaced += 1;
    this.#say(process, end, delayMs);
    place.retry = setTimeout(() => this.#fork(index), delayMs);
  }

  #say(process: WorkerProcess, end: WorkerEnd, delayMs: number): void {
    const { post, pid, failure, livedMs } = process;
    const record = { worker: post.number, workerPid: pid, ...end, livedMs: Math.round(livedMs), delayMs };
    const problems = failure === undefined ? '' : ` (${failure.problems.join('; ')})`;
    const text = `worker ${post.number} ended by ${howOf(end)}${problems}; another is started in ${delayMs}ms`;
    if (end.code === 0) this.#options.log.info(record, text);
    else this.#options.log.error(record, text);
  }
}
