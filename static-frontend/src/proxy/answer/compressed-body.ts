import { EventEmitter } from 'node:events';
import { note } from '@trivet/kit/http1/answer.ts';
import type { Encoder } from '@trivet/kit/http1/encoder.ts';
import type { Outlet } from '@trivet/kit/http1/outlet.ts';
import { ofTheForm } from '@trivet/kit/semantics/encoded-fields.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';

/** Takes a body in place of the client, and gives it to the client compressed. The head is the client's own business. */
export class CompressedBody extends EventEmitter implements Outlet {
  readonly #response: Outlet;
  readonly #encoder: Encoder;

  constructor(response: Outlet, encoder: Encoder) {
    super();
    this.#response = response;
    this.#encoder = encoder;
    const resume = () => encoder.resume();
    encoder.into({
      onBytes: (chunk) => {
        const isTaken = response.write(chunk);
        if (!isTaken) response.once('drain', resume);
        return isTaken;
      },
      onRoom: () => this.emit('drain'),
      onFault: (fault) => this.#break(fault),
    });
    response.once('close', () => encoder.abandon());
  }

  get req(): Outlet['req'] {
    return this.#response.req;
  }

  get shouldKeepAlive(): boolean {
    return this.#response.shouldKeepAlive;
  }

  set shouldKeepAlive(keeps: boolean) {
    this.#response.shouldKeepAlive = keeps;
  }

  get closed(): boolean {
    return this.#response.closed;
  }

  get destroyed(): boolean {
    return this.#response.destroyed;
  }

  get headersSent(): boolean {
    return this.#response.headersSent;
  }

  get writableEnded(): boolean {
    return this.#response.writableEnded;
  }

  writeHead(): void {
    throw new Fault('internal', 'a body has no head');
  }

  writeInformation(): void {
    throw new Fault('internal', 'a body has no head');
  }

  flushHeaders(): void {
    this.#response.flushHeaders();
  }

  /** Without digests: they are of the bytes that came. */
  addTrailers(trailers: Parameters<Outlet['addTrailers']>[0]): void {
    const pairs: [string, string][] = Array.isArray(trailers) ? trailers : Object.entries(trailers);
    this.#response.addTrailers(pairs.filter(([name]) => !ofTheForm.has(name.toLowerCase())));
  }

  write(chunk: Buffer): boolean {
    return this.#encoder.write(chunk);
  }

  end(last?: Buffer | string): void {
    if (last !== undefined) this.#encoder.write(Buffer.from(last));
    this.#encoder.end(() => this.#response.end());
  }

  /** What was to come is broken: so is the transfer. */
  destroy(): void {
    this.#encoder.abandon();
    this.#response.destroy();
  }

  #break(fault: Fault): void {
    note(this.#response, { fault });
    this.destroy();
  }
}
