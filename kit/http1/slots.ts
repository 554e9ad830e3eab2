/**
 * Things that come and go, each in a slot of one array. In place of a Set or Map: those make their table anew every few
 * dozen changes, and each table that is given up keeps alive the next one, and with it all that was open at that time.
 * Once one of them has become old, nothing of the connections behind it is freed before the collector looks at all.
 */
export class Slots<T> {
  readonly #items: (T | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#items.length - this.#free.length;
  }

  /** Returns its slot, which `remove` wants. */
  add(item: T): number {
    const slot = this.#free.pop() ?? this.#items.length;
    this.#items[slot] = item;
    return slot;
  }

  /** To be called once. */
  remove(slot: number): void {
    this.#items[slot] = undefined;
    this.#free.push(slot);
  }

  /** In no order; what comes or goes meanwhile may be seen or not. */
  *[Symbol.iterator](): Generator<T> {
    for (const item of this.#items) if (item !== undefined) yield item;
  }
}
