import type { Fault } from '@trivet/kit/semantics/fault.ts';
import type { Fields } from '@trivet/kit/semantics/fields.ts';
import type { ResponseHead, ResponseSink, Sending } from '@trivet/kit/upstream/upstream.ts';

/** Passes an answer on, and tells when the request is over: answered, failed or given up. */
export class CountedSink implements ResponseSink {
  readonly #sink: ResponseSink;
  readonly #onOver: () => void;
  #isOver = false;

  constructor(sink: ResponseSink, onOver: () => void) {
    this.#sink = sink;
    this.#onOver = onOver;
  }

  /** The same for what was sent: one that is given up hears nothing more. */
  sent(sending: Sending): Sending {
    return {
      resume: () => sending.resume(),
      abort: () => {
        sending.abort();
        this.#over();
      },
    };
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
    this.#onOver();
  }
}
