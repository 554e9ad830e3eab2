import { endWith, type Outlet } from '@trivet/kit/http1/outlet.ts';
import type { Fault } from '@trivet/kit/semantics/fault.ts';
import { entries, type Fields } from '@trivet/kit/semantics/fields.ts';
import type { Reader } from './flow.ts';

export type Poured = { readonly end: 'done' | 'left' } | { readonly end: 'broken'; readonly fault: Fault };

const allOfIt: Poured = { end: 'done' };

/**
 * Writes what a reader gets into a response whose head is written, as fast as the client takes it. When the flow breaks
 * the connection does too: nobody may take a part for the whole. The reader is closed when the response is: until then
 * the socket may still read the memory that it was given. A short body that is here already goes out with the head.
 */
export function pour(reader: Reader, response: Outlet, takesTrailers: boolean): Promise<Poured> {
  const last = response.destroyed ? undefined : reader.readLast();
  if (last !== undefined) {
    response.once('close', () => reader.close());
    endWith(response, last);
    return Promise.resolve(allOfIt);
  }
  const { promise, resolve } = Promise.withResolvers<Poured>();
  new Pump(reader, response, (poured, trailers) => {
    if (poured.end === 'broken') response.destroy();
    if (poured.end === 'done') {
      if (takesTrailers) addTrailers(response, trailers);
      response.end();
    }
    resolve(poured);
  }).start();
  return promise;
}

/** Trailers behind a chunked body, RFC 9112 §7.1.2. */
export function addTrailers(response: Outlet, trailers: Fields): void {
  if (trailers.length > 0)
    response.addTrailers(Array.from(entries(trailers), ([name, value]) => [name, value] as const));
}

class Pump {
  readonly #reader: Reader;
  readonly #response: Outlet;
  readonly #over: (poured: Poured, trailers: Fields) => void;
  #isBlocked = false;
  #isTurning = false;
  #hasWritten = false;
  #isOver = false;

  constructor(reader: Reader, response: Outlet, over: (poured: Poured, trailers: Fields) => void) {
    this.#reader = reader;
    this.#response = response;
    this.#over = over;
  }

  start(): void {
    this.#response.on('drain', () => {
      this.#isBlocked = false;
      this.#turn();
    });
    this.#response.once('close', () => this.#closed());
    this.#reader.onProgress = () => this.#turn();
    if (this.#response.destroyed) this.#closed();
    else this.#turn();
    // The head does not wait for a body that takes its time.
    if (!this.#hasWritten && !this.#isOver) this.#response.flushHeaders();
  }

  #turn(): void {
    // Reading can let the origin go on, and what it sends at once must not overtake the chunk in hand.
    if (this.#isTurning || this.#isOver) return;
    this.#isTurning = true;
    this.#write();
    this.#isTurning = false;
    const { state } = this.#reader;
    if (state.is === 'broken') this.#finish({ end: 'broken', fault: state.fault });
    if (state.is === 'ended') this.#finish({ end: 'done' }, state.trailers);
  }

  #write(): void {
    while (!this.#isBlocked) {
      const chunk = this.#reader.read();
      if (chunk === undefined) return;
      this.#hasWritten = true;
      this.#isBlocked = !this.#response.write(chunk);
    }
  }

  #closed(): void {
    this.#finish({ end: 'left' });
    this.#reader.close();
  }

  #finish(poured: Poured, trailers: Fields = []): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#over(poured, trailers);
  }
}
