import type { Fields } from '@trivet/kit/semantics/fields.ts';
import type { Lifetime } from '../policy/lifetime.ts';

/** One stored response, as it was admitted. Its body is the store's. */
export type Draft = {
  readonly key: string;
  /** What it answers for, whatever its key is: purges go by these. */
  readonly host: string;
  readonly path: string;
  /** The request fields that selected it, and what the request said in them (RFC 9111 §4.1). */
  readonly vary: readonly string[];
  readonly variant: string;
  readonly status: number;
  /** As received and allowed to be stored: what a 304 is merged into. */
  readonly fields: Fields;
  /** The same as they go to a client, made ready once: only age, cache status and the exchange's own are added. */
  readonly outgoing: Fields;
  readonly trailers: Fields;
  readonly etag: string | undefined;
  /** Milliseconds since the epoch. */
  readonly lastModified: number | undefined;
  readonly life: Lifetime;
  readonly tags: readonly string[];
  readonly servesAuthorized: boolean;
};

export type Entry = Draft & { readonly bodyLength: number };

/**
 * Collects one body on its way into the store. Disposed before `finish`, it leaves nothing behind. What was written can be
 * read from any place on, also after `finish`, so that readers need no copy of their own.
 */
export interface Writer extends Disposable {
  readonly length: number;
  /** Takes the whole chunk, or nothing of it: without room it says false, and nothing will be stored any more. */
  write(chunk: Uint8Array): boolean;
  /** Bytes from `offset` on, as many as lie in one piece; undefined where nothing is written yet. */
  read(offset: number): Buffer | undefined;
  /** Makes the entry findable, in place of the same variant. Undefined when there is no room for its head. */
  finish(draft: Draft): Entry | undefined;
}

/** Where stored responses live. The index is in memory in every store, so finding is synchronous. */
export interface Store {
  /** Every variant of a key, newest first. */
  peek(key: string): readonly Entry[];
  /** The whole body, when it is in memory; it counts as a use. Also for an entry that was dropped since it was found. */
  bytes(entry: Entry): Buffer | undefined;
  /** Room for a head and for a body whose length may be known; undefined when there is none. Bytes. */
  begin(headBytes: number, bodyBytes: number | undefined): Writer | undefined;
  /** The same body under another head or lifetime, in place of `entry`. Undefined when there is no room for it. */
  refresh(entry: Entry, draft: Draft): Entry | undefined;
  drop(entry: Entry): boolean;
  entries(): Iterable<Entry>;
  tagged(tag: string): Iterable<Entry>;
  stats(): StoreStats;
}

export type StoreStats = {
  readonly entries: number;
  readonly keys: number;
  /** Bodies, heads and bookkeeping of what is stored. */
  readonly bytes: number;
  /** Held by bodies on their way in. */
  readonly reservedBytes: number;
  readonly limitBytes: number;
  readonly evictions: number;
};

/**
 * What an entry costs beyond its strings and its body: the objects of the entry, its places in index, tags and LRU list,
 * and the handle of the body. Measured at 1 million entries and rounded up.
 */
export const ENTRY_OVERHEAD_BYTES = 900;
const STRING_HEADER_BYTES = 16;
const TAG_BYTES = 120;

/** What the head of an entry costs in memory, bookkeeping included; bytes. */
export function headBytes(draft: Draft): number {
  const { key, host, path, variant, fields, outgoing, trailers, tags } = draft;
  let bytes = ENTRY_OVERHEAD_BYTES + textBytes(key) + textBytes(host) + textBytes(path) + textBytes(variant);
  for (const text of fields) bytes += textBytes(text);
  for (const text of trailers) bytes += textBytes(text);
  for (const tag of tags) bytes += textBytes(tag) + TAG_BYTES;
  // The outgoing fields share their strings with the stored ones; theirs are the references alone.
  return bytes + 8 * (fields.length + outgoing.length + trailers.length);
}

function textBytes(text: string): number {
  return STRING_HEADER_BYTES + ((text.length + 7) & ~7);
}
