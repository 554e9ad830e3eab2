import type { Coding } from '@trivet/kit/semantics/content-coding.ts';
import type { Lifetime } from '../policy/lifetime.ts';
import type { Part } from '../policy/parts.ts';
import type { Loan } from './body.ts';

/**
 * One stored response, as it was admitted; its body is the store's. Of a million such objects every string and every
 * list counts, so what is a list elsewhere is one text here: see `packed-fields.ts`.
 */
export type Draft = {
  readonly key: string;
  /** What it answers for, host and path together, whatever its key is: purges go by it. */
  readonly url: string;
  /** How much of it is the host. */
  readonly hostLength: number;
  /** The request fields that selected it, and what the request said in them (RFC 9111 §4.1). */
  readonly vary: readonly string[];
  readonly variant: string;
  readonly status: number;
  /** Its ESI markup is to be processed whenever it is delivered. */
  readonly isEsi: boolean;
  /** The fields as they go to clients, made ready once: only age, cache status and the exchange's own are added. */
  readonly sent: string;
  /** What was received beside them, and is needed when a 304 is merged. */
  readonly held: string;
  readonly trailers: string;
  readonly life: Lifetime;
  readonly tags: readonly string[];
  readonly servesAuthorized: boolean;
  /** Where it lies in the representation, when it is a part of it. */
  readonly part: Part | undefined;
  /** The newest ban when its fetch began: only later ones can be meant for it. */
  readonly sinceBan: number;
};

export type Entry = Draft & {
  readonly bodyLength: number;
  /** The newest ban that it was tested against. */
  testedBan: number;
  /** Who takes it as it is stored, once somebody has asked that (`takers.ts`). */
  takers: Takers | undefined;
};

/** Every client, no client, or those that take its content coding. */
export type Takers = 'all' | 'none' | Coding;

/** The draft of an entry's head, with some of it changed. */
export function redrafted(entry: Draft, changes: Partial<Draft>): Draft {
  const { key, url, hostLength, vary, variant, status, sent, held, trailers, life, tags } = entry;
  const { servesAuthorized, isEsi, part, sinceBan } = entry;
  const same = { key, url, hostLength, vary, variant, status, sent, held, trailers, life, tags };
  return { ...same, servesAuthorized, isEsi, part, sinceBan, ...changes };
}

/** Does a new response take the place of an older one of its key? A part only of what it covers. */
export function supersedes(newer: Draft, older: Draft): boolean {
  // The text of a variant names its fields: the same text is the same variant.
  if (newer.variant !== older.variant) return false;
  if (newer.part === undefined) return true;
  return older.part !== undefined && newer.part.first <= older.part.first && newer.part.last >= older.part.last;
}

/** Where an entry stands in for: its host and its path. */
export function placeOf({ url, hostLength }: Draft): { readonly host: string; readonly path: string } {
  return { host: url.slice(0, hostLength), path: url.slice(hostLength) };
}

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
  /**
   * The body, when it is in memory, to be given back; it counts as a use. While it is lent it stays where it is, also
   * when its entry goes. Undefined for an entry that went before.
   */
  borrow(entry: Entry): Loan | undefined;
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
  /** Held by bodies on their way in, and by those that are still being sent though their entry is gone. */
  readonly reservedBytes: number;
  readonly limitBytes: number;
  readonly evictions: number;
  /** Variants that went because their key had too many: what is varied by has more values than a cache can use. */
  readonly crowdedOut: number;
};

/**
 * What an entry costs beyond its texts and its body: its own objects, its places in index and LRU list, and the handle of
 * the body. Measured at 100,000 entries, and rounded up: 800 with bodies of 64 bytes, 1010 with bodies of 2000.
 */
export const ENTRY_OVERHEAD_BYTES = 1016;
const STRING_HEADER_BYTES = 16;
const TAG_BYTES = 120;

/** What the head of an entry costs in memory, bookkeeping included; bytes. */
export function headBytes(draft: Draft): number {
  const { key, url, variant, sent, held, trailers, tags } = draft;
  let bytes = ENTRY_OVERHEAD_BYTES + textBytes(key) + textBytes(variant) + textBytes(sent) + textBytes(held);
  if (url !== key) bytes += textBytes(url);
  if (trailers !== '') bytes += textBytes(trailers);
  for (const tag of tags) bytes += textBytes(tag) + TAG_BYTES;
  return bytes;
}

function textBytes(text: string): number {
  return STRING_HEADER_BYTES + ((text.length + 7) & ~7);
}
