/**
 * What the pool of Python workers and the slots that their connections are say to each other. The pool starts workers, reads
 * the `hello` of each connection, and ends workers; the dispatcher has the slots, and says when a worker has to end.
 */
import type { Socket } from 'node:net';

/** One process that runs the application. No two of a tier's life have the same `id`, whatever their generation. */
export type WorkerFacts = { readonly id: number; readonly pid: number };

/** A request that a worker has now. */
export type InFlight = {
  readonly method: string;
  readonly target: string;
  /** `X-Request-Id` of the exchange. */
  readonly id: string;
  /** How long the worker has had it, milliseconds. */
  readonly sinceMs: number;
};

/** What the pool does for the slots. */
export interface Pool {
  /** Its slots do not keep to the protocol, and are closed already: the process is to be ended and replaced. */
  onBroken(worker: number, why: string): void;
  /** A request has held a slot for too long without a sign: dump its stacks, end it, replace it. May be told more than once. */
  onHung(worker: number, why: string): void;
  /** It says that it takes no more requests, and was given none since: it ends by itself, or is to be told to. */
  onLeaving(worker: number): void;
  /** A request that was given to it is over, however it went. */
  onServed(worker: number): void;
  /**
   * A slot closed in the midst of a request: how did the process end? `SIGKILL`, `exit code 1`; undefined where it is not
   * known. Asked for at most a few milliseconds: who knows later says undefined then.
   */
  howEnded(worker: number): Promise<string | undefined>;
}

/** What the dispatcher does for the pool. */
export interface SlotSource {
  /**
   * One more slot. To be called once per connection behind its `hello`, when the worker is ready for requests; nothing that
   * came behind the `hello` has been read, and nobody listens to the socket's `data` any more. It is the slot's from now on.
   */
  add(worker: WorkerFacts, socket: Socket): void;
  /** Gives the worker nothing more; resolves once nothing of it is in flight (at once, when it has no slot). */
  retire(worker: number): Promise<void>;
  /** Requests that the worker has now: what its exit reason names. A worker that is gone: those that it had at its end. */
  inFlightOf(worker: number): readonly InFlight[];
  /** Does no worker serve, and is none expected soon? Then no request waits. May be told more often than it changes. */
  setHopeless(isHopeless: boolean): void;
  readonly numbers: SlotNumbers;
}

/** For stats and metrics. */
export type SlotNumbers = {
  readonly busy: number;
  readonly idle: number;
  readonly queued: number;
  /** How many ever waited at once. */
  readonly mostQueued: number;
  /** Requests turned away because too many waited, or because they waited for too long. */
  readonly full: number;
  readonly late: number;
  /** Seconds that requests waited for a slot: how many no longer than each of `bounds`, and last how many there were. */
  readonly queueWait: { readonly bounds: readonly number[]; cumulative(): readonly number[]; sum(): number };
};
