import { residentBytes } from '../processes/resident-set.ts';

const everyMs = 50;

/** Looks at the resident memory of servers, each with all its processes, every 50 ms until it is disposed of. */
export class ResidentWatch implements Disposable {
  /** Bytes, in the order of the servers, when the watch began. */
  readonly before: readonly number[];
  readonly #roots: readonly number[];
  readonly #timer: NodeJS.Timeout;
  #peaks: readonly number[];

  constructor(roots: readonly number[]) {
    this.#roots = roots;
    this.before = residentBytes(roots);
    this.#peaks = this.before;
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  /** The most that each was seen to have (bytes). */
  peaks(): readonly number[] {
    this.#look();
    return this.#peaks;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = residentBytes(this.#roots);
    this.#peaks = this.#peaks.map((peak, i) => Math.max(peak, now[i] ?? 0));
  }
}
