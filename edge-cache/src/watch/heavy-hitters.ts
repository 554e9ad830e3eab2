/** `count` is never too low, and too high by `over` at most. */
export type Hitter = { readonly name: string; readonly count: number; readonly over: number };

type Counted = { name: string; count: number; over: number; at: number };

/**
 * The names with the largest sums among any number of names, in bounded memory: Space-Saving (Metwally et al., 2005), with
 * weights. Whatever has more than a `capacity`th of the whole sum is in it. A step costs the depth of a heap.
 */
export class HeavyHitters {
  readonly #capacity: number;
  readonly #byName = new Map<string, Counted>();
  /** The least first. */
  readonly #heap: Counted[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** Adds a weight, 1 or more, to a name. */
  add(name: string, weight: number): void {
    const known = this.#byName.get(name);
    if (known !== undefined) {
      known.count += weight;
      this.#sink(known);
    } else if (this.#heap.length < this.#capacity) {
      const fresh: Counted = { name, count: weight, over: 0, at: this.#heap.length };
      this.#heap.push(fresh);
      this.#byName.set(name, fresh);
      this.#rise(fresh);
    } else this.#replaceLeast(name, weight);
  }

  /** Largest first. */
  top(limit: number): Hitter[] {
    const sorted = this.#heap.toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
    return sorted.slice(0, limit).map(({ name, count, over }) => ({ name, count, over }));
  }

  #replaceLeast(name: string, weight: number): void {
    const [least] = this.#heap;
    if (least === undefined) return;
    this.#byName.delete(least.name);
    least.name = name;
    least.over = least.count;
    least.count += weight;
    this.#byName.set(name, least);
    this.#sink(least);
  }

  #rise(counted: Counted): void {
    while (counted.at > 0) {
      const above = this.#heap[(counted.at - 1) >> 1];
      if (above === undefined || above.count <= counted.count) return;
      this.#swap(counted, above);
    }
  }

  #sink(counted: Counted): void {
    for (;;) {
      const left = this.#heap[counted.at * 2 + 1];
      const right = this.#heap[counted.at * 2 + 2];
      const lesser = right !== undefined && left !== undefined && right.count < left.count ? right : left;
      if (lesser === undefined || lesser.count >= counted.count) return;
      this.#swap(counted, lesser);
    }
  }

  #swap(a: Counted, b: Counted): void {
    const { at } = a;
    a.at = b.at;
    b.at = at;
    this.#heap[a.at] = a;
    this.#heap[b.at] = b;
  }
}
