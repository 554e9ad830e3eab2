/** How long a file that was added may stay unseen, milliseconds. */
const memoryMs = 1_000;
/** Strangers choose the names. */
const mostNames = 10_000;

/**
 * Names under which nothing was a moment ago. Most requests of a site with an application are for no file at all, and
 * asking the disk for each of them costs more than passing the request on.
 */
export class Absences {
  readonly #clock: () => number;
  readonly #names = new Set<string>();
  #since: number;

  /** `clock` in milliseconds, from any start. */
  constructor(clock: () => number) {
    this.#clock = clock;
    this.#since = clock();
  }

  has(name: string): boolean {
    const now = this.#clock();
    if (now - this.#since >= memoryMs) {
      this.#names.clear();
      this.#since = now;
    }
    return this.#names.has(name);
  }

  add(name: string): void {
    if (this.#names.size < mostNames) this.#names.add(name);
  }
}
