import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { passed } from '../process/buffer-collector.ts';
import { Fault } from '../semantics/fault.ts';

/**
 * A client's request body on its way to the next hop. It can be destroyed without the client's socket going with it
 * (the next hop may answer early and close), takes nothing before it is read, and stops at `limit` bytes.
 */
export class BodyFeed extends Readable {
  readonly #source: IncomingMessage;
  readonly #limit: number;
  #isAttached = false;
  #bytes = 0;

  constructor(source: IncomingMessage, limit = Number.POSITIVE_INFINITY) {
    super();
    this.#source = source;
    this.#limit = limit;
    // The fault reaches the exchange through the sender; after that nobody may be left to listen.
    this.on('error', () => undefined);
  }

  override _read(): void {
    if (this.#isAttached) return void this.#source.resume();
    this.#isAttached = true;
    if (this.#source.readableEnded) return void this.push(null);
    if (this.#source.closed) return this.#onClose();
    this.#source.on('data', this.#onData).once('end', this.#onEnd).once('close', this.#onClose);
    // A body that has come whole already may be paused behind another reader's peek.
    this.#source.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#source.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose);
    // What was begun is taken off the wire to its end, or the client would wait for room to send the rest.
    if (this.#isAttached) this.#source.resume();
    done(error);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#bytes += chunk.length;
    passed(chunk.length);
    if (this.#bytes > this.#limit) {
      this.destroy(new Fault('body-too-large', `the request body is larger than the limit of ${this.#limit} bytes`));
      return;
    }
    if (!this.push(chunk)) this.#source.pause();
  };

  readonly #onEnd = (): void => {
    this.push(null);
  };

  readonly #onClose = (): void => {
    if (!this.#source.complete) this.destroy(new Fault('client-left', 'the client left in the middle of its request'));
  };
}
