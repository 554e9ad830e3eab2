import type { Loan } from './body.ts';
import type { Draft, Entry, Writer } from './store.ts';

/** The part of a store's budget that a writer may ask for; bytes. */
export type Room = {
  take(bytes: number): boolean;
  give(bytes: number): void;
  /**
   * Makes an entry of the pieces, in place of what the writer held; undefined where its head has grown beyond the room
   * there is. They are lent either way: what was read of them may be on its way to clients.
   */
  commit(
    draft: Draft,
    pieces: readonly Buffer[],
  ): { readonly entry: Entry | undefined; readonly loan: Loan | undefined };
};

type Segment = { readonly start: number; readonly bytes: Buffer };

const SHORTEST_GROWTH_BYTES = 16 * 1024;
const LONGEST_GROWTH_BYTES = 1024 * 1024;

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
  /** Of the body that was to become an entry's: it is still read here. */
  #loan: Loan | undefined;

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
    this.#trim();
    this.#release();
    const pieces = this.#segments.map(({ bytes }) => bytes);
    const { entry, loan } = this.#room.commit(draft, pieces);
    this.#loan = loan;
    return entry;
  }

  [Symbol.dispose](): void {
    this.#release();
    this.#segments = [];
    this.#length = 0;
    this.#loan?.giveBack();
  }

  #fits(bytes: number): boolean {
    const missing = this.#length + bytes - this.#capacity;
    if (missing <= 0) return true;
    const last = this.#segments.at(-1)?.bytes.length;
    // The first chunk often is all there is. Then ahead of what comes, where there is room for it.
    const next = last === undefined ? 0 : Math.min(Math.max(2 * last, SHORTEST_GROWTH_BYTES), LONGEST_GROWTH_BYTES);
    const size = [Math.max(missing, next), missing].find((wanted) => this.#room.take(wanted));
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

  /** Leaves no unused memory behind the last byte. What was read of the old segment stays with its readers. */
  #trim(): void {
    const last = this.#segments.at(-1);
    if (last === undefined || this.#capacity === this.#length) return;
    const bytes = Buffer.allocUnsafeSlow(Math.max(0, this.#length - last.start));
    last.bytes.copy(bytes);
    this.#segments[this.#segments.length - 1] = { start: last.start, bytes };
    this.#capacity = this.#length;
  }

  #release(): void {
    this.#isOver = true;
    this.#room.give(this.#reserved);
    this.#reserved = 0;
  }
}
