/**
 * One body on its way from the origin to any number of readers. As long as the store gives it room it is kept whole:
 * every reader goes at its own pace from the first byte, nobody waits for anybody, and new ones may join. Without room
 * (or where nothing is to be kept) it is in transit: a bounded window passes by the readers that are there, the slowest
 * of them holds the origin back, and nobody can join any more.
 */
import type { Fault } from '@trivet/kit/semantics/fault.ts';
import type { Fields } from '@trivet/kit/semantics/fields.ts';
import type { Writer } from '../store/store.ts';

export type FlowState =
  | { readonly is: 'open' }
  | { readonly is: 'ended'; readonly trailers: Fields }
  | { readonly is: 'broken'; readonly fault: Fault };

/** What the flow tells the one that feeds it. */
export type FlowOwner = {
  /** The origin may go on after `write` said false. */
  onRoom(): void;
  /** Nobody reads it any more, and it is not kept. */
  abandon(): void;
};

/** How far ahead of its slowest reader the origin may be while in transit; bytes. */
export const TRANSIT_WINDOW_BYTES = 256 * 1024;
/** A reader gets no more at once, so that a slow client does not hold on to memory that the store has given up. */
const LONGEST_READ_BYTES = 256 * 1024;

const open: FlowState = { is: 'open' };

export class Flow {
  readonly #owner: FlowOwner;
  #writer: Writer | undefined;
  #isKept: boolean;
  readonly #window: Buffer[] = [];
  #windowBytes = 0;
  /** Where in the body the window begins. */
  #windowStart = 0;
  #length = 0;
  #state: FlowState = open;
  #isHeldBack = false;
  readonly #readers = new Set<Reader>();

  constructor(writer: Writer | undefined, owner: FlowOwner) {
    this.#owner = owner;
    this.#writer = writer;
    this.#isKept = writer !== undefined;
  }

  get state(): FlowState {
    return this.#state;
  }

  /** Bytes that came so far. */
  get length(): number {
    return this.#length;
  }

  /** Is all of it there to be read from the first byte, and to be stored? */
  get isKept(): boolean {
    return this.#isKept;
  }

  /** Takes what came; false holds the origin back until `onRoom`. */
  write(chunk: Buffer): boolean {
    this.#length += chunk.length;
    if (this.#isKept && !this.#writer?.write(chunk)) this.#toTransit(chunk.length);
    if (!this.#isKept) {
      this.#window.push(chunk);
      this.#windowBytes += chunk.length;
    }
    this.#wake();
    this.#trim();
    this.#isHeldBack = this.#windowBytes >= TRANSIT_WINDOW_BYTES;
    return !this.#isHeldBack;
  }

  end(trailers: Fields): void {
    this.#state = { is: 'ended', trailers };
    this.#wake();
    this.#forget();
  }

  break(fault: Fault): void {
    if (this.#state.is !== 'open') return;
    this.#state = { is: 'broken', fault };
    this.#wake();
    this.#forget();
  }

  /** Reads from the first byte on; only a kept flow has everything for one that joins late. */
  reader(onProgress: () => void): Reader {
    const reader = new Reader(this, onProgress);
    this.#readers.add(reader);
    return reader;
  }

  /** For readers: bytes from `offset` on, as many as are at hand in one piece. */
  at(offset: number): Buffer | undefined {
    if (offset < this.#windowStart || this.#isKept) return this.#writer?.read(offset);
    let start = this.#windowStart;
    for (const chunk of this.#window) {
      if (offset === start) return chunk;
      if (offset < start + chunk.length) return chunk.subarray(offset - start);
      start += chunk.length;
    }
    return undefined;
  }

  /** For readers: one has gone on, or has gone. */
  moved(reader: Reader): void {
    if (reader.isClosed) this.#readers.delete(reader);
    this.#trim();
    this.#forget();
    if (reader.isClosed && this.#readers.size === 0 && !this.#isKept && this.#state.is === 'open') {
      this.#owner.abandon();
    }
    if (this.#isHeldBack && this.#windowBytes < TRANSIT_WINDOW_BYTES / 2) {
      this.#isHeldBack = false;
      this.#owner.onRoom();
    }
  }

  #toTransit(refused: number): void {
    this.#isKept = false;
    this.#windowStart = this.#length - refused;
    if (this.#readers.size === 0) this.#owner.abandon();
  }

  #wake(): void {
    for (const reader of this.#readers) reader.onProgress();
  }

  /** Gives up what every reader has passed. */
  #trim(): void {
    if (this.#isKept || this.#readers.size === 0) return;
    let slowest = Number.POSITIVE_INFINITY;
    for (const reader of this.#readers) slowest = Math.min(slowest, reader.position);
    if (slowest >= this.#windowStart) this.#dropWriter();
    for (let chunk = this.#window[0]; chunk !== undefined; chunk = this.#window[0]) {
      if (this.#windowStart + chunk.length > slowest) break;
      this.#window.shift();
      this.#windowStart += chunk.length;
      this.#windowBytes -= chunk.length;
    }
  }

  /** Once it is over and nobody reads, nothing of it is held. */
  #forget(): void {
    if (this.#state.is === 'open' || this.#readers.size > 0) return;
    this.#dropWriter();
    this.#window.length = 0;
    this.#windowBytes = 0;
  }

  #dropWriter(): void {
    this.#writer?.[Symbol.dispose]();
    this.#writer = undefined;
  }
}

/** One reader's place in a flow. */
export class Reader {
  readonly #flow: Flow;
  /** Called when there may be more to read, or an end to see. */
  onProgress: () => void;
  #position = 0;
  #until = Number.POSITIVE_INFINITY;
  #isClosed = false;

  constructor(flow: Flow, onProgress: () => void) {
    this.#flow = flow;
    this.onProgress = onProgress;
  }

  /** Reads only from `from` on, up to and without `until`; bytes. */
  limit(from: number, until: number): void {
    this.#position = from;
    this.#until = until;
    this.#flow.moved(this);
  }

  /** Where in the body it stands; bytes. */
  get position(): number {
    return this.#position;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The length of the whole body once all of it is here and nothing (no trailers) follows; bytes. */
  get wholeLength(): number | undefined {
    const { state, length } = this.#flow;
    return state.is === 'ended' && state.trailers.length === 0 ? length : undefined;
  }

  /** The next bytes, or undefined while there are none. */
  read(): Buffer | undefined {
    const chunk = this.#next();
    if (chunk !== undefined) this.#pass(chunk);
    return chunk;
  }

  /** All that is left to read, when it is here in one piece and nothing (no trailers) follows. */
  readLast(): Buffer | undefined {
    const { wholeLength = Number.POSITIVE_INFINITY } = this;
    const chunk = this.#next();
    if (chunk === undefined || this.#position + chunk.length < Math.min(wholeLength, this.#until)) return undefined;
    this.#pass(chunk);
    return chunk;
  }

  #next(): Buffer | undefined {
    if (this.#isClosed || this.#position >= this.#until) return undefined;
    const chunk = this.#flow.at(this.#position);
    const most = Math.min(LONGEST_READ_BYTES, this.#until - this.#position);
    return chunk === undefined || chunk.length <= most ? chunk : chunk.subarray(0, most);
  }

  #pass(chunk: Buffer): void {
    this.#position += chunk.length;
    this.#flow.moved(this);
  }

  /** Has it come to its end, the flow's or its own? A broken flow ends nowhere. */
  get state(): FlowState {
    const { state, length } = this.#flow;
    if (this.#position >= this.#until) return { is: 'ended', trailers: [] };
    return state.is === 'ended' && this.#position < length ? open : state;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#flow.moved(this);
  }
}
