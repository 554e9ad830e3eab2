/**
 * Counts the complete answers in what a server sends on one connection, whatever way the network cuts it. It reads no
 * more of HTTP/1.1 than that takes: status, body length (RFC 9112 §6.3), whether the connection goes on.
 */
import { type BodyForm, parseHead } from './answer-head.ts';

export type Answer = { readonly status: number; readonly bodyBytes: number; readonly isLast: boolean };

type Expecting = 'head' | 'body' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailers' | 'body-until-close';

const nothing = Buffer.alloc(0);
const afterHead: Readonly<Record<BodyForm, Expecting>> = {
  length: 'body',
  chunked: 'chunk-size',
  'until-close': 'body-until-close',
};
const longestHead = 65_536;

export class AnswerReader {
  readonly #onAnswer: (answer: Answer) => void;
  #expecting: Expecting = 'head';
  /** The beginning of a head or a line whose end has not come yet. */
  #held: Buffer = nothing;
  #status = 0;
  #isLast = false;
  #bodyBytes = 0;
  /** Bytes of the body or chunk that are still to come. */
  #missing = 0;

  constructor(onAnswer: (answer: Answer) => void) {
    this.#onAnswer = onAnswer;
  }

  /** Has part of an answer come, but not its end? */
  get isInside(): boolean {
    return this.#expecting !== 'head' || this.#held.length > 0;
  }

  /** @throws Error on what is not an HTTP/1.x answer. */
  push(bytes: Buffer): void {
    let rest = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    this.#held = nothing;
    while (rest.length > 0) {
      const used = this.#take(rest);
      if (used === 0) {
        if (rest.length > longestHead) throw new Error(`no end of a head or line within ${longestHead} bytes`);
        this.#held = rest;
        return;
      }
      rest = rest.subarray(used);
    }
  }

  /** The server closed the connection: that ends a body without a length. False when it ends anything else. */
  end(): boolean {
    if (this.#expecting === 'body-until-close') this.#finish();
    return !this.isInside;
  }

  #take(bytes: Buffer): number {
    switch (this.#expecting) {
      case 'head':
        return this.#takeHead(bytes);
      case 'body':
      case 'chunk':
        return this.#takeBody(bytes);
      case 'body-until-close':
        this.#bodyBytes += bytes.length;
        return bytes.length;
      case 'chunk-size':
      case 'chunk-end':
      case 'trailers':
        return this.#takeLine(bytes);
    }
  }

  #takeHead(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) return 0;
    const head = parseHead(bytes.toString('latin1', 0, end));
    // An interim answer (RFC 9110 §15.2) is followed by the real one.
    if (head.status >= 200) {
      this.#status = head.status;
      this.#isLast = head.isLast;
      this.#bodyBytes = 0;
      this.#missing = head.length;
      this.#expecting = afterHead[head.body];
      if (head.body === 'length' && head.length === 0) this.#finish();
    }
    return end + 4;
  }

  #takeBody(bytes: Buffer): number {
    const used = Math.min(this.#missing, bytes.length);
    this.#missing -= used;
    this.#bodyBytes += used;
    if (this.#missing === 0) {
      if (this.#expecting === 'chunk') this.#expecting = 'chunk-end';
      else this.#finish();
    }
    return used;
  }

  #takeLine(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n');
    if (end < 0) return 0;
    if (this.#expecting === 'chunk-size') this.#startChunk(bytes.toString('latin1', 0, end));
    else if (this.#expecting === 'chunk-end') this.#expecting = 'chunk-size';
    else if (end === 0) this.#finish();
    return end + 2;
  }

  #startChunk(line: string): void {
    const size = /^[0-9a-f]{1,12}(?=\s*(?:;|$))/i.exec(line)?.[0];
    if (size === undefined) throw new Error(`${JSON.stringify(line)} is no chunk size`);
    this.#missing = Number.parseInt(size, 16);
    this.#expecting = this.#missing === 0 ? 'trailers' : 'chunk';
  }

  #finish(): void {
    this.#expecting = 'head';
    this.#onAnswer({ status: this.#status, bodyBytes: this.#bodyBytes, isLast: this.#isLast });
  }
}
