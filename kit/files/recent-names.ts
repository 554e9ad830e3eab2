/** How long a name is remembered, milliseconds: no longer than a change on the disk may stay unseen. */
const memoryMs = 1_000;
/** Strangers choose the names. */
const mostNames = 10_000;

/**
 * Names that were in question a moment ago. Where nothing was found under a name, the disk need not be asked again: most
 * requests of a site with an application are for no file at all, and asking costs more than passing the request on.
 */
export class RecentNames {
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
