/**
 * Reads along with the parser of `node:http`, which tells neither what a request line looked like nor where a head that
 * it refuses had got to. Owns no verdict and no error: what it says is only asked about bytes that the parser took too.
 * It follows the bytes to the end of one head and waits there until the parser says what body that head announces.
 */
import { type Fields, field, has } from '../semantics/fields.ts';

/** A head as it came, whole or in part. */
export type RawHeadSoFar = {
  /** The empty lines before it; `\r\n` may be there once (RFC 9112 §2.2). At most four bytes are kept. */
  readonly before: string;
  /** The request line without its line end, as far as it has come. */
  readonly line: string;
  readonly isLineWhole: boolean;
  /** Has the empty line come that ends it? */
  readonly isWhole: boolean;
  /** Bytes so far of request line and fields, with the line ends. */
  readonly bytes: number;
};

const LF = 0x0a;
const CR = 0x0d;
const emptyLine = Buffer.from('\r\n\r\n');

type Place =
  /** Empty lines, request line, fields. */
  | 'before'
  | 'line'
  | 'fields'
  /** The head is whole; the parser has not said yet what it thinks of it. */
  | 'whole'
  | 'body'
  | 'chunk size'
  | 'chunk'
  | 'trailers'
  /** The parser and this disagree, or no HTTP is spoken any more. */
  | 'lost';

/** The bytes of one connection, from the client. */
export class HeadWatch {
  #place: Place = 'before';
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;
  // As long as one head.
  #before = '';
  #line = '';
  #bytes = 0;
  // As long as one line, or one part of a body.
  #lineBytes = 0;
  #size = '';
  #left = 0;

  /** Bytes have come; to be called before the parser gets them. */
  see(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#at = 0;
    this.#follow();
  }

  /** The parser has taken a head with these fields: what it looked like. Undefined when this has lost its place. */
  take(fields: Fields): RawHeadSoFar | undefined {
    if (this.#place !== 'whole') {
      this.#place = 'lost';
      return undefined;
    }
    const head = this.head;
    this.#beginBody(fields);
    this.#follow();
    return head;
  }

  /** The head that is being read; undefined inside a body. */
  get head(): RawHeadSoFar | undefined {
    const place = this.#place;
    if (place !== 'before' && place !== 'line' && place !== 'fields' && place !== 'whole') return undefined;
    const isLineWhole = place === 'fields' || place === 'whole';
    const isWhole = place === 'whole';
    return { before: this.#before, line: this.#line, isLineWhole, isWhole, bytes: this.#bytes };
  }

  /** Has more come behind the last head that was taken? */
  get isAhead(): boolean {
    return this.#place === 'lost' || this.#bytes > 0 || this.#before !== '' || this.#at < this.#chunk.length;
  }

  #beginBody(fields: Fields): void {
    this.#before = '';
    this.#line = '';
    this.#bytes = 0;
    this.#lineBytes = 0;
    this.#left = 0;
    this.#place = 'before';
    if (has(fields, 'transfer-encoding')) this.#place = 'chunk size';
    else if (has(fields, 'content-length')) this.#expect(Number(field(fields, 'content-length')), 'body');
  }

  #expect(bytes: number, place: 'body' | 'chunk'): void {
    this.#left = bytes;
    this.#place = bytes > 0 ? place : 'before';
  }

  #follow(): void {
    while (this.#at < this.#chunk.length) {
      switch (this.#place) {
        case 'before':
          this.#skipEmptyLines();
          break;
        case 'line':
        case 'fields':
        case 'chunk size':
        case 'trailers':
          this.#readLine();
          break;
        case 'body':
        case 'chunk':
          this.#skipBody();
          break;
        case 'whole':
        case 'lost':
          return;
      }
    }
  }

  #skipEmptyLines(): void {
    const byte = this.#chunk[this.#at];
    if (byte !== CR && byte !== LF) {
      this.#place = 'line';
      this.#readWhole();
      return;
    }
    if (this.#before.length < 4) this.#before += byte === CR ? '\r' : '\n';
    this.#at += 1;
  }

  /** Most heads come in one piece: two searches instead of one per line. */
  #readWhole(): void {
    const begin = this.#at;
    const end = this.#chunk.indexOf(emptyLine, begin);
    const lineEnd = this.#chunk.indexOf(CR, begin);
    if (end < 0 || this.#chunk[lineEnd + 1] !== LF) return;
    this.#line = this.#chunk.toString('latin1', begin, lineEnd);
    this.#at = end + emptyLine.length;
    this.#bytes = this.#at - begin;
    this.#place = 'whole';
  }

  #readLine(): void {
    const found = this.#chunk.indexOf(LF, this.#at);
    const end = found < 0 ? this.#chunk.length : found;
    if (this.#place === 'line') this.#line += this.#chunk.toString('latin1', this.#at, end);
    if (this.#place === 'chunk size' && this.#size.length < 40)
      this.#size += this.#chunk.toString('latin1', this.#at, end);
    const bytes = end - this.#at + (found < 0 ? 0 : 1);
    this.#lineBytes += bytes;
    if (this.#place === 'line' || this.#place === 'fields') this.#bytes += bytes;
    this.#at += bytes;
    if (found >= 0) this.#endLine();
  }

  #endLine(): void {
    const isEmpty = this.#lineBytes <= 2;
    this.#lineBytes = 0;
    if (this.#place === 'line') {
      this.#place = 'fields';
      if (this.#line.endsWith('\r')) this.#line = this.#line.slice(0, -1);
    } else if (this.#place === 'chunk size') {
      const size = Number.parseInt(this.#size, 16);
      this.#size = '';
      if (size === 0) this.#place = 'trailers';
      // Its own CR LF comes behind the data.
      else this.#expect(size + 2, 'chunk');
    } else if (isEmpty) this.#place = this.#place === 'fields' ? 'whole' : 'before';
  }

  #skipBody(): void {
    const bytes = Math.min(this.#left, this.#chunk.length - this.#at);
    this.#at += bytes;
    this.#left -= bytes;
    if (this.#left > 0) return;
    this.#place = this.#place === 'chunk' ? 'chunk size' : 'before';
  }
}
