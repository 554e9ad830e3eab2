/**
 * The slots of all Python workers, and who has them. Steps only: who gets which slot is Places' to say. It watches for silence,
 * and tells the pool which workers have to end.
 */
import type { Socket } from 'node:net';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { type Guest, Places } from './places.ts';
import { QueueWait } from './queue-wait.ts';
import type { InFlight, Pool, SlotNumbers, SlotSource, WorkerFacts } from './seam.ts';
import { Slot, type SlotOwner } from './slot.ts';

/** A request that wants a slot; `cameAt` by the dispatcher's clock: when it began to wait. */
export interface SlotGuest extends Guest<Slot> {
  readonly inbound: Inbound;
  cameAt: number;
}

export type DispatcherOptions = {
  /** Most requests that wait. */
  readonly queue: number;
  readonly queueTimeoutMs: number;
  /** Longest silence of a worker that has a request; 0 is without a limit. */
  readonly timeoutMs: number;
  /** May be made after this, and before the first slot is added. */
  readonly pool: () => Pool;
};

type Tenancy = { readonly guest: SlotGuest; readonly at: number };

/** How many workers that are gone are remembered with what they had. */
const mostGone = 64;

/** Why none comes up is in the log, and nothing for clients. */
const noWorker = () => new Fault('no-worker', 'no process that runs the application comes up');

const timer = (callback: () => void, ms: number): Disposable => setTimeout(callback, ms);

export class Dispatcher implements SlotSource, SlotOwner, Disposable {
  readonly clock = () => performance.now();
  readonly #options: DispatcherOptions;
  readonly #places: Places<Slot, SlotGuest>;
  readonly #queueWait = new QueueWait();
  /** All slots; who has each, and since when, until its worker has said that this is over. */
  readonly #slots = new Map<Slot, Tenancy | undefined>();
  readonly #gone = new Map<number, InFlight[]>();
  readonly #watch: NodeJS.Timeout | undefined;
  #tickedAt = 0;
  #isHopeless = false;
  #full = 0;
  #late = 0;

  constructor(options: DispatcherOptions) {
    const { queue, queueTimeoutMs, timeoutMs } = options;
    this.#options = options;
    this.#places = new Places({ queue, queueWaitMs: queueTimeoutMs, timer, clock: this.clock });
    if (timeoutMs === 0) return;
    const everyMs = Math.min(Math.max(timeoutMs / 8, 10), 1000);
    this.#watch = setInterval(() => this.#onTick(timeoutMs, everyMs), everyMs).unref();
    this.#tickedAt = this.clock();
  }

  get numbers(): SlotNumbers {
    const { busy, idle, queued, mostQueued } = this.#places;
    return { busy, idle, queued, mostQueued, full: this.#full, late: this.#late, queueWait: this.#queueWait };
  }

  get queueTimeoutMs(): number {
    return this.#options.queueTimeoutMs;
  }

  add({ id }: WorkerFacts, socket: Socket): void {
    const slot = new Slot(id, socket, this);
    this.#slots.set(slot, undefined);
    this.#places.add(id, slot);
  }

  retire(worker: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#places.retire(worker, resolve);
    return promise;
  }

  inFlightOf(worker: number): readonly InFlight[] {
    const has = [...this.#slots].filter(([slot]) => slot.worker === worker).map(([, had]) => this.#inFlight(had));
    return [...(this.#gone.get(worker) ?? []), ...has].filter((one) => one !== undefined);
  }

  setHopeless(isHopeless: boolean): void {
    this.#isHopeless = isHopeless;
    if (isHopeless) this.#places.turnAwayAll(noWorker());
  }

  /** Gives the guest a slot, now or later. @throws Fault `queue-full` or `no-worker` */
  place(guest: SlotGuest): void {
    guest.cameAt = this.clock();
    if (this.#isHopeless) throw noWorker();
    if (this.#places.place(guest)) return;
    this.#full += 1;
    throw new Fault('queue-full', `${this.#places.queued} requests wait for a Python worker already`);
  }

  /** The same for one whose slot came to nothing. */
  placeAgain(guest: SlotGuest): void {
    if (this.#isHopeless) return guest.turnAway(noWorker());
    this.#places.placeAgain(guest, guest.cameAt + this.#options.queueTimeoutMs);
  }

  withdraw(guest: SlotGuest): void {
    this.#places.withdraw(guest);
  }

  /** The guest asks on its slot now. */
  begins(slot: Slot, guest: SlotGuest): void {
    const at = this.clock();
    this.#queueWait.observe(at - guest.cameAt);
    this.#slots.set(slot, { guest, at });
  }

  /** The slot was given and nothing was asked on it. */
  giveBack(slot: Slot): void {
    this.#places.leave(slot);
  }

  /** A guest was turned away for having waited for too long. */
  countLate(): void {
    this.#late += 1;
  }

  /** How the process of this slot ended, where that is known soon. */
  async howEnded({ worker }: Slot): Promise<string | undefined> {
    return await this.#options.pool().howEnded(worker);
  }

  onFree(slot: Slot, wasServed: boolean): void {
    this.#slots.set(slot, undefined);
    if (wasServed) this.#options.pool().onServed(slot.worker);
    this.#places.leave(slot);
  }

  onLeaving({ worker }: Slot): void {
    this.#places.retire(worker);
    this.#options.pool().onLeaving(worker);
  }

  onBroken(slot: Slot, why: string): void {
    this.#end(slot, (pool) => pool.onBroken(slot.worker, why));
  }

  onClosed(slot: Slot): void {
    const had = this.#slots.get(slot);
    if (!this.#slots.delete(slot)) return;
    this.#remember(slot.worker, this.#inFlight(had));
    this.#places.remove(slot.worker, slot);
  }

  /** Closes all slots; nobody is told any more that it waited for too long. */
  [Symbol.dispose](): void {
    clearInterval(this.#watch);
    this.#places[Symbol.dispose]();
    for (const slot of this.#slots.keys()) slot.destroy();
  }

  /**
   * Time for which this process itself stood still, held up or stopped with all of the machine, is nobody's silence; what the
   * workers said meanwhile lies in their sockets, and is read before the look.
   */
  #onTick(mostMs: number, everyMs: number): void {
    const now = this.clock();
    const heldUpMs = now - this.#tickedAt - everyMs;
    this.#tickedAt = now;
    if (heldUpMs > everyMs) for (const slot of this.#slots.keys()) slot.forgive(heldUpMs);
    setImmediate(() => this.#lookForSilence(mostMs));
  }

  #lookForSilence(mostMs: number): void {
    for (const slot of this.#slots.keys()) {
      const why = slot.whyHung(mostMs);
      if (why !== undefined) this.#end(slot, (pool) => pool.onHung(slot.worker, why));
    }
  }

  /** The worker is to end: nothing more is given to it. */
  #end(slot: Slot, tell: (pool: Pool) => void): void {
    this.#places.retire(slot.worker);
    tell(this.#options.pool());
    this.onClosed(slot);
  }

  #inFlight(had: Tenancy | undefined): InFlight | undefined {
    if (had === undefined) return undefined;
    const { method, target, id } = had.guest.inbound;
    return { method, target, id, sinceMs: Math.round(this.clock() - had.at) };
  }

  #remember(worker: number, inFlight: InFlight | undefined): void {
    if (inFlight === undefined) return;
    const all = this.#gone.get(worker) ?? [];
    this.#gone.set(worker, [...all, inFlight]);
    const [oldest] = this.#gone.keys();
    if (oldest !== undefined && this.#gone.size > mostGone) this.#gone.delete(oldest);
  }
}
