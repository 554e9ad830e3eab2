/**
 * One Python worker: asked of a fork server, heard on its control connection, its slots handed to the dispatcher once it is
 * ready, watched, told to leave, ended; at its end it is known how, what it printed last, and which requests it had.
 */
import type { Socket } from 'node:net';
import { type Member, type MemberEvents, newcomer, type Seat } from '@trivet/kit/process/arbiter/member.ts';
import type { Watched } from '@trivet/kit/process/workers/heartbeat.ts';
import type { ToWorker } from '@trivet/kit/process/workers/messages.ts';
import type { InFlight, SlotSource } from '../seam.ts';
import { ControlLine, type FromControl } from './control-line.ts';
import { howOf, whyOf } from './ends.ts';
import { Farewell } from './farewell.ts';
import type { Child, Generation } from './generation.ts';
import { type Printed, WorkerOutput } from './output.ts';
import { rssOf } from './rss.ts';
import type { Failure, Hello, WorkerEnd } from './told.ts';

export type MemberHost = {
  readonly slots: Pick<SlotSource, 'add' | 'retire' | 'inFlightOf'>;
  onPrinted(line: string, by: Printed): void;
  /** It has said something: it does not hang. */
  onHeard(member: PythonMember): void;
};

/** Where it is made. */
type Home = Pick<Generation, 'fork' | 'signal'>;

/** Whoever closes its control connection is about to end, and ends for certain after this time. */
const goneMs = 5_000;

export class PythonMember implements Member, Child, Watched {
  readonly id: number;
  readonly place: number;
  readonly generation: number;
  readonly bornAt = performance.now();
  readonly #home: Home;
  readonly #host: MemberHost;
  readonly #events: MemberEvents;
  readonly #output: WorkerOutput;
  readonly #farewell = new Farewell();
  readonly #end = Promise.withResolvers<string>();
  /** Slots of one that is not ready yet. */
  #early: Socket[] = [];
  #control: ControlLine | undefined;
  #saysReady = false;
  #isReady = false;
  #isOrphan = false;
  #isToDie = false;
  #isOver = false;
  #rssTold: number | undefined;
  pid = 0;
  state: Member['state'];
  since: number;
  hasServed: boolean;
  inFlight: number;
  tired: Member['tired'];
  /** Why it could not start, as it said itself. */
  failure: Failure | undefined;
  /** Requests that it has answered. */
  served = 0;

  constructor({ id, place, generation }: Seat, home: Home, host: MemberHost, events: MemberEvents) {
    this.id = id;
    this.place = place;
    this.generation = generation;
    this.#home = home;
    this.#host = host;
    this.#output = new WorkerOutput(host.onPrinted);
    this.#events = events;
    ({ state: this.state, since: this.since, hasServed: this.hasServed, inFlight: this.inFlight } = newcomer());
    home.fork(this);
  }

  /** The lines of the last 4 KiB of its standard error. */
  get lastErrors(): readonly string[] {
    return this.#output.lastErrors;
  }

  /** Requests that it has, or had at its end. */
  get requests(): readonly InFlight[] {
    return this.#host.slots.inFlightOf(this.id);
  }

  /** Bytes of memory, as far as is known. */
  get rssBytes(): number {
    return (this.pid > 0 && !this.#isOver ? rssOf(this.pid) : undefined) ?? this.#rssTold ?? 0;
  }

  get livedMs(): number {
    return performance.now() - this.bornAt;
  }

  /** `SIGKILL`, `exit code 1`; resolves when it has ended. */
  get howEnded(): Promise<string> {
    return this.#end.promise;
  }

  get post(): { readonly number: number } {
    return { number: this.place };
  }

  /** Asks whether it hangs; or tells it that what has no end is to end. */
  send({ trivet }: Pick<ToWorker, 'trivet'>): void {
    this.#control?.send(trivet === 'drain' ? 'd' : 'p');
  }

  /** By whoever found that it hangs. */
  kill(): void {
    this.#events.onTired('timeout');
  }

  async retire(): Promise<void> {
    this.send({ trivet: 'drain' });
    await this.#host.slots.retire(this.id);
  }

  /** Nobody waits for what it may have: it ends. */
  stop(): void {
    if (this.tired === 'timeout') this.#kill('SIGKILL');
    else if (this.requests.length > 0) this.#kill('SIGINT');
    else this.#quit();
  }

  /** It ends as soon as it has nothing to do, and must not be given anything any more. */
  #quit(): void {
    if (this.#control?.isOpen) this.#control.send('q');
    else this.#kill('SIGTERM');
  }

  signal(name: 'SIGTERM' | 'SIGABRT' | 'SIGKILL'): void {
    // One that hangs is given nothing more.
    if (name === 'SIGABRT') void this.retire();
    if (name !== 'SIGTERM') this.#kill(name);
    else if (this.inFlight === 0 && this.tired !== 'timeout') this.#quit();
    // What it has in flight had its time.
    else this.#kill(this.state === 'ending' && this.tired !== 'timeout' ? 'SIGINT' : 'SIGTERM');
  }

  onForked(pid: number): void {
    this.pid = pid;
    if (this.#saysReady) this.#ready();
  }

  onGuest(is: Hello['is'], socket: Socket): void {
    if (is !== 'slot') this.#farewell.follow(is, socket);
    switch (is) {
      case 'control':
        return this.#takeControl(socket);
      case 'slot':
        if (this.#isOver) socket.destroy();
        else if (this.#isReady) this.#addSlot(socket);
        else this.#early.push(socket);
        return;
      case 'stdout':
      case 'stderr':
        return this.#output.listen(socket, is, this);
    }
  }

  onExited(end: WorkerEnd): Promise<void> {
    return this.#over(end);
  }

  onUnborn(failure: Failure): void {
    this.failure = failure;
    void this.#over({ code: failure.code, signal: null });
  }

  onOrphaned(): void {
    this.#isOrphan = true;
    if (this.#control?.isOpen && this.#isToDie) this.#kill('SIGKILL');
    else if (this.#control?.isOpen) this.#events.onTired('asked');
    else void this.#over({ code: null, signal: null });
  }

  #takeControl(socket: Socket): void {
    if (this.#control !== undefined) {
      socket.destroy();
      return;
    }
    this.#control = new ControlLine(socket, {
      onSaid: (said) => this.#heard(said),
      onEnd: (broken) => this.#disconnected(broken),
    });
  }

  #heard(said: FromControl): void {
    if (this.#isOver && said.kind !== 'failed') return;
    // One that imports may keep all of Python waiting; how long that may take is another deadline.
    if (this.#isReady) this.#host.onHeard(this);
    switch (said.kind) {
      case 'ready':
        this.#saysReady = true;
        // It may say so before its fork server has said who it is.
        if (this.pid > 0) this.#ready();
        return;
      case 'failed':
        this.failure = said.failure;
        return;
      case 'pong':
        this.#rssTold = said.rssBytes ?? this.#rssTold;
        return;
      case 'leaving':
        return this.#events.onTired('asked');
    }
  }

  #ready(): void {
    if (this.#isReady || this.state !== 'starting') return;
    this.#isReady = true;
    const early = this.#early;
    this.#early = [];
    for (const socket of early) this.#addSlot(socket);
    this.#events.onReady();
  }

  #addSlot(socket: Socket): void {
    const { id, pid } = this;
    if (!socket.destroyed) this.#host.slots.add({ id, pid }, socket);
  }

  /** One whose fork server is gone has no other way to tell that it ends. */
  #disconnected(broken: string | undefined): void {
    if (broken !== undefined) this.#events.onDoomed('protocol');
    if (this.#isOrphan) void this.#over({ code: null, signal: null });
    else if (broken !== undefined) this.#kill('SIGKILL');
    else setTimeout(() => this.#isOver || this.#kill('SIGKILL'), goneMs).unref();
  }

  #kill(name: 'SIGABRT' | 'SIGTERM' | 'SIGINT' | 'SIGKILL'): void {
    if (this.#isOver) return;
    this.#isToDie ||= name === 'SIGKILL';
    if (!this.#isOrphan) this.#home.signal(this.id, name);
    // As long as it holds its connection, that number is its own.
    else if (this.#control?.isOpen && this.pid > 0) process.kill(this.pid, name);
  }

  async #over(end: WorkerEnd): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#end.resolve(howOf(end));
    this.#events.onGone();
    for (const socket of this.#early) socket.destroy();
    if (this.pid > 0) await this.#farewell.said();
    this.#control?.close();
    const said = this.failure?.problems.join('; ') ?? this.lastErrors.at(-1) ?? '';
    this.#events.onEnd({ ...end, why: whyOf(end, said) });
  }
}
