/**
 * How many of a member's requests failed of late, as a part of all: one that fails every other request never fails twice
 * in a row. Pure but for what it counts, in the same memory however much that is; the caller tells the time.
 */

/** Below so many outcomes a part of them says nothing. */
export const fewestOutcomes = 10;

/** The time is counted in parts: what is older than ten of them is forgotten. */
const parts = 10;

export class FailWindow {
  readonly #answered = new Int32Array(parts);
  readonly #failed = new Int32Array(parts);
  /** How long a part is, milliseconds. */
  readonly #partMs: number;
  /** The part that is counted in now: its number since the clock began. */
  #part = Number.NEGATIVE_INFINITY;

  /** `windowMs`: how far back outcomes count. */
  constructor(windowMs: number) {
    this.#partMs = windowMs / parts;
  }

  /** A request was answered to the end. */
  answered(now: number): void {
    const at = this.#at(now);
    this.#answered[at] = (this.#answered[at] ?? 0) + 1;
  }

  /** A request failed. Says whether this part (0..1) of those of late did, or more. */
  failed(now: number, fraction: number): boolean {
    const at = this.#at(now);
    this.#failed[at] = (this.#failed[at] ?? 0) + 1;
    const failed = sum(this.#failed);
    const all = failed + sum(this.#answered);
    return all >= fewestOutcomes && failed >= fraction * all;
  }

  /** What came before says nothing any more. */
  clear(): void {
    this.#answered.fill(0);
    this.#failed.fill(0);
  }

  #at(now: number): number {
    const part = Math.floor(now / this.#partMs);
    if (part > this.#part) this.#forget(part);
    return this.#part % parts;
  }

  #forget(part: number): void {
    const stale = Math.min(part - this.#part, parts);
    for (let back = 0; back < stale; back++) {
      this.#answered[(part - back) % parts] = 0;
      this.#failed[(part - back) % parts] = 0;
    }
    this.#part = part;
  }
}

function sum(counts: Int32Array): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
