/** When the next request of each key is due; of more keys than it may hold, the one asked for least recently goes. */
export class RecentKeys {
  readonly #most: number;
  /** Least recently asked first. */
  #due = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#due.size;
  }

  /** Who asks stays longest, refused or not: else the busiest key could be pushed out while it is refused. */
  get(key: string): number | undefined {
    const due = this.#due.get(key);
    if (due === undefined) return undefined;
    this.#due.delete(key);
    this.#due.set(key, due);
    return due;
  }

  /** Lets go of the two oldest besides, if what they say has passed: so the keys of yesterday cost nothing. */
  set(key: string, due: number, now: number): void {
    this.#due.delete(key);
    let looked = 0;
    for (const [oldest, itsDue] of this.#due) {
      if (looked++ === 2) break;
      if (itsDue <= now || this.#due.size >= this.#most) this.#due.delete(oldest);
    }
    this.#due.set(key, due);
  }

  /** Gives back what was taken: the key is due so much earlier. */
  giveBack(key: string, ms: number): void {
    const due = this.#due.get(key);
    if (due !== undefined) this.#due.set(key, due - ms);
  }

  /** What is owed in requests stays owed at another rate. */
  rescale(factor: number, now: number): void {
    for (const [key, due] of this.#due) this.#due.set(key, now + (due - now) * factor);
  }

  clear(): void {
    this.#due = new Map();
  }
}
