import { ServerResponse } from 'node:http';
import { note, noted } from '../http1/answer.ts';
import { endWith, type Outlet } from '../http1/outlet.ts';
import type { Fault } from '../semantics/fault.ts';
import { entries, type Fields, field, without } from '../semantics/fields.ts';
import { endToEnd } from '../semantics/hop-by-hop.ts';
import type { Outbound, ResponseHead, ResponseSink, Retry, Sending, Upstream } from './upstream.ts';

export type Relay = {
  readonly upstream: Pick<Upstream, 'send'>;
  readonly outbound: Outbound;
  readonly response: Outlet;
  /** What the client gets of the upstream's head: status and end-to-end fields. */
  dress(head: ResponseHead): Dressed | Declined;
  /** Did the client say that it takes trailers (`TE: trailers`)? */
  readonly takesTrailers: boolean;
  /** May 1xx responses be passed on? Only to HTTP/1.1. */
  readonly takesInterim: boolean;
  /** The answer broke off after its head was out; the client sees a broken transfer. For the log. */
  onBroken?(fault: Fault): void;
};

export type Dressed = {
  readonly status: number;
  readonly fields: string[];
  /** Takes the body in place of the client; who made it sees to what becomes of that, and of the client. */
  readonly into?: Outlet | undefined;
  /** Nothing is taken from the upstream before the client has what came: no buffer but the kernel's. */
  readonly isUnbuffered?: boolean;
};

/** Another answer is made in place of the upstream's: `relay` rejects with this, and nothing was sent. */
export type Declined = { readonly declined: unknown };

/** A body that nobody wants is read to its end up to here, so that its connection can be used again; bytes. */
const MOST_DISCARDED_BYTES = 64 * 1024;
/** And no longer than this: it may trickle for ever; milliseconds. */
const LONGEST_DISCARDING_MS = 1_000;

/**
 * Sends a request and streams the answer into `response`: back-pressure, 1xx, trailers, aborts passed on both ways.
 * Resolves when the exchange is over; rejects with a Fault when nothing was sent to the client yet.
 */
export function relay(options: Relay): Promise<void> {
  const { response } = options;
  // The client left before: no 'close' would come any more.
  if (response.destroyed || response.closed) return Promise.resolve();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const sink = new RelaySink(options, resolve, reject);
  sink.sending = options.upstream.send(options.outbound, sink);
  return promise;
}

class RelaySink implements ResponseSink {
  readonly #options: Relay;
  /** Where the body goes. */
  #body: Outlet;
  readonly #resolve: () => void;
  readonly #reject: (why: unknown) => void;
  sending: Sending | undefined;
  /** Of the body, as announced; undefined once the first of it has come. */
  #length: string | undefined;
  /** The head is written, and would go out with what comes next. */
  #isHeadWaiting = false;
  #isUnbuffered = false;
  #isDeclined = false;
  #discardedBytes = 0;
  #discardsUntil: NodeJS.Timeout | undefined;
  /** The client has it all already. */
  #isWritten = false;
  #isOver = false;

  constructor(options: Relay, resolve: () => void, reject: (why: unknown) => void) {
    this.#options = options;
    this.#body = options.response;
    this.#resolve = resolve;
    this.#reject = reject;
    options.response.once('close', () => this.#onClose());
  }

  /** The log says what was tried before; it may be more than once. */
  onRetry({ kind, fault, to }: Retry): void {
    const { response } = this.#options;
    const before = noted(response)?.why;
    const why = `${kind} at ${to}: ${fault.reason}, ${fault.message}`;
    note(response, { why: before === undefined ? why : `${before}; ${why}` });
  }

  onInterim(status: number, fields: Fields): void {
    const { response, takesInterim } = this.#options;
    if (!takesInterim || response.headersSent || response.destroyed) return;
    response.writeInformation(status, endToEnd(fields));
  }

  onHead(head: ResponseHead): void {
    const { response, dress } = this.#options;
    const dressed = dress(head);
    this.#length = field(head.fields, 'content-length');
    if ('declined' in dressed) return this.#decline(dressed);
    const { status, fields, into, isUnbuffered = false } = dressed;
    if (into !== undefined) this.#body = into;
    this.#isUnbuffered = isUnbuffered;
    // An answer before the end of its request: what is left of that is not worth the connection (RFC 9112 §9.3).
    if (!response.req.complete) response.shouldKeepAlive = false;
    response.writeHead(status, head.reason, fields);
    // With the first bytes of the body when they are here already, else alone: the body may take its time.
    this.#isHeadWaiting = true;
    process.nextTick(() => this.#isHeadWaiting && !response.destroyed && response.flushHeaders());
  }

  onData(chunk: Buffer): boolean {
    if (this.#isDeclined) return this.#discard(chunk.length);
    this.#bodyCame();
    const isWhole = this.#length === String(chunk.length);
    this.#length = undefined;
    return isWhole ? this.#writeAll(chunk) : this.#write(chunk);
  }

  onEnd(trailers: Fields): void {
    const { takesTrailers } = this.#options;
    if (this.#isDeclined) return clearTimeout(this.#discardsUntil);
    this.#isOver = true;
    this.#bodyCame();
    if (this.#isWritten) return this.#resolve();
    if (takesTrailers && trailers.length > 0) this.#body.addTrailers(pairs(passableTrailers(trailers)));
    this.#body.end();
    this.#resolve();
  }

  onFault(fault: Fault): void {
    const { response } = this.#options;
    if (this.#isDeclined) return clearTimeout(this.#discardsUntil);
    this.#isOver = true;
    if (this.#isWritten) return this.#resolve();
    if (!response.headersSent) return this.#reject(fault);
    this.#options.onBroken?.(fault);
    // A broken transfer must look broken: no final chunk, no clean end.
    this.#body.destroy(this.#body === response ? undefined : fault);
    this.#resolve();
  }

  #bodyCame(): void {
    // What goes elsewhere takes no head with it.
    if (this.#body === this.#options.response) this.#isHeadWaiting = false;
  }

  // No trailers can follow.
  #writeAll(body: Buffer): true {
    this.#isWritten = true;
    endWith(this.#body, body);
    return true;
  }

  #decline({ declined }: Declined): void {
    this.#isDeclined = true;
    this.#isOver = true;
    if (Number(this.#length ?? 0) > MOST_DISCARDED_BYTES) this.sending?.abort();
    else this.#discardsUntil = setTimeout(() => this.sending?.abort(), LONGEST_DISCARDING_MS).unref();
    this.#reject(declined);
  }

  #discard(bytes: number): true {
    this.#discardedBytes += bytes;
    if (this.#discardedBytes > MOST_DISCARDED_BYTES) {
      clearTimeout(this.#discardsUntil);
      this.sending?.abort();
    }
    return true;
  }

  #write(chunk: Buffer): boolean {
    // A parser that goes on gives what it has, which may be nothing: to wait for that would be to turn in a circle.
    if (chunk.length === 0) return true;
    if (this.#isUnbuffered && this.#body instanceof ServerResponse) {
      this.#body.write(chunk, () => this.sending?.resume());
      return false;
    }
    const isTaken = this.#body.write(chunk);
    if (!isTaken) this.#body.once('drain', () => this.sending?.resume());
    return isTaken;
  }

  #onClose(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.sending?.abort();
    this.#resolve();
  }
}

/** What would speak of framing, routing or meaning when nobody listens any more. RFC 9110 §6.5.1. */
const neverInTrailers: ReadonlySet<string> = new Set([
  'age',
  'authorization',
  'cache-control',
  'cdn-cache-control',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'date',
  'expires',
  'host',
  'location',
  'retry-after',
  'set-cookie',
  'surrogate-control',
  'vary',
  'www-authenticate',
]);

/** The trailers that travel on: without those of this connection, and those that would come too late. RFC 9110 §6.5.1. */
export function passableTrailers(trailers: Fields): string[] {
  return without(endToEnd(trailers), (name) => neverInTrailers.has(name));
}

function pairs(fields: Fields): [string, string][] {
  return Array.from(entries(fields), ([name, value]) => [name, value]);
}
