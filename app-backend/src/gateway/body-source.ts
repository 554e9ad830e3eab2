import type { Readable } from 'node:stream';
import { passed } from '@trivet/kit/process/buffer-collector.ts';

type Step = IteratorResult<Uint8Array, undefined>;
type Waiter = { readonly resolve: (step: Step) => void; readonly reject: (error: unknown) => void };

/**
 * The chunks of a request body, taken from the socket only while somebody waits for one. Not the stream's own iterator:
 * that leaves the stream in a mode in which the listener cannot tell a client that is silent from one that is not read,
 * and it destroys the connection when an application stops half-way.
 */
export class BodySource implements AsyncIterator<Uint8Array> {
  readonly #stream: Readable;
  #early: Uint8Array[] = [];
  #waiter: Waiter | undefined;
  #end: { readonly error: unknown } | undefined;

  constructor(stream: Readable) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#onData(chunk));
    stream.once('end', () => this.#onEnd(undefined));
    stream.once('error', (error) => this.#onEnd(error));
    stream.once('close', () => this.#onEnd(new Error('the stream of the request body was closed')));
    stream.pause();
  }

  next(): Promise<Step> {
    const { promise, resolve, reject } = Promise.withResolvers<Step>();
    this.#waiter = { resolve, reject };
    const early = this.#early.shift();
    if (early) this.#give(early);
    else if (this.#end) this.#settle();
    else this.#stream.resume();
    return promise;
  }

  #onData(chunk: Uint8Array): void {
    this.#stream.pause();
    passed(chunk.length);
    if (this.#waiter) this.#give(chunk);
    else this.#early.push(chunk);
  }

  #give(value: Uint8Array): void {
    this.#waiter?.resolve({ done: false, value });
    this.#waiter = undefined;
  }

  #onEnd(error: unknown): void {
    this.#end ??= { error };
    this.#settle();
  }

  #settle(): void {
    if (this.#end?.error === undefined) this.#waiter?.resolve({ done: true, value: undefined });
    else this.#waiter?.reject(this.#end.error);
    this.#waiter = undefined;
  }
}
