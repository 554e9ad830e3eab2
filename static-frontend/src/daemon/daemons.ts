/**
 * The processes of the app, as the front runs them itself, in the way of mod_wsgi's daemon processes. `plan.ts` decides;
 * here it is carried out. Whoever sends requests is told which sockets serve before anybody is ended.
 */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { SettingsProblem } from '@trivet/kit/process/settings.ts';
import { Heartbeat } from '@trivet/kit/process/workers/heartbeat.ts';
import type { FromWorker } from '@trivet/kit/process/workers/messages.ts';
import { type DaemonEnd, DaemonProcess } from './daemon-process.ts';
import type { DaemonsOptions } from './daemons-options.ts';
import { isFall, nameOf, problemsOf, reasonOf, recordOf } from './ending.ts';
import { berthIn } from './environment.ts';
import type { Serving } from './places.ts';
import { type Action, type GroupView, isHeld, plan } from './plan.ts';
import { outcomeOf, type Reloaded, sentenceOf } from './reloaded.ts';
import { Restarts } from './restarts.ts';
import { Announcer, type Senders } from './senders.ts';

const stopMs = 3_000;
/** EX_CONFIG of sysexits.h: what the user set or wrote is to blame. */
const exitConfig = 78;

export class Daemons implements AsyncDisposable {
  readonly #options: DaemonsOptions;
  readonly #workers = new Map<number, DaemonProcess>();
  readonly #restarts: Restarts;
  readonly #heartbeat: Heartbeat;
  readonly #announcer: Announcer;
  readonly #up = Promise.withResolvers<void>();
  /** Places where it is known whether somebody comes up. */
  readonly #tried = new Set<number>();
  #hear: ((outcome: Reloaded) => void) | undefined;
  #generation = 1;
  #failedBoots = 0;
  #serial = 0;
  #hasServed = false;
  #lastEnd: { readonly worker: number; readonly why: string } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(options: DaemonsOptions) {
    this.#options = options;
    const { count, timeoutMs, log } = options;
    this.#restarts = new Restarts(count);
    this.#announcer = new Announcer(log);
    this.#heartbeat = new Heartbeat({ timeoutMs, log, workers: () => this.#all() });
  }

  /**
   * Starts all; resolves once each is ready, or has fallen and is tried again.
   * @throws SettingsProblem when what the user set or wrote keeps the first of them from starting.
   */
  async start(): Promise<void> {
    this.#turn();
    await this.#up.promise;
  }

  /** From now on `senders` are told who serves. */
  follow(senders: Senders): void {
    this.#announcer.follow(senders, this.serving);
  }

  get serving(): Serving {
    const ready = this.#all().filter(({ state }) => state === 'ready');
    const isExpected = !this.#restarts.isHopeless && !this.#isStopping;
    return { ready: ready.map(({ socket }) => socket), nobody: join(this.#options.folder, 'none'), isExpected };
  }

  /** How many ended, by reason. */
  get ends(): Readonly<Record<string, number>> {
    return this.#restarts.byReason;
  }

  /** Replaces each by one with the code as it is now, one after another, each once the new one is ready. */
  reload(why: string): Promise<Reloaded> {
    const { promise, resolve } = Promise.withResolvers<Reloaded>();
    this.#generation += 1;
    this.#failedBoots = 0;
    this.#restarts.forgive();
    this.#options.log.info({ generation: this.#generation }, `the app is reloaded: ${why}`);
    this.#heard({ verdict: 'refused', why: 'another reload came' });
    this.#hear = resolve;
    this.#turn();
    return promise;
  }

  stats(): object {
    const [generation, isRefused] = [this.#generation, isHeld({ failedBoots: this.#failedBoots })];
    const workers = this.#all().map((worker) => worker.row());
    return { generation, isRefused, workers, ends: this.ends, lastEnd: this.#lastEnd ?? null };
  }

  /** Lets each finish, and end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
    for (const worker of this.#all()) worker.signal('SIGTERM');
    const timer = setTimeout(() => this.#all().map((worker) => worker.signal('SIGKILL')), stopMs);
    while (this.#workers.size > 0) await wait(5);
    clearTimeout(timer);
  }

  #stop(): void {
    this.#isStopping = true;
    this.#heartbeat[Symbol.dispose]();
    clearTimeout(this.#timer);
    this.#up.resolve();
    this.#heard({ verdict: 'refused', why: 'the front ends' });
  }

  #all(): readonly DaemonProcess[] {
    return [...this.#workers.values()];
  }

  #view(): GroupView {
    const [generation, failedBoots] = [this.#generation, this.#failedBoots];
    return { workers: this.#all(), notBefore: this.#restarts.notBefore, generation, failedBoots };
  }

  /** Does what is to be done now, tells who serves, and comes back when more is to be done. */
  #turn(): void {
    if (this.#isStopping) return;
    clearTimeout(this.#timer);
    const { limits } = this.#options;
    const now = performance.now();
    const actions = plan(this.#view(), limits, now);
    for (const action of actions) this.#carryOut(action, now);
    this.#announcer.tell(this.serving);
    // Who was just started has his deadline, too.
    if (actions.some((action) => action.do !== 'wait')) this.#turn();
    else this.#settle();
  }

  #carryOut(action: Action, now: number): void {
    switch (action.do) {
      case 'wait':
        this.#timer = setTimeout(() => this.#turn(), Math.max(1, Math.ceil(action.until - now)));
        return;
      case 'start':
        return this.#start(action.place);
      case 'retire':
        return void this.#retire(action.id);
      case 'end':
      case 'kill':
        return this.#end(action);
    }
  }

  #start(place: number): void {
    const { folder, program, log } = this.#options;
    this.#serial += 1;
    const id = this.#serial;
    try {
      const worker = new DaemonProcess({ id, generation: this.#generation }, berthIn(folder, id, place), program);
      this.#workers.set(id, worker);
      worker.follow({
        onMessage: (message) => this.#heardOf(worker, message),
        onGone: () => this.#gone(worker),
        onEnd: (end) => this.#ended(worker, end),
      });
    } catch (error) {
      // The system would not start it; it may in a while.
      const delayMs = this.#restarts.fell(place, 0, performance.now());
      log.error({ err: error, worker: place }, `${nameOf({ place })} could not be started; again in ${delayMs}ms`);
      this.#isTried(place);
    }
  }

  async #retire(id: number): Promise<void> {
    const worker = this.#workers.get(id);
    if (worker === undefined) return;
    worker.enter('leaving');
    this.#announcer.tell(this.serving);
    await this.#announcer.idle(worker.socket, () => worker.state === 'leaving' && !this.#isStopping);
    worker.inFlight = 0;
    this.#turn();
  }

  #end({ id, why, ...action }: Extract<Action, { do: 'end' | 'kill' }>): void {
    const worker = this.#workers.get(id);
    if (worker === undefined) return;
    worker.doom ??= why;
    worker.enter('ending');
    worker.signal(action.do === 'end' ? 'SIGTERM' : 'SIGKILL');
  }

  #heardOf(worker: DaemonProcess, message: FromWorker): void {
    this.#heartbeat.heard(worker);
    if (message.trivet === 'failed') worker.failure = { problems: message.problems, code: message.code };
    if (message.trivet !== 'ready' || worker.state !== 'starting') return;
    worker.enter('ready');
    worker.hasServed = true;
    this.#hasServed = true;
    if (worker.generation === this.#generation) this.#failedBoots = 0;
    this.#options.log.info({ worker: worker.place, workerPid: worker.pid }, `${nameOf(worker)} is ready`);
    this.#isTried(worker.place);
    this.#turn();
  }

  /** Nobody is sent there any more, whatever it may still have to say. */
  #gone(worker: DaemonProcess): void {
    if (worker.state !== 'leaving') worker.enter('ending');
    if (!this.#isStopping) this.#announcer.tell(this.serving);
  }

  #ended(worker: DaemonProcess, end: DaemonEnd): void {
    this.#workers.delete(worker.id);
    if (this.#isStopping) return;
    const why = worker.whyOf(end);
    this.#lastEnd = { worker: worker.place, why };
    this.#restarts.count(reasonOf(worker));
    if (isFall(worker)) this.#fell(worker, why);
    else this.#options.log.info({ worker: worker.place, workerPid: worker.pid }, `${nameOf(worker)} was replaced`);
    if (end.code === exitConfig && !this.#hasServed) this.#up.reject(new SettingsProblem(problemsOf(worker, why)));
    this.#isTried(worker.place);
    this.#turn();
  }

  #fell(worker: DaemonProcess, why: string): void {
    if (!worker.hasServed && worker.generation === this.#generation) this.#failedBoots += 1;
    const delayMs = this.#restarts.fell(worker.place, worker.livedMs, performance.now());
    this.#options.log.error(
      recordOf(worker, delayMs),
      `${nameOf(worker)} ended by ${why}; another is started in ${delayMs}ms`,
    );
  }

  #isTried(place: number): void {
    this.#tried.add(place);
    if (this.#tried.size === this.#options.count) this.#up.resolve();
  }

  /** Is a reload over? */
  #settle(): void {
    const outcome = this.#hear && outcomeOf(this.#view(), this.#lastEnd?.why);
    if (outcome === undefined) return;
    this.#options.log[outcome.verdict === 'reloaded' ? 'info' : 'error'](sentenceOf(outcome));
    this.#heard(outcome);
  }

  #heard(outcome: Reloaded): void {
    this.#hear?.(outcome);
    this.#hear = undefined;
  }
}
