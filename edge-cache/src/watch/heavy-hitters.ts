/** `count` is never too low, and too high by `over` at most. */
export type Hitter = { readonly name: string; readonly count: number; readonly over: number };

type Counted = { name: string; count: number; over: number; at: number };

/** Sums of names that are not in the list, for each that is; so many that few names share one. */
const FLOORS = 8;

/**
 * The names with the largest sums among any number of names, in bounded memory: Filtered Space-Saving (Homem and Carvalho,
 * 2010), with weights. Whatever has more than a `capacity`th of the whole sum is in it. A name that is asked for once
 * costs a sum; only one that may be among the largest costs the depth of a heap.
 */
export class HeavyHitters {
  readonly #capacity: number;
  readonly #byName = new Map<string, Counted>();
  /** The least first. */
  readonly #heap: Counted[] = [];
  /** By hash: what a name that is not in the heap comes to at most. */
  readonly #floors: Float64Array;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#floors = new Float64Array(capacity * FLOORS);
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
    } else this.#addBelow(name, weight);
  }

  /** Largest first. */
  top(limit: number): Hitter[] {
    const sorted = this.#heap.toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
    return sorted.slice(0, limit).map(({ name, count, over }) => ({ name, count, over }));
  }

  /** One that is not in the heap, which is full: it takes the place of the least once it may come to more. */
  #addBelow(name: string, weight: number): void {
    const [least] = this.#heap;
    if (least === undefined) return;
    const place = hashOf(name) % this.#floors.length;
    const floor = this.#floors[place] ?? 0;
    if (floor + weight <= least.count) {
      this.#floors[place] = floor + weight;
      return;
    }
    this.#leave(least);
    least.name = name;
    least.over = floor;
    least.count = floor + weight;
    this.#byName.set(name, least);
    this.#sink(least);
  }

  #leave({ name, count }: Counted): void {
    this.#byName.delete(name);
    const place = hashOf(name) % this.#floors.length;
    this.#floors[place] = Math.max(this.#floors[place] ?? 0, count);
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

// FNV-1a, 32 bits.
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
