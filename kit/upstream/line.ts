/**
 * Things in an order that each can leave from the midst of. In place of a Map, for the reason that `http1/slots.ts` gives: of a
 * queue that is never empty every table is given up in turn, and of all that ever waited nothing was freed as young.
 */
export class Line<T> {
  // Of place 0, which is before the first and behind the last, there is no item.
  readonly #items: (T | undefined)[] = [undefined];
  readonly #before = [0];
  readonly #behind = [0];
  readonly #free: number[] = [];

  get size(): number {
    return this.#items.length - 1 - this.#free.length;
  }

  get first(): T | undefined {
    return this.#items[this.#behind[0] ?? 0];
  }

  /** Last of all. Returns its place, which `remove` wants. */
  add(item: T): number {
    return this.#insert(item, this.#before[0] ?? 0);
  }

  /** Before all others. */
  addFirst(item: T): number {
    return this.#insert(item, 0);
  }

  /** To be called once. */
  remove(place: number): void {
    const before = this.#before[place] ?? 0;
    const behind = this.#behind[place] ?? 0;
    this.#behind[before] = behind;
    this.#before[behind] = before;
    this.#items[place] = undefined;
    this.#free.push(place);
  }

  /** In order; an item may be removed when it was seen, and nothing else may change meanwhile. */
  *[Symbol.iterator](): Generator<T> {
    let place = this.#behind[0] ?? 0;
    while (place !== 0) {
      const item = this.#items[place];
      if (item !== undefined) yield item;
      place = this.#behind[place] ?? 0;
    }
  }

  #insert(item: T, before: number): number {
    const place = this.#free.pop() ?? this.#items.length;
    const behind = this.#behind[before] ?? 0;
    this.#items[place] = item;
    this.#before[place] = before;
    this.#behind[place] = behind;
    this.#behind[before] = place;
    this.#before[behind] = place;
    return place;
  }
}
