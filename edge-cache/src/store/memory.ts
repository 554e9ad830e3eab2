import { LRUCache } from 'lru-cache';
import { MemoryWriter } from './memory-writer.ts';
import { type Draft, type Entry, headBytes, type Store, type StoreStats, type Writer } from './store.ts';

/** An entry with its body at hand: whoever holds one can send it, even when it has been evicted since. */
class MemoryEntry implements Entry {
  readonly key: string;
  readonly host: string;
  readonly path: string;
  readonly vary: Draft['vary'];
  readonly variant: string;
  readonly status: number;
  readonly fields: Draft['fields'];
  readonly outgoing: Draft['outgoing'];
  readonly trailers: Draft['trailers'];
  readonly etag: string | undefined;
  readonly lastModified: number | undefined;
  readonly life: Draft['life'];
  readonly tags: Draft['tags'];
  readonly servesAuthorized: boolean;
  readonly bodyLength: number;
  readonly body: Buffer;
  readonly size: number;

  constructor(draft: Draft, body: Buffer, size: number) {
    this.key = draft.key;
    this.host = draft.host;
    this.path = draft.path;
    this.vary = draft.vary;
    this.variant = draft.variant;
    this.status = draft.status;
    this.fields = draft.fields;
    this.outgoing = draft.outgoing;
    this.trailers = draft.trailers;
    this.etag = draft.etag;
    this.lastModified = draft.lastModified;
    this.life = draft.life;
    this.tags = draft.tags;
    this.servesAuthorized = draft.servesAuthorized;
    this.bodyLength = body.length;
    this.body = body;
    this.size = size;
  }
}

/** A key that varies without end (by User-Agent, by Cookie) must not make every lookup a long search. */
const MOST_VARIANTS = 64;

const none: readonly Entry[] = Object.freeze([]);

/**
 * Keeps responses in memory, the least recently used go first. The budget is hard: bodies, heads, bookkeeping and what
 * is on its way in together never exceed `limitBytes`.
 */
export class MemoryStore implements Store {
  readonly #limit: number;
  #reserved = 0;
  #evictions = 0;
  readonly #index = new Map<string, MemoryEntry[]>();
  readonly #tags = new Map<string, Set<MemoryEntry>>();
  readonly #lru: LRUCache<MemoryEntry, true>;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
    this.#lru = new LRUCache<MemoryEntry, true>({
      // One byte of slack: lru-cache wants more than 0, and eviction is decided in #take.
      maxSize: limitBytes + 1,
      sizeCalculation: (_, entry) => entry.size,
      dispose: (_, entry) => this.#unlink(entry),
    });
  }

  peek(key: string): readonly Entry[] {
    return this.#index.get(key) ?? none;
  }

  bytes(entry: Entry): Buffer | undefined {
    if (!(entry instanceof MemoryEntry)) return undefined;
    this.#lru.get(entry);
    return entry.body;
  }

  begin(headBytes: number, bodyBytes: number | undefined): Writer | undefined {
    if (!this.#take(headBytes + (bodyBytes ?? 0))) return undefined;
    const room = {
      take: (bytes: number) => this.#take(bytes),
      give: (bytes: number) => this.#give(bytes),
      commit: (draft: Draft, body: Buffer) => this.#add(draft, body),
    };
    return new MemoryWriter(room, headBytes, bodyBytes);
  }

  refresh(entry: Entry, draft: Draft): Entry | undefined {
    if (!(entry instanceof MemoryEntry)) return undefined;
    this.#lru.delete(entry);
    return this.#add(draft, entry.body);
  }

  drop(entry: Entry): boolean {
    return entry instanceof MemoryEntry && this.#lru.delete(entry);
  }

  *entries(): Iterable<Entry> {
    for (const variants of this.#index.values()) yield* variants;
  }

  tagged(tag: string): Iterable<Entry> {
    return this.#tags.get(tag) ?? none;
  }

  stats(): StoreStats {
    return {
      entries: this.#lru.size,
      keys: this.#index.size,
      bytes: this.#lru.calculatedSize,
      reservedBytes: this.#reserved,
      limitBytes: this.#limit,
      evictions: this.#evictions,
    };
  }

  #take(bytes: number): boolean {
    // What could not have room in an empty store must not empty it.
    if (this.#reserved + bytes > this.#limit) return false;
    while (this.#lru.calculatedSize + this.#reserved + bytes > this.#limit) {
      if (this.#lru.pop() === undefined) return false;
      this.#evictions += 1;
    }
    this.#reserved += bytes;
    return true;
  }

  #give(bytes: number): void {
    this.#reserved -= bytes;
  }

  #add(draft: Draft, body: Buffer): Entry | undefined {
    const entry = new MemoryEntry(draft, body, headBytes(draft) + body.length);
    if (!this.#take(entry.size)) return undefined;
    this.#give(entry.size);
    this.#supersede(entry);
    this.#lru.set(entry, true);
    this.#link(entry);
    return entry;
  }

  #supersede(entry: MemoryEntry): void {
    const variants = this.#index.get(entry.key) ?? [];
    // The text of a variant names its fields: the same text is the same variant.
    const same = variants.find((other) => other.variant === entry.variant);
    if (same !== undefined) this.#lru.delete(same);
    const oldest = variants.length < MOST_VARIANTS ? undefined : variants.at(-1);
    if (oldest !== undefined) this.#lru.delete(oldest);
  }

  #link(entry: MemoryEntry): void {
    const variants = this.#index.get(entry.key);
    if (variants === undefined) this.#index.set(entry.key, [entry]);
    else variants.unshift(entry);
    for (const tag of entry.tags) {
      const tagged = this.#tags.get(tag);
      if (tagged === undefined) this.#tags.set(tag, new Set([entry]));
      else tagged.add(entry);
    }
  }

  #unlink(entry: MemoryEntry): void {
    const variants = this.#index.get(entry.key) ?? [];
    const at = variants.indexOf(entry);
    if (at >= 0) variants.splice(at, 1);
    if (variants.length === 0) this.#index.delete(entry.key);
    for (const tag of entry.tags) {
      const tagged = this.#tags.get(tag);
      tagged?.delete(entry);
      if (tagged?.size === 0) this.#tags.delete(tag);
    }
  }
}
