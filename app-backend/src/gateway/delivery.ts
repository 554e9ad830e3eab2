import type { StartResponse, Write } from '../wsgi.ts';
import type { SoundHead } from './check-head.ts';
import type { FileSource } from './file-source.ts';
import type { Outlet } from './outlet.ts';
import { ResponseStart } from './start-response.ts';
import { WsgiViolation } from './wsgi-violation.ts';

export type DeliveryOptions = {
  readonly method: string;
  readonly outlet: Outlet;
  /** Resolves when there is room again, or when the exchange is over: what `write` returns never rejects. */
  readonly room: () => Promise<void>;
  /** A deviation that the client is not told of, for the log. */
  readonly complain: (problem: string) => void;
};

/**
 * Frames what an application sends (PEP 3333, "Handling the Content-Length Header"; RFC 9110 §6.4.1): the head goes out with
 * the first byte of the body or at its end, never more than Content-Length, never a whole message from less, and no
 * body where the method or the status has none.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #start: ResponseStart;
  #isBodyless = false;
  #left = Number.POSITIVE_INFINITY;
  #isFull = false;
  #isOver = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#start = new ResponseStart((data) => this.#write(data));
  }

  get startResponse(): StartResponse {
    return (status, headers, failure) => this.#start.startResponse(status, headers, failure);
  }

  /** Nothing that the application could still send would reach the client. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** One block of the body; an empty one is "not yet" and sends nothing. */
  block(block: unknown): void {
    assertBytes(block);
    if (block.length === 0) return;
    this.#open(undefined);
    if (this.#isBodyless) return this.#drop();
    if (block.length > this.#left) this.#overflow(block.length - this.#left);
    const sent = block.subarray(0, this.#left);
    this.#left -= sent.length;
    if (sent.length > 0) this.#options.outlet.write(sent);
  }

  /** All blocks at once: their sum is the Content-Length where the application gave none. */
  blocks(blocks: readonly unknown[]): void {
    let total = 0;
    for (const block of blocks) {
      assertBytes(block);
      total += block.length;
    }
    if (!this.#start.isSent) this.#open(total);
    for (const block of blocks) if (!this.#isFull) this.block(block);
  }

  /** A body in a file, by an outlet that reads files. Its end is that of the file, or where Content-Length ends. */
  async file(source: FileSource, send: NonNullable<Outlet['file']>): Promise<void> {
    this.#open(source.length);
    if (this.#isBodyless) return this.#drop();
    const sent = await send(source, Math.min(this.#left, source.length ?? Number.POSITIVE_INFINITY));
    this.#left -= sent;
  }

  /** The application has no more to give. */
  finish(): void {
    if (!this.#start.isSent) this.#open(0);
    const isShort = !this.#isBodyless && this.#left > 0 && this.#left !== Number.POSITIVE_INFINITY;
    if (isShort) throw new WsgiViolation(`the body ended ${this.#left} bytes before its Content-Length`);
    this.#options.outlet.end();
  }

  /** From now on start_response and write throw. */
  end(): void {
    this.#isOver = true;
    this.#start.end();
  }

  #write(data: unknown): ReturnType<Write> {
    if (this.#isOver) throw new WsgiViolation('write was called after the exchange was over');
    assertBytes(data);
    this.#open(undefined);
    const left = this.#isBodyless ? data.length : this.#left;
    this.block(data);
    // On its way now, whatever comes: the caller may fail, or hear of it below.
    this.#options.outlet.flush();
    if (data.length > left)
      throw new WsgiViolation(`write was given more than the ${left} bytes that Content-Length leaves`);
    return this.#options.room();
  }

  /** Sends the head, once. `total` is the length of the whole body where it is known already. */
  #open(total: number | undefined): void {
    if (this.#start.isSent) return;
    const { head } = this.#start;
    const isHead = this.#options.method === 'HEAD';
    this.#isBodyless = isHead || hasNoBody(head.status);
    if (!this.#isBodyless) this.#promise(head, total);
    this.#start.markSent();
    this.#options.outlet.head({ status: head.status, reason: head.reason, fields: fieldsOf(head, total, isHead) });
  }

  #promise({ contentLength }: SoundHead, total: number | undefined): void {
    if (contentLength !== undefined && total !== undefined && total < contentLength) {
      throw new WsgiViolation(`the body has ${total} bytes, its Content-Length is ${contentLength}`);
    }
    this.#left = contentLength ?? total ?? Number.POSITIVE_INFINITY;
  }

  #drop(): void {
    this.#isFull = true;
    if (this.#options.method !== 'HEAD') this.#options.complain('the status allows no body; what came was dropped');
  }

  #overflow(excess: number): void {
    this.#isFull = true;
    this.#options.complain(`the body goes ${excess} bytes or more beyond its Content-Length and was cut there`);
  }
}

function hasNoBody(status: number): boolean {
  return status === 204 || status === 304;
}

function fieldsOf(
  { status, fields, contentLength }: SoundHead,
  total: number | undefined,
  isHead: boolean,
): readonly string[] {
  // RFC 9110 §8.6: no Content-Length with 204; with 304 and HEAD it speaks of a body that is not here.
  if (status === 204) return contentLength === undefined ? fields : withoutLength(fields);
  const isUnknown = total === undefined || status === 304 || (isHead && total === 0);
  if (contentLength !== undefined || isUnknown) return fields;
  return [...fields, 'Content-Length', String(total)];
}

function withoutLength(fields: readonly string[]): readonly string[] {
  return fields.filter((_, i) => fields[i - (i % 2)]?.toLowerCase() !== 'content-length');
}

function assertBytes(block: unknown): asserts block is Uint8Array {
  if (block instanceof Uint8Array) return;
  const what = block === null ? 'null' : typeof block;
  throw new WsgiViolation(`a block of the body is ${what}, not bytes (Uint8Array)`);
}
