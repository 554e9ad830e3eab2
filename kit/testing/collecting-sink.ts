import type { Fault } from '../semantics/fault.ts';
import type { Fields } from '../semantics/fields.ts';
import type { ResponseHead, ResponseSink, Retry } from '../upstream/upstream.ts';

/** Takes an upstream's answer and keeps all of it. */
export class CollectingSink implements ResponseSink {
  readonly interim: { readonly status: number; readonly fields: Fields }[] = [];
  readonly retries: Retry[] = [];
  head: ResponseHead | undefined;
  body = Buffer.alloc(0);
  trailers: Fields = [];
  fault: Fault | undefined;
  /** Asked for each chunk: may more come at once? */
  wantsMore: () => boolean = () => true;
  /** Resolves at the head, at a chunk of the body, at the end or the fault. */
  readonly headed: Promise<void>;
  readonly fed: Promise<void>;
  readonly over: Promise<this>;
  readonly #onHead: () => void;
  readonly #onData: () => void;
  readonly #onOver: () => void;
  #calls = 0;

  constructor() {
    const headed = Promise.withResolvers<void>();
    const fed = Promise.withResolvers<void>();
    const over = Promise.withResolvers<this>();
    this.headed = headed.promise;
    this.fed = fed.promise;
    this.over = over.promise;
    this.#onHead = headed.resolve;
    this.#onData = fed.resolve;
    this.#onOver = () => over.resolve(this);
  }

  /** How often anything was called. */
  get calls(): number {
    return this.#calls;
  }

  /** `200 text`, or the reason of the fault, with the status where a head had come before: `200 reset-mid-body`. */
  get outcome(): string {
    const status = this.head ? `${this.head.status} ` : '';
    return this.fault ? `${status}${this.fault.reason}` : `${status}${this.body.toString('latin1')}`;
  }

  onRetry(retry: Retry): void {
    this.retries.push(retry);
  }

  onInterim(status: number, fields: Fields): void {
    this.#calls += 1;
    this.interim.push({ status, fields });
  }

  onHead(head: ResponseHead): void {
    this.#calls += 1;
    this.head = head;
    this.#onHead();
  }

  onData(chunk: Buffer): boolean {
    this.#calls += 1;
    this.body = Buffer.concat([this.body, chunk]);
    this.#onData();
    return this.wantsMore();
  }

  onEnd(trailers: Fields): void {
    this.#calls += 1;
    this.trailers = trailers;
    this.#onOver();
  }

  onFault(fault: Fault): void {
    this.#calls += 1;
    this.fault = fault;
    this.#onOver();
  }
}
