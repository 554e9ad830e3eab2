import type { Draft, Entry, Writer } from './store.ts';

/** The part of a store's budget that a writer may ask for; bytes. */
export type Room = {
  take(bytes: number): boolean;
  give(bytes: number): void;
  commit(draft: Draft, body: Buffer): Entry | undefined;
};

type Segment = { readonly start: number; readonly bytes: Buffer };

const FIRST_SEGMENT_BYTES = 16 * 1024;
const LONGEST_SEGMENT_BYTES = 1024 * 1024;

/**
 * Copies what comes into memory of exactly the size it reserved: a chunk as the socket hands it over may be a small view
 * on a large read buffer, which would live as long as the view.
 */
export class MemoryWriter implements Writer {
  readonly #room: Room;
  #segments: Segment[] = [];
  #capacity = 0;
  #length = 0;
  #reserved: number;
  #isOver = false;

  /** The room for the head, and for the body where its length is known, is taken already; bytes. */
  constructor(room: Room, headBytes: number, bodyBytes = 0) {
    this.#room = room;
    this.#reserved = headBytes + bodyBytes;
    if (bodyBytes > 0) this.#append(Buffer.allocUnsafeSlow(bodyBytes));
  }

  get length(): number {
    return this.#length;
  }

  write(chunk: Uint8Array): boolean {
    if (this.#isOver || !this.#fits(chunk.length)) {
      this.#isOver = true;
      return false;
    }
    for (let taken = 0; taken < chunk.length; ) {
      const { start, bytes } = this.#segmentAt(this.#length);
      const at = this.#length - start;
      const step = Math.min(chunk.length - taken, bytes.length - at);
      bytes.set(chunk.subarray(taken, taken + step), at);
      this.#length += step;
      taken += step;
    }
    return true;
  }

  read(offset: number): Buffer | undefined {
    if (offset >= this.#length) return undefined;
    const { start, bytes } = this.#segmentAt(offset);
    return bytes.subarray(offset - start, this.#length - start);
  }

  finish(draft: Draft): Entry | undefined {
    if (this.#isOver) return undefined;
    const body = this.#exact();
    this.#segments = [{ start: 0, bytes: body }];
    this.#release();
    return this.#room.commit(draft, body);
  }

  [Symbol.dispose](): void {
    this.#release();
    this.#segments = [];
    this.#length = 0;
  }

  #fits(bytes: number): boolean {
    const missing = this.#length + bytes - this.#capacity;
    if (missing <= 0) return true;
    const last = this.#segments.at(-1);
    const next = last === undefined ? FIRST_SEGMENT_BYTES : Math.min(2 * last.bytes.length, LONGEST_SEGMENT_BYTES);
    // Ahead of what comes where there is room for it, else no more than is needed.
    const size = [Math.max(missing, next), missing].find((bytes) => this.#room.take(bytes));
    if (size === undefined) return false;
    this.#reserved += size;
    this.#append(Buffer.allocUnsafeSlow(size));
    return true;
  }

  #append(bytes: Buffer): void {
    this.#segments.push({ start: this.#capacity, bytes });
    this.#capacity += bytes.length;
  }

  #segmentAt(offset: number): Segment {
    const segment = this.#segments.findLast(({ start }) => start <= offset);
    if (segment === undefined) throw new RangeError(`nothing is written at ${offset}`);
    return segment;
  }

  #exact(): Buffer {
    const [only] = this.#segments;
    if (this.#segments.length === 1 && only?.bytes.length === this.#length) return only.bytes;
    const body = Buffer.allocUnsafeSlow(this.#length);
    for (const { start, bytes } of this.#segments) {
      body.set(bytes.subarray(0, Math.max(0, this.#length - start)), Math.min(start, this.#length));
    }
    return body;
  }

  #release(): void {
    this.#isOver = true;
    this.#room.give(this.#reserved);
    this.#reserved = 0;
  }
}
