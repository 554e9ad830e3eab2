/** Who may use a member's connections, and who waits for one: bounded in number and in time. */
import { Fault } from '../semantics/fault.ts';
import type { SetTimer } from './options.ts';

/** Who wants a connection. One of the two is called, once, unless it withdraws before. */
export interface Guest {
  proceed(): void;
  /** There will be none. `elsewhere`: the member is no longer asked, another may be. */
  refuse(fault: Fault, where: 'elsewhere' | 'nowhere'): void;
}

export type QueueLimits = {
  readonly connections: number;
  readonly queue: number;
  readonly queueWaitMs: number;
  readonly timer: SetTimer;
  readonly clock: () => number;
};

export class Queue implements Disposable {
  readonly #what: string;
  #limits: QueueLimits;
  #admitted = 0;
  /** Why nobody is let in any more. */
  #closed: Fault | undefined;
  // Not the pool's own queue: nobody can leave that before it is his turn. With the time at which each gives up.
  readonly #waiting = new Map<Guest, number>();
  #timer: Disposable | undefined;

  /** `what` it leads to, for messages. */
  constructor(what: string, limits: QueueLimits) {
    this.#what = what;
    this.#limits = limits;
  }

  /** Guests that proceeded and did not leave yet. */
  get admitted(): number {
    return this.#admitted;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Would one more guest wait, or is there no place to wait either? */
  get room(): 'free' | 'busy' | 'full' {
    const { connections, queue } = this.#limits;
    if (this.#admitted < connections) return 'free';
    return this.#admitted + this.#waiting.size < connections + queue ? 'busy' : 'full';
  }

  /** Lets the guest proceed now or when another leaves. */
  enter(guest: Guest): void {
    if (this.#closed) return guest.refuse(this.#closed, 'elsewhere');
    if (this.#admitted < this.#limits.connections) {
      this.#admitted++;
      return guest.proceed();
    }
    this.#waiting.set(guest, this.#limits.clock() + this.#limits.queueWaitMs);
    this.#timer ??= this.#limits.timer(() => this.#expire(), this.#limits.queueWaitMs);
  }

  /** The guest waits no longer; false when it had proceeded already. */
  withdraw(guest: Guest): boolean {
    return this.#waiting.delete(guest);
  }

  /** A guest that had proceeded is done. */
  leave(): void {
    this.#admitted--;
    this.#letIn();
  }

  /** Other limits; those that wait go by the time they were given. */
  change(limits: QueueLimits): void {
    this.#limits = limits;
    for (let free = limits.connections - this.#admitted; free > 0 && this.#waiting.size > 0; free--) this.#letIn();
  }

  /** Those that wait are sent away. */
  empty(fault: Fault): void {
    const guests = [...this.#waiting.keys()];
    this.#waiting.clear();
    for (const guest of guests) guest.refuse(fault, 'elsewhere');
  }

  /** Nobody is let in any more; those that had proceeded are left alone. */
  close(fault: Fault): void {
    this.#closed = fault;
    this[Symbol.dispose]();
    this.empty(fault);
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  #letIn(): void {
    if (this.#waiting.size === 0 || this.#admitted >= this.#limits.connections) return;
    const [next] = this.#waiting.keys();
    if (next === undefined) return;
    this.#waiting.delete(next);
    this.#admitted++;
    // Not in the midst of the parser's work for the one that leaves, nor ever deeper when all fail at once.
    queueMicrotask(() => this.#welcome(next));
  }

  #welcome(guest: Guest): void {
    if (this.#closed === undefined) return guest.proceed();
    this.#admitted--;
    guest.refuse(this.#closed, 'elsewhere');
  }

  /** The oldest that waits gives up first: all wait equally long. */
  #expire(): void {
    this.#timer = undefined;
    const { clock, timer, queueWaitMs } = this.#limits;
    const now = clock();
    for (const [guest, until] of this.#waiting) {
      if (until > now) {
        this.#timer = timer(() => this.#expire(), until - now);
        return;
      }
      this.#waiting.delete(guest);
      guest.refuse(new Fault('queue-full', `no connection to ${this.#what} was free in ${queueWaitMs}ms`), 'nowhere');
    }
  }
}
