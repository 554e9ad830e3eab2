/**
 * Who gets which slot: each request a free one of the worker that is chosen, or a place in the one queue, from which a slot
 * that comes free takes the first. Knows of no connection: slots are whatever stands for one.
 */
import type { Fault } from '@trivet/kit/semantics/fault.ts';
import { Queue, type QueueLimits, type Waiting } from '@trivet/kit/upstream/queue.ts';
import { chooseWorker } from './choose-worker.ts';

/** A request that wants a slot. */
export interface Guest<S> extends Waiting {
  /** The slot is its own until `leave`. */
  welcome(slot: S): void;
}

type Worker<S> = {
  idle: number;
  busy: number;
  isRetired: boolean;
  usedAt: number;
  /** The one that was used last is last. */
  readonly free: S[];
  readonly onIdle: (() => void)[];
};

export class Places<S, G extends Guest<S>> implements Disposable {
  readonly #queue: Queue<G>;
  readonly #workers = new Map<number, Worker<S>>();
  /** All slots; whose they are, while they are given away. */
  readonly #slots = new Map<S, Worker<S> | undefined>();
  #uses = 0;

  constructor(limits: QueueLimits) {
    this.#queue = new Queue('a Python worker', limits);
  }

  get busy(): number {
    let busy = 0;
    for (const worker of this.#workers.values()) busy += worker.busy;
    return busy;
  }

  get idle(): number {
    let idle = 0;
    for (const worker of this.#workers.values()) idle += worker.isRetired ? 0 : worker.idle;
    return idle;
  }

  get queued(): number {
    return this.#queue.waiting;
  }

  get mostQueued(): number {
    return this.#queue.mostWaiting;
  }

  /** One slot more. */
  add(worker: number, slot: S): void {
    const known = this.#workers.get(worker) ?? newWorker<S>();
    this.#workers.set(worker, known);
    this.#rest(known, slot);
  }

  /** Gives a slot now, or a place to wait; false where too many wait. */
  place(guest: G): boolean {
    const slot = this.#take();
    if (slot !== undefined) guest.welcome(slot);
    else if (this.#queue.hasRoom) this.#queue.enter(guest);
    else return false;
    return true;
  }

  /** The same for one that had a slot already and lost it: it waits before all others, until then. */
  placeAgain(guest: G, until: number): void {
    const slot = this.#take();
    if (slot !== undefined) guest.welcome(slot);
    else this.#queue.enterFirst(guest, until);
  }

  withdraw(guest: G): void {
    this.#queue.withdraw(guest);
  }

  /** Nobody waits any more. */
  turnAwayAll(fault: Fault): void {
    for (const guest of this.#queue.release(() => true)) guest.turnAway(fault);
  }

  /** A slot is free again. */
  leave(slot: S): void {
    const worker = this.#release(slot);
    if (worker !== undefined) this.#rest(worker, slot);
  }

  /** A slot is no more, busy or not. */
  remove(worker: number, slot: S): void {
    const known = this.#workers.get(worker);
    if (known === undefined) return;
    if (this.#release(slot) === undefined) {
      const at = known.free.indexOf(slot);
      if (at < 0) return;
      known.free.splice(at, 1);
      known.idle -= 1;
    }
    this.#slots.delete(slot);
    if (known.busy + known.idle > 0) return;
    this.#workers.delete(worker);
  }

  /** The worker gets nothing any more; `onIdle` is called once it has nothing, at once if that is so. */
  retire(worker: number, onIdle: () => void = () => undefined): void {
    const known = this.#workers.get(worker);
    if (known === undefined) return onIdle();
    known.isRetired = true;
    if (known.busy === 0) onIdle();
    else known.onIdle.push(onIdle);
  }

  [Symbol.dispose](): void {
    this.#queue[Symbol.dispose]();
  }

  #take(): S | undefined {
    const worker = chooseWorker(this.#workers.values());
    const slot = worker?.free.pop();
    if (worker === undefined || slot === undefined) return undefined;
    worker.idle -= 1;
    worker.busy += 1;
    this.#uses += 1;
    worker.usedAt = this.#uses;
    this.#slots.set(slot, worker);
    return slot;
  }

  /** The worker that had a request on this slot. */
  #release(slot: S): Worker<S> | undefined {
    const worker = this.#slots.get(slot);
    if (worker === undefined) return undefined;
    this.#slots.set(slot, undefined);
    worker.busy -= 1;
    if (worker.busy === 0) for (const onIdle of worker.onIdle.splice(0)) onIdle();
    return worker;
  }

  #rest(worker: Worker<S>, slot: S): void {
    worker.free.push(slot);
    worker.idle += 1;
    if (this.#queue.waiting > 0 && !worker.isRetired) this.#serve();
  }

  #serve(): void {
    const welcome: (readonly [G, S])[] = [];
    this.#queue.serve((guest) => {
      const slot = this.#take();
      if (slot === undefined) return 'stop';
      welcome.push([guest, slot]);
      return 'served';
    });
    for (const [guest, slot] of welcome) guest.welcome(slot);
  }
}

function newWorker<S>(): Worker<S> {
  return { idle: 0, busy: 0, isRetired: false, usedAt: 0, free: [], onIdle: [] };
}
