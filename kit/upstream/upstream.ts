/**
 * The next hop: a named group of addresses. Owns connections, the choice of an address, and the one safe retry;
 * what an answer means is the caller's business.
 */
import type { IncomingMessage } from 'node:http';
import { type Address, formatAddress } from '../process/units.ts';
import { Fault } from '../semantics/fault.ts';
import type { Fields } from '../semantics/fields.ts';
import { Attempt, type Failure } from './attempt.ts';
import { Member, type Timeouts } from './member.ts';

/** A request as the next hop gets it. */
export type Outbound = {
  readonly method: string;
  /** Path and query, byte for byte. Never `*`: that question is for the hop that is asked. */
  readonly target: string;
  /** End-to-end fields, `Host` among them; framing is made here. */
  readonly fields: readonly string[];
  readonly body: IncomingMessage | Buffer | undefined;
  /** Most bytes of a body without Content-Length; beyond it the request is broken off (413). */
  readonly bodyLimit?: number;
};

export type ResponseHead = { readonly status: number; readonly reason: string; readonly fields: Fields };

/** Where the answer goes. After `onEnd` or `onFault` nothing more is called. */
export interface ResponseSink {
  /** 1xx other than 100 and 101. */
  onInterim?(status: number, fields: Fields): void;
  /** The final head, fields as received: hop-by-hop ones are still there. */
  onHead(head: ResponseHead): void;
  /** `false` pauses the answer until `resume()`. */
  onData(chunk: Buffer): boolean;
  onEnd(trailers: Fields): void;
  onFault(fault: Fault): void;
}

export interface Sending {
  resume(): void;
  /** The client left: the request is cancelled, the sink hears nothing more. */
  abort(): void;
}

export type UpstreamOptions = {
  /** How messages and statistics call it: `app-backend`. */
  readonly name: string;
  readonly addresses: readonly Address[];
  readonly timeouts: Timeouts;
  readonly idleMs?: number;
  readonly connections?: number;
  /** Most requests that wait for a connection to one address. */
  readonly queue?: number;
  readonly maxHead?: number;
};

/** How long an address that could not be connected to is asked only after the others. */
const avoidMs = 1_000;

const safeToRepeat: ReadonlySet<string> = new Set(['GET', 'HEAD']);

export class Upstream implements AsyncDisposable {
  readonly #name: string;
  readonly #members: readonly Member[];
  readonly #most: number;
  #turn = 0;

  constructor(options: UpstreamOptions) {
    const { connections = 512, queue = 4096, idleMs = 60_000, maxHead = 64 * 1024, timeouts } = options;
    this.#name = options.name;
    this.#most = connections + queue;
    this.#members = options.addresses.map((address) => new Member(address, { timeouts, idleMs, connections, maxHead }));
  }

  /** Sends a request; the sink gets the answer or one fault. */
  send(outbound: Outbound, sink: ResponseSink): Sending {
    const untried = this.#inOrder(performance.now());
    let mayRepeat = safeToRepeat.has(outbound.method) && outbound.body === undefined;
    let attempt: Attempt | undefined;

    const failed = (member: Member, { fault, isUnsent, isStale }: Failure): void => {
      if (isUnsent) member.failedAt = performance.now();
      const next = isUnsent ? untried.shift() : undefined;
      if (next) return start(next);
      if (!mayRepeat || !isStale) return sink.onFault(fault);
      mayRepeat = false;
      start(member);
    };
    const start = (member: Member): void => {
      attempt = new Attempt({ name: this.#name, member, outbound, sink }, (failure) => failed(member, failure));
      attempt.start();
    };
    const first = untried.shift();
    if (first) start(first);
    else sink.onFault(this.#queueFull());
    return {
      resume: () => attempt?.resume(),
      abort: () => attempt?.abort(new Fault('client-left', 'the client left')),
    };
  }

  stats(): object {
    return this.#members.map(({ address, inFlight, pool }) => ({
      address: formatAddress(address),
      inFlight,
      connections: pool.stats.connected,
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#members.map(({ pool }) => pool.destroy()));
  }

  /** Round robin over the members whose queue has room; those that could not be connected to of late come last. */
  #inOrder(now: number): Member[] {
    const { length } = this.#members;
    const first = this.#turn++ % length;
    const rotated = [...this.#members.slice(first), ...this.#members.slice(0, first)];
    const open = rotated.filter((member) => member.inFlight < this.#most);
    if (length === 1) return open;
    return open.toSorted((a, b) => Number(now - a.failedAt < avoidMs) - Number(now - b.failedAt < avoidMs));
  }

  #queueFull(): Fault {
    return new Fault(
      'queue-full',
      `${this.#most} requests to ${this.#name} are in flight or waiting, which is the limit`,
    );
  }
}
