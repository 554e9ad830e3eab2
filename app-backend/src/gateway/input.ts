import { Fault } from '@trivet/kit/semantics/fault.ts';
import type { InputStream } from '../wsgi.ts';
import { ByteQueue } from './byte-queue.ts';

export type Source = {
  /** Called at the first read, not before: reading is what sends `100 Continue` (RFC 9110 §10.1.1). */
  open(): AsyncIterator<Uint8Array>;
  /** Content-Length, bytes; undefined when the end of the source is the end of the body (chunked). */
  readonly length: number | undefined;
};

/**
 * `wsgi.input` over the body of a request whose framing is already undone. Never gives a byte beyond Content-Length; at
 * the end it gives no bytes, for ever; a body that breaks off is an error and not an end. Reads are served in turn.
 */
export class Input implements InputStream {
  readonly #source: Source;
  readonly #queue = new ByteQueue();
  #chunks: AsyncIterator<Uint8Array> | undefined;
  #left: number;
  #isAtEnd: boolean;
  #failure: Fault | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(source: Source) {
    this.#source = source;
    this.#left = source.length ?? Number.POSITIVE_INFINITY;
    this.#isAtEnd = source.length === 0;
  }

  read(size?: number): Promise<Uint8Array> {
    return this.#inTurn(() => this.#read(wanted(size)));
  }

  read1(size?: number): Promise<Uint8Array> {
    return this.#inTurn(() => this.#read1(wanted(size)));
  }

  readline(size?: number): Promise<Uint8Array> {
    return this.#inTurn(() => this.#readline(wanted(size)));
  }

  readlines(hint?: number): Promise<Uint8Array[]> {
    return this.#inTurn(() => this.#readlines(hint === undefined || hint <= 0 ? Number.POSITIVE_INFINITY : hint));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const line = await this.readline();
      if (line.length === 0) return;
      yield line;
    }
  }

  async #read(size: number): Promise<Uint8Array> {
    while (this.#queue.length < size && (await this.#more()));
    return this.#queue.take(size);
  }

  async #read1(size: number): Promise<Uint8Array> {
    while (this.#queue.length === 0 && size > 0 && (await this.#more()));
    return this.#queue.take(size);
  }

  async #readline(size: number): Promise<Uint8Array> {
    let searched = 0;
    for (;;) {
      const end = this.#queue.lineLength(searched);
      if (end !== undefined) return this.#queue.take(Math.min(end, size));
      searched = this.#queue.length;
      if (searched >= size || !(await this.#more())) return this.#queue.take(size);
    }
  }

  async #readlines(hint: number): Promise<Uint8Array[]> {
    const lines: Uint8Array[] = [];
    for (let total = 0; total < hint; ) {
      const line = await this.#readline(Number.POSITIVE_INFINITY);
      if (line.length === 0) break;
      lines.push(line);
      total += line.length;
    }
    return lines;
  }

  /** Receives one chunk more; false at the end. */
  async #more(): Promise<boolean> {
    if (this.#failure) throw this.#failure;
    if (this.#isAtEnd) return false;
    try {
      this.#chunks ??= this.#source.open();
      const step = await this.#chunks.next();
      if (step.done) this.#reachEnd();
      else this.#accept(step.value);
    } catch (cause) {
      this.#failure = brokenBody(cause);
      throw this.#failure;
    }
    return true;
  }

  #accept(chunk: Uint8Array): void {
    this.#queue.push(chunk.length > this.#left ? chunk.subarray(0, this.#left) : chunk);
    this.#left = Math.max(0, this.#left - chunk.length);
    if (this.#left === 0) this.#isAtEnd = true;
  }

  #reachEnd(): void {
    this.#isAtEnd = true;
    if (this.#left > 0 && this.#left !== Number.POSITIVE_INFINITY) {
      throw new Fault('client-left', `the request body ended ${this.#left} bytes before its Content-Length`);
    }
  }

  /** Two reads at once, one of them not awaited, must not share out one line between them. */
  #inTurn<T>(read: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(read, read);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

function wanted(size: number | undefined): number {
  return size === undefined || size < 0 ? Number.POSITIVE_INFINITY : Math.trunc(size);
}

function brokenBody(cause: unknown): Fault {
  if (cause instanceof Fault) return cause;
  return new Fault('client-left', 'the client left inside its request body', { cause });
}
