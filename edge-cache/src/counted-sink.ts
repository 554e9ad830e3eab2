import type { Fault } from '@trivet/kit/semantics/fault.ts';
import type { Fields } from '@trivet/kit/semantics/fields.ts';
import type { ResponseHead, ResponseSink, Retry, Sending } from '@trivet/kit/upstream/upstream.ts';

/** Who counts requests. */
export type Teller = {
  /** One is over: answered, failed or given up. */
  requestOver(): void;
};

/** One request on its way: passes the answer on, and the wishes of the one who gets it back, and tells when it is over. */
export class CountedSink implements ResponseSink, Sending {
  readonly #sink: ResponseSink;
  readonly #teller: Teller;
  #sending: Sending | undefined;
  #isOver = false;

  constructor(sink: ResponseSink, teller: Teller) {
    this.#sink = sink;
    this.#teller = teller;
  }

  /** The same for what was sent: one that is given up hears nothing more. */
  sent(sending: Sending): Sending {
    this.#sending = sending;
    return this;
  }

  resume(): void {
    this.#sending?.resume();
  }

  abort(): void {
    this.#sending?.abort();
    this.#over();
  }

  onRetry(retry: Retry): void {
    this.#sink.onRetry?.(retry);
  }

  onInterim(status: number, fields: Fields): void {
    this.#sink.onInterim?.(status, fields);
  }

  onHead(head: ResponseHead): void {
    this.#sink.onHead(head);
  }

  onData(chunk: Buffer): boolean {
    return this.#sink.onData(chunk);
  }

  onEnd(trailers: Fields): void {
    this.#over();
    this.#sink.onEnd(trailers);
  }

  onFault(fault: Fault): void {
    this.#over();
    this.#sink.onFault(fault);
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#teller.requestOver();
  }
}
