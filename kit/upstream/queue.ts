/** Who waits for a connection of any member of an upstream: in their order, bounded in number and in time. */
import { Fault } from '../semantics/fault.ts';
import { Line } from './line.ts';
import type { SetTimer } from './options.ts';

/** Who waits. Once it is served or turned away, or when it has withdrawn, it hears nothing more from the queue. */
export interface Waiting {
  /** Where it waits; for the queue alone to set and to read. */
  inLine?: number | undefined;
  /** It waited as long as it may. */
  turnAway(fault: Fault): void;
}

export type QueueLimits = {
  /** Most that wait. */
  readonly queue: number;
  readonly queueWaitMs: number;
  readonly timer: SetTimer;
  readonly clock: () => number;
};

/** When it gives up; never falls from one to the next. */
type Entry<W> = { readonly one: W; until: number };

export class Queue<W extends Waiting> implements Disposable {
  readonly #what: string;
  #limits: QueueLimits;
  // Not the pools' own queues: nobody can leave those before it is his turn.
  readonly #waiting = new Line<Entry<W>>();
  #most = 0;
  #timer: Disposable | undefined;

  /** `what` it leads to, for messages. */
  constructor(what: string, limits: QueueLimits) {
    this.#what = what;
    this.#limits = limits;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** How many ever waited at once. */
  get mostWaiting(): number {
    return this.#most;
  }

  /** May one more wait? */
  get hasRoom(): boolean {
    return this.#waiting.size < this.#limits.queue;
  }

  /** Waits behind all others; who may not wait is for `hasRoom` to say. */
  enter(one: W): void {
    one.inLine = this.#waiting.add({ one, until: this.#limits.clock() + this.#limits.queueWaitMs });
    this.#most = Math.max(this.#most, this.#waiting.size);
    this.#timer ??= this.#limits.timer(() => this.#expire(), this.#limits.queueWaitMs);
  }

  /**
   * Waits before all others, until then by the clock: one that waited before and was served in vain. It has come before all
   * that wait now, and gives up before them.
   */
  enterFirst(one: W, until: number): void {
    for (const other of this.#waiting) other.until = Math.max(until, other.until);
    one.inLine = this.#waiting.addFirst({ one, until });
    this.#most = Math.max(this.#most, this.#waiting.size);
    this[Symbol.dispose]();
    this.#wind();
  }

  /** Waits no longer. */
  withdraw(one: W): void {
    if (this.#leave(one)) this.#rest();
  }

  /** Asks for each in order whether it can be `served`; it waits no longer then. `stop`: nor can those behind it. */
  serve(verdictFor: (one: W) => 'served' | 'waits' | 'stop'): void {
    for (const { one } of this.#waiting) {
      const verdict = verdictFor(one);
      if (verdict === 'stop') break;
      if (verdict === 'served') this.#leave(one);
    }
    this.#rest();
  }

  /** Those that wait in vain, in order; they wait no longer. */
  release(isInVain: (one: W) => boolean): W[] {
    const released = [...this.#waiting].map(({ one }) => one).filter(isInVain);
    for (const one of released) this.#leave(one);
    this.#rest();
    return released;
  }

  /** Other limits. Who waits already does so no longer than who comes now. */
  change(limits: QueueLimits): void {
    this.#limits = limits;
    const latest = limits.clock() + limits.queueWaitMs;
    for (const entry of this.#waiting) entry.until = Math.min(entry.until, latest);
    this[Symbol.dispose]();
    this.#wind();
  }

  /** Nobody is told any more that it waited too long. */
  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  /** False: it does not wait. */
  #leave(one: W): boolean {
    if (one.inLine === undefined) return false;
    this.#waiting.remove(one.inLine);
    one.inLine = undefined;
    return true;
  }

  /** An idle upstream has no timer. */
  #rest(): void {
    if (this.#waiting.size === 0) this[Symbol.dispose]();
  }

  #wind(): void {
    const { clock, timer } = this.#limits;
    const { first } = this.#waiting;
    if (first !== undefined) this.#timer = timer(() => this.#expire(), Math.max(0, first.until - clock()));
  }

  #expire(): void {
    this.#timer = undefined;
    const now = this.#limits.clock();
    const late: W[] = [];
    for (const { one, until } of this.#waiting) {
      if (until > now) break;
      late.push(one);
    }
    for (const one of late) this.#leave(one);
    this.#wind();
    const fault = new Fault('queue-late', `no connection to ${this.#what} was free in ${this.#limits.queueWaitMs}ms`);
    for (const one of late) one.turnAway(fault);
  }
}
