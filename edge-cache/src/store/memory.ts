import { dropped } from '@trivet/kit/process/buffer-collector.ts';
import { LRUCache } from 'lru-cache';
import { Body, type Loan } from './body.ts';
import { chain, MemoryEntry } from './memory-entry.ts';
import { MemoryWriter, type Room } from './memory-writer.ts';
import { type Draft, type Entry, type Store, type StoreStats, supersedes, type Writer } from './store.ts';

/** A key that varies without end (by User-Agent, by Cookie) must not make every lookup a long search. */
const MOST_VARIANTS = 64;

/** With more entries than this a full collection takes too long; V8 goes about it by and by. */
const MOST_FOR_A_PAUSE = 200_000;
const LEAST_DROPPED_BYTES = 8 * 1024 * 1024;

/** Between two evictions: a store of which all is in use must not be walked through for the sake of one. */
const MOST_SPARED = 100;

const none: readonly Entry[] = Object.freeze([]);

/**
 * Keeps responses in memory, the least recently used go first, as far as a second chance can tell (CLOCK): a hit only marks
 * its entry, and is moved in the list when room is needed. In a store of a million, moving each would cost a hit more
 * memory accesses than finding it does. The budget is hard: bodies, heads, bookkeeping and what
 * is on its way in together never exceed `limitBytes`.
 */
export class MemoryStore implements Store {
  readonly #limit: number;
  #reserved = 0;
  #evictions = 0;
  #crowdedOut = 0;
  /** By key, the newest variant. */
  readonly #index = new Map<string, MemoryEntry>();
  readonly #tags = new Map<string, Set<MemoryEntry>>();
  readonly #lru: LRUCache<MemoryEntry, true>;
  readonly #room: Room = {
    take: (bytes) => this.#take(bytes),
    give: (bytes) => this.#give(bytes),
    commit: (draft, pieces) => {
      const body = new Body(pieces);
      body.store();
      const loan = body.lend();
      return { entry: this.#add(draft, body), loan };
    },
  };

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
    const newest = this.#index.get(key);
    return newest === undefined ? none : chain(newest);
  }

  borrow(entry: Entry): Loan | undefined {
    if (!(entry instanceof MemoryEntry)) return undefined;
    entry.isUsed = true;
    return entry.body.lend();
  }

  begin(headBytes: number, bodyBytes: number | undefined): Writer | undefined {
    if (!this.#take(headBytes + (bodyBytes ?? 0))) return undefined;
    return new MemoryWriter(this.#room, headBytes, bodyBytes);
  }

  refresh(entry: Entry, draft: Draft): Entry | undefined {
    if (!(entry instanceof MemoryEntry)) return undefined;
    const { body } = entry;
    if (!body.store()) return undefined;
    this.#lru.delete(entry);
    return this.#add(draft, body);
  }

  drop(entry: Entry): boolean {
    return entry instanceof MemoryEntry && this.#lru.delete(entry);
  }

  *entries(): Iterable<Entry> {
    for (const newest of this.#index.values()) yield* chain(newest);
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
      crowdedOut: this.#crowdedOut,
    };
  }

  #take(bytes: number): boolean {
    // What could not have room in an empty store must not empty it.
    if (this.#reserved + bytes > this.#limit) return false;
    while (this.#lru.calculatedSize + this.#reserved + bytes > this.#limit) {
      this.#spareUsed();
      if (this.#lru.pop() === undefined) return false;
      this.#evictions += 1;
    }
    this.#reserved += bytes;
    return true;
  }

  /** What was used since it came to the oldest end of the list goes to the newest, as it would have when it was used. */
  #spareUsed(): void {
    for (let spared = 0; spared < MOST_SPARED; spared += 1) {
      // Moving the oldest ends every walk that began at it.
      const [oldest] = this.#lru.rkeys();
      if (!oldest?.isUsed) return;
      oldest.isUsed = false;
      this.#lru.get(oldest);
    }
  }

  #give(bytes: number): void {
    this.#reserved -= bytes;
  }

  #add(draft: Draft, body: Body): MemoryEntry | undefined {
    const entry = new MemoryEntry(draft, body);
    if (!this.#take(entry.size)) {
      this.#letGo(body);
      return undefined;
    }
    this.#give(entry.size);
    this.#supersede(entry);
    this.#lru.set(entry, true);
    this.#link(entry);
    return entry;
  }

  // What is still being sent takes room until it is sent.
  #letGo(body: Body): void {
    if (body.unstore(() => this.#give(body.length))) this.#reserved += body.length;
  }

  // Bodies are freed at once; the rest of an entry is found by the collector alone.
  #countGarbage(bytes: number): void {
    if (this.#lru.size < MOST_FOR_A_PAUSE) dropped(bytes, Math.max(this.#limit / 8, LEAST_DROPPED_BYTES));
  }

  #supersede(entry: MemoryEntry): void {
    const newest = this.#index.get(entry.key);
    if (newest === undefined) return;
    const others = chain(newest).filter((other) => !(supersedes(entry, other) && this.#lru.delete(other)));
    const oldest = others.length < MOST_VARIANTS ? undefined : others.at(-1);
    if (oldest === undefined) return;
    this.#crowdedOut += 1;
    this.#lru.delete(oldest);
  }

  #link(entry: MemoryEntry): void {
    entry.older = this.#index.get(entry.key);
    this.#index.set(entry.key, entry);
    for (const tag of entry.tags) {
      const tagged = this.#tags.get(tag);
      if (tagged === undefined) this.#tags.set(tag, new Set([entry]));
      else tagged.add(entry);
    }
  }

  #unlink(entry: MemoryEntry): void {
    this.#letGo(entry.body);
    this.#countGarbage(entry.size - entry.body.length);
    this.#unchain(entry);
    for (const tag of entry.tags) {
      const tagged = this.#tags.get(tag);
      tagged?.delete(entry);
      if (tagged?.size === 0) this.#tags.delete(tag);
    }
  }

  #unchain(entry: MemoryEntry): void {
    const newest = this.#index.get(entry.key);
    if (newest !== entry) {
      const newer = newest && chain(newest).find((other) => other.older === entry);
      if (newer !== undefined) newer.older = entry.older;
    } else if (entry.older === undefined) this.#index.delete(entry.key);
    else this.#index.set(entry.key, entry.older);
    entry.older = undefined;
  }
}
