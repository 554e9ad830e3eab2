import { type Fault, toFault } from '@trivet/kit/semantics/fault.ts';
import type { Fields } from '@trivet/kit/semantics/fields.ts';
import { endToEnd } from '@trivet/kit/semantics/hop-by-hop.ts';
import type { ResponseHead, ResponseSink, Retry, Sending, Upstream } from '@trivet/kit/upstream/upstream.ts';
import { isUnsafe } from '../policy/invalidation.ts';
import type { Edge } from './edge.ts';
import { outdateElsewhere } from './elsewhere.ts';
import type { Exchange } from './exchange.ts';
import { outdatingOf } from './invalidate.ts';

/**
 * The upstream for a request that may make something outdated, where the edge is several processes: its client hears of
 * the success when all of them have forgotten that, not before (RFC 9111 §4.4).
 */
export function outdatingFirst(x: Exchange, edge: Edge, upstream: Pick<Upstream, 'send'>): Pick<Upstream, 'send'> {
  if (edge.siblings === undefined || !isUnsafe(x.method)) return upstream;
  return {
    send(outbound, sink) {
      const held = new OutdatingSink(x, edge, sink);
      const sending = upstream.send(outbound, held);
      return held.attach(sending);
    },
  };
}

/** Holds an answer back from its head on, until what it makes outdated is forgotten everywhere. */
class OutdatingSink implements ResponseSink, Sending {
  readonly #x: Exchange;
  readonly #edge: Edge;
  readonly #sink: ResponseSink;
  #sending: Sending | undefined;
  #isHeld = false;
  #isAborted = false;
  /** What came while it was held. */
  readonly #late: (() => void)[] = [];

  constructor(x: Exchange, edge: Edge, sink: ResponseSink) {
    this.#x = x;
    this.#edge = edge;
    this.#sink = sink;
  }

  attach(sending: Sending): Sending {
    this.#sending = sending;
    return this;
  }

  onRetry(retry: Retry): void {
    this.#sink.onRetry?.(retry);
  }

  onInterim(status: number, fields: Fields): void {
    this.#sink.onInterim?.(status, fields);
  }

  onHead(head: ResponseHead): void {
    const outdating = outdatingOf(this.#x, head.status, endToEnd(head.fields));
    if (outdating === undefined) return this.#sink.onHead(head);
    this.#isHeld = true;
    this.#late.push(() => this.#sink.onHead(head));
    void this.#release(outdateElsewhere(this.#edge, outdating));
  }

  onData(chunk: Buffer): boolean {
    if (!this.#isHeld) return this.#sink.onData(chunk);
    this.#late.push(() => this.#sink.onData(chunk) && this.#sending?.resume());
    return false;
  }

  onEnd(trailers: Fields): void {
    this.#inTurn(() => this.#sink.onEnd(trailers));
  }

  onFault(fault: Fault): void {
    this.#inTurn(() => this.#sink.onFault(fault));
  }

  resume(): void {
    if (!this.#isHeld) this.#sending?.resume();
  }

  abort(): void {
    this.#isAborted = true;
    this.#sending?.abort();
  }

  #inTurn(call: () => void): void {
    if (this.#isHeld) this.#late.push(call);
    else call();
  }

  async #release(forgotten: Promise<void>): Promise<void> {
    try {
      await forgotten;
    } catch (error) {
      this.#edge.log.error({ err: error, id: this.#x.inbound.id }, 'what is outdated could not be told to all workers');
    }
    this.#isHeld = false;
    try {
      for (const call of this.#late.splice(0)) if (!this.#isAborted) call();
    } catch (error) {
      // Nobody is above it any more who would end the exchange, as the upstream does where an answer is not held.
      this.abort();
      this.#sink.onFault(toFault(error));
    }
  }
}
