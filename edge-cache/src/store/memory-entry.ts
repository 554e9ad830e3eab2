import type { Body } from './body.ts';
import { type Draft, type Entry, headBytes } from './store.ts';

/** An entry with its body at hand, and the next older variant of its key behind it. */
export class MemoryEntry implements Entry {
  // What a hit reads comes first: in a large store each line of the processor's cache is a wait.
  readonly vary: Draft['vary'];
  readonly variant: string;
  readonly part: Draft['part'];
  readonly life: Draft['life'];
  older: MemoryEntry | undefined;
  /** Since it was last at the oldest end of the list. */
  isUsed: boolean;
  takers: Entry['takers'];
  readonly trailers: string;
  readonly sent: string;
  readonly status: number;
  readonly body: Body;
  readonly servesAuthorized: boolean;
  readonly isEsi: boolean;
  testedBan: number;
  readonly sinceBan: number;
  readonly key: string;
  readonly url: string;
  readonly hostLength: number;
  readonly held: string;
  readonly tags: Draft['tags'];

  constructor(draft: Draft, body: Body) {
    this.key = draft.key;
    this.url = draft.url;
    this.hostLength = draft.hostLength;
    this.vary = draft.vary;
    this.variant = draft.variant;
    this.status = draft.status;
    this.isEsi = draft.isEsi;
    this.sent = draft.sent;
    this.held = draft.held;
    this.trailers = draft.trailers;
    this.life = draft.life;
    this.tags = draft.tags;
    this.servesAuthorized = draft.servesAuthorized;
    this.part = draft.part;
    this.sinceBan = draft.sinceBan;
    this.testedBan = draft.sinceBan;
    this.takers = undefined;
    this.body = body;
    this.older = undefined;
    this.isUsed = false;
  }

  get bodyLength(): number {
    return this.body.length;
  }

  /** All that it takes of the budget; bytes. */
  get size(): number {
    return headBytes(this) + this.body.length;
  }
}

/** The variants of a key, newest first. */
export function chain(newest: MemoryEntry): MemoryEntry[] {
  const entries = [newest];
  for (let { older } = newest; older !== undefined; older = older.older) entries.push(older);
  return entries;
}
