import { EventEmitter } from 'node:events';
import type { Outlet } from '@trivet/kit/http1/outlet.ts';
import { Fault, toFault } from '@trivet/kit/semantics/fault.ts';
import type { Fields } from '@trivet/kit/semantics/fields.ts';

export type ConduitHead = { readonly status: number; readonly fields: Fields };

/** How much waits to be read before `write` says false; bytes. */
const MOST_WAITING_BYTES = 64 * 1024;

/**
 * An outlet whose answer stays in the house: who made it takes the head and reads the body. It closes when it is told
 * that nobody needs the bytes any more that were read from it, and not before: they may lie in the store's memory, and
 * wait in the socket of a client.
 */
export class Conduit extends EventEmitter implements Outlet {
  readonly req = { complete: true };
  shouldKeepAlive = true;
  /** Undefined when it broke before there was one. */
  readonly head: Promise<ConduitHead | undefined>;
  readonly #resolveHead: (head: ConduitHead | undefined) => void;
  #headersSent = false;
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isHeldBack = false;
  #writableEnded = false;
  #fault: Fault | undefined;
  #closed = false;
  #wake: () => void = () => undefined;

  constructor() {
    super();
    const { promise, resolve } = Promise.withResolvers<ConduitHead | undefined>();
    this.head = promise;
    this.#resolveHead = resolve;
  }

  get headersSent(): boolean {
    return this.#headersSent;
  }

  get writableEnded(): boolean {
    return this.#writableEnded;
  }

  get destroyed(): boolean {
    return this.#fault !== undefined || this.#closed;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Why it broke. */
  get fault(): Fault | undefined {
    return this.#fault;
  }

  writeHead(status: number, ...rest: [fields: readonly string[]] | [reason: string, fields: readonly string[]]): void {
    const fields = rest.length === 1 ? rest[0] : rest[1];
    this.#headersSent = true;
    this.#resolveHead({ status, fields });
  }

  writeInformation(): void {
    // Of a part of a page: it says nothing about the page.
  }

  flushHeaders(): void {
    // The head is there as soon as it is written.
  }

  addTrailers(): void {
    // They would stand in the middle of the page.
  }

  write(chunk: Buffer): boolean {
    if (this.destroyed || this.#writableEnded) return true;
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    this.#isHeldBack = this.#waitingBytes >= MOST_WAITING_BYTES;
    this.#wake();
    return !this.#isHeldBack;
  }

  end(chunk?: Buffer | string): void {
    if (chunk !== undefined && chunk.length > 0) this.write(Buffer.from(chunk));
    this.#writableEnded = true;
    this.#wake();
  }

  /** Breaks it: who reads it gets the fault, and not the rest of the bytes. */
  destroy(error: Error = new Fault('reset-mid-body', 'the answer broke off')): void {
    if (this.destroyed) return;
    this.#fault = toFault(error);
    this.#waiting.length = 0;
    this.#resolveHead(undefined);
    this.#wake();
  }

  /** Nothing that was read from it is needed any more, and nothing will be read. */
  release(): void {
    if (this.#closed) return;
    this.destroy(new Fault('client-left', 'nobody waits for it any more'));
    this.#closed = true;
    this.emit('close');
  }

  /** The body, once; what it throws is a fault. */
  async *body(): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      for (let chunk = this.#waiting.shift(); chunk !== undefined; chunk = this.#waiting.shift()) {
        this.#passed(chunk);
        yield chunk;
      }
      if (this.#fault !== undefined) throw this.#fault;
      if (this.#writableEnded) return;
      await promise;
    }
  }

  #passed(chunk: Buffer): void {
    this.#waitingBytes -= chunk.length;
    if (!this.#isHeldBack || this.#waitingBytes >= MOST_WAITING_BYTES / 2) return;
    this.#isHeldBack = false;
    this.emit('drain');
  }
}
