/**
 * What a process and the thread that watches it both see, in shared memory: whether its event loop turns, and who waits
 * for an answer that has not begun. No message can tell of that: who would send it is the one that hangs.
 */

/** Numbers, then the ids of requests; each entry has one number and one id. */
const BEAT = 0;
const ARMED = 1;
const HEADER = 2;
const ID_BYTES = 64;

/** So many may be known at once; who comes beyond sees a broken connection when the process hangs, not an answer. */
const mostEntries = 1_024;

/** Somebody who waits for the first byte of an answer. */
export type Waiting = { readonly fd: number; readonly isHead: boolean; readonly id: string };

export class Board {
  readonly shared: SharedArrayBuffer;
  readonly #numbers: Int32Array;
  readonly #ids: Buffer;
  readonly #free: number[];

  /** A new one, or the view of one that another thread made. */
  constructor(shared?: SharedArrayBuffer) {
    const numberBytes = (HEADER + mostEntries) * Int32Array.BYTES_PER_ELEMENT;
    this.shared = shared ?? new SharedArrayBuffer(numberBytes + mostEntries * ID_BYTES);
    this.#numbers = new Int32Array(this.shared, 0, HEADER + mostEntries);
    this.#ids = Buffer.from(this.shared, numberBytes);
    this.#free = Array.from({ length: mostEntries }, (_, index) => mostEntries - 1 - index);
  }

  /** The event loop has turned. */
  beat(): void {
    Atomics.add(this.#numbers, BEAT, 1);
  }

  get beats(): number {
    return Atomics.load(this.#numbers, BEAT);
  }

  /** From now on the event loop has to turn, whoever the parent is. */
  arm(): void {
    Atomics.store(this.#numbers, ARMED, 1);
  }

  get isArmed(): boolean {
    return Atomics.load(this.#numbers, ARMED) === 1;
  }

  /** Somebody waits from now on; gives the entry to `leave` by, undefined when there is no room. */
  enter(fd: number, isHead: boolean, id: string): number | undefined {
    const entry = this.#free.pop();
    if (entry === undefined) return undefined;
    const at = entry * ID_BYTES;
    this.#ids[at] = Math.min(id.length, ID_BYTES - 1);
    this.#ids.write(id, at + 1, ID_BYTES - 1, 'latin1');
    Atomics.store(this.#numbers, HEADER + entry, numberOf(fd, isHead));
    return entry;
  }

  /** The answer begins, or nobody waits for it any more. */
  leave(entry: number): void {
    Atomics.store(this.#numbers, HEADER + entry, 0);
    this.#free.push(entry);
  }

  /** Takes all who wait off the board: from here on their answers are the caller's. */
  takeAll(): Waiting[] {
    const waiting: Waiting[] = [];
    for (let entry = 0; entry < mostEntries; entry += 1) {
      const number = Atomics.exchange(this.#numbers, HEADER + entry, 0);
      if (number !== 0) waiting.push({ ...meant(number), id: this.#idAt(entry) });
    }
    return waiting;
  }

  #idAt(entry: number): string {
    const at = entry * ID_BYTES;
    return this.#ids.toString('latin1', at + 1, at + 1 + (this.#ids[at] ?? 0));
  }
}

/** 0 is nobody. */
function numberOf(fd: number, isHead: boolean): number {
  return fd * 2 + (isHead ? 1 : 0) + 1;
}

function meant(number: number): { fd: number; isHead: boolean } {
  return { fd: Math.floor((number - 1) / 2), isHead: (number - 1) % 2 === 1 };
}
