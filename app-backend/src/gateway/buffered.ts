import { Fault } from '@trivet/kit/semantics/fault.ts';
import type { Application, Body, Environ, InputStream, StartResponse } from '../wsgi.ts';
import { ByteQueue } from './byte-queue.ts';

/** `wsgi.input` as Python has it: reads give bytes, not promises. */
export interface SyncInput extends Iterable<Uint8Array> {
  read(size?: number): Uint8Array;
  readline(size?: number): Uint8Array;
  readlines(hint?: number): Uint8Array[];
}

export type BufferedEnviron = Omit<Environ, 'wsgi.input'> & { 'wsgi.input': SyncInput };
export type BufferedApplication = (environ: BufferedEnviron, startResponse: StartResponse) => Body | Promise<Body>;

const usualLimit = 32 * 1024 * 1024;

/**
 * Receives the whole body before the application is called, so that also a plain generator can read it: the one thing of
 * PEP 3333 that asynchronous reads take away. A body of more than `limit` bytes is 413.
 */
export function buffered(application: BufferedApplication, limit = usualLimit): Application {
  return async (environ, startResponse) => {
    const body = await wholeBody(environ['wsgi.input'], limit);
    return await application(Object.assign(environ, { 'wsgi.input': new MemoryInput(body) }), startResponse);
  };
}

async function wholeBody(input: InputStream, limit: number): Promise<Uint8Array> {
  const body = await input.read(limit + 1);
  if (body.length > limit) throw new Fault('body-too-large', `the request body has more than ${limit} bytes`);
  return body;
}

class MemoryInput implements SyncInput {
  readonly #queue = new ByteQueue();

  constructor(body: Uint8Array) {
    this.#queue.push(body);
  }

  read(size = -1): Uint8Array {
    return this.#queue.take(size < 0 ? this.#queue.length : Math.trunc(size));
  }

  readline(size = -1): Uint8Array {
    const line = this.#queue.lineLength(0) ?? this.#queue.length;
    return this.#queue.take(size < 0 ? line : Math.min(line, Math.trunc(size)));
  }

  readlines(hint = 0): Uint8Array[] {
    const lines: Uint8Array[] = [];
    let total = 0;
    for (const line of this) {
      lines.push(line);
      total += line.length;
      if (hint > 0 && total >= hint) break;
    }
    return lines;
  }

  *[Symbol.iterator](): Generator<Uint8Array> {
    for (let line = this.readline(); line.length > 0; line = this.readline()) yield line;
  }
}
