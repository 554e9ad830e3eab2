import { LRUCache } from 'lru-cache';

/** How long a key is remembered whose answers cannot be shared; milliseconds. */
const MEMORY_MS = 120_000;
const MOST_KEYS = 10_000;

type Mark = { readonly why: string; readonly until: number };

/**
 * Keys that were found uncacheable of late (Varnish: hit-for-miss). Nobody waits there for the answer of another; the
 * first answer that can be stored ends it. Bounded, and no part of the store.
 */
export class UncacheableMemory {
  readonly #marks = new LRUCache<string, Mark>({ max: MOST_KEYS });

  note(key: string, why: string, now: number): void {
    this.#marks.set(key, { why, until: now + MEMORY_MS });
  }

  recall(key: string, now: number): Mark | undefined {
    if (this.#marks.size === 0) return undefined;
    const mark = this.#marks.get(key);
    if (mark === undefined || now < mark.until) return mark;
    this.#marks.delete(key);
    return undefined;
  }

  forget(key: string): void {
    if (this.#marks.size > 0) this.#marks.delete(key);
  }

  get size(): number {
    return this.#marks.size;
  }
}
