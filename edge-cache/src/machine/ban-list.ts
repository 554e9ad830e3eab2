/**
 * The bans in force. Each has a number; a fetch remembers the newest at its begin, and only later ones can be meant for
 * what it brings. Bans that ask for the response alone are judged once for each, and go when all are judged. Those that
 * ask for fields of a request are judged at every lookup, and go when nothing is stored that was fetched before them.
 */
import type { Fields } from '@trivet/kit/semantics/fields.ts';
import type { Ban } from '../policy/ban-expression.ts';
import { type BanObject, type BanVerdict, banMatches } from '../policy/ban-match.ts';
import type { Entry } from '../store/store.ts';
import { banSubject } from './ban-subject.ts';

/** A ban, and what became of it so far. */
export type ListedBan = {
  readonly id: number;
  readonly ban: Ban;
  /** Milliseconds since the epoch. */
  readonly addedAt: number;
  /** Stored responses that it was tested against, and those that it took. */
  tested: number;
  taken: number;
  /** Why it is in force no more: all are tested, or the same ban was given again. */
  ended: 'tested' | 'superseded' | undefined;
};

export type Addition =
  | { readonly verdict: 'added'; readonly listed: ListedBan; readonly superseded: boolean }
  | { readonly verdict: 'full'; readonly why: string };

/** What came of testing one stored response: the ban that is meant for it, `stands`, or `paused` before the end. */
export type Trial = ListedBan | 'stands' | 'paused';

export type BanStats = {
  readonly inForce: number;
  readonly needRequest: number;
  readonly added: number;
  readonly superseded: number;
  readonly tests: number;
  readonly failures: number;
};

/** Bans that ended are shown for a while. */
const MOST_ENDED = 100;

const always = () => true;

export class BanList {
  readonly #most: number;
  readonly #onFailure: (error: unknown, listed: ListedBan) => void;
  #newest = 0;
  #added = 0;
  /** In force, oldest first. */
  #byResponse: ListedBan[] = [];
  #byRequest: ListedBan[] = [];
  readonly #byKey = new Map<string, ListedBan>();
  readonly #ended: ListedBan[] = [];
  #superseded = 0;
  #tests = 0;
  #failures = 0;
  readonly #failed = new WeakSet<ListedBan>();

  /** Holds `most` bans at the same time; the first test of each that throws is told to `onFailure`. */
  constructor(most: number, onFailure: (error: unknown, listed: ListedBan) => void) {
    this.#most = most;
    this.#onFailure = onFailure;
  }

  /** The number of the newest ban that was ever given. */
  get newest(): number {
    return this.#newest;
  }

  /** How many are in force. */
  get size(): number {
    return this.#byResponse.length + this.#byRequest.length;
  }

  /** Is one in force that asks for the response alone? */
  get hasUntested(): boolean {
    return this.#byResponse.length > 0;
  }

  /** Those in force and those that ended of late, newest first. */
  all(): ListedBan[] {
    return [...this.#ended, ...this.#byResponse, ...this.#byRequest].sort((a, b) => b.id - a.id);
  }

  stats(): BanStats {
    return {
      inForce: this.size,
      needRequest: this.#byRequest.length,
      added: this.#added,
      superseded: this.#superseded,
      tests: this.#tests,
      failures: this.#failures,
    };
  }

  /** Puts a ban in force. The same one, given before, is covered by it and ends. `id`: a number beyond all before. */
  add(ban: Ban, now: number, id = this.#newest + 1): Addition {
    const same = ban.isLasting ? this.#byKey.get(ban.key) : undefined;
    if (this.size >= this.#most && same === undefined) {
      return { verdict: 'full', why: `there are ${this.size} bans in force, and EDGE_BANS_MAX allows no more` };
    }
    if (same !== undefined) {
      this.#end((listed) => listed === same, 'superseded');
      this.#superseded += 1;
    }
    this.#newest = id;
    this.#added += 1;
    const listed = { id, ban, addedAt: now, tested: 0, taken: 0, ended: undefined };
    (ban.needsRequest ? this.#byRequest : this.#byResponse).push(listed);
    this.#byKey.set(ban.key, listed);
    return { verdict: 'added', listed, superseded: same !== undefined };
  }

  /** Is it meant for this response, as far as it is known? A test that fails takes the response: nothing banned is served. */
  matches(listed: ListedBan, object: BanObject, request: Fields | undefined): BanVerdict {
    this.#tests += 1;
    try {
      return banMatches(listed.ban, object, request, listed.addedAt);
    } catch (error) {
      this.#failures += 1;
      if (!this.#failed.has(listed)) this.#onFailure(error, listed);
      this.#failed.add(listed);
      return true;
    }
  }

  /** The oldest ban that keeps a stored response from answering a request; undefined when it may. */
  hitting(entry: Entry, request: Fields): ListedBan | undefined {
    const trial = this.tryOut(entry, always);
    if (trial !== 'stands' && trial !== 'paused') return trial;
    if (this.#byRequest.length === 0) return undefined;
    return this.#firstHit(this.#byRequest, entry, { after: entry.sinceBan, request });
  }

  /**
   * Tests a stored response against the bans that need no request, those alone that it was not tested against before. At
   * least one test is made; `mayGoOn` is asked before each other.
   */
  tryOut(entry: Entry, mayGoOn: () => boolean): Trial {
    if (entry.testedBan >= this.#newest) return 'stands';
    const bans = this.#byResponse;
    const object = banSubject(entry);
    for (let i = firstAfter(bans, entry.testedBan), done = 0; i < bans.length; i++, done++) {
      const listed = bans[i];
      if (listed === undefined) break;
      if (done > 0 && !mayGoOn()) return 'paused';
      if (this.#takes(listed, object, undefined)) return listed;
      entry.testedBan = listed.id;
    }
    entry.testedBan = this.#newest;
    return 'stands';
  }

  /** Is nothing left that this stored response would have to be tested against, whoever asks for it? Changes nothing. */
  isDoneWith({ testedBan, sinceBan }: Entry): boolean {
    return testedBan >= this.#newest && firstAfter(this.#byRequest, sinceBan) === this.#byRequest.length;
  }

  /** All bans that are meant for a stored response when this request asks for it, oldest first; changes nothing. */
  applying(entry: Entry, request: Fields): ListedBan[] {
    const object = banSubject(entry);
    return this.all()
      .reverse()
      .filter(({ id, ended }) => id > entry.sinceBan && ended === undefined)
      .filter((listed) => this.matches(listed, object, request) === true);
  }

  /**
   * Everything stored was tested against all bans up to `upTo`, and nothing stored was fetched before ban `oldest`:
   * the bans that are done end.
   */
  conclude(upTo: number, oldest: number): void {
    this.#end(({ id, ban }) => id <= upTo && (!ban.needsRequest || id <= oldest), 'tested');
  }

  #firstHit(
    bans: readonly ListedBan[],
    entry: Entry,
    { after, request }: { readonly after: number; readonly request: Fields },
  ): ListedBan | undefined {
    const object = banSubject(entry);
    for (let i = firstAfter(bans, after); i < bans.length; i++) {
      const listed = bans[i];
      if (listed !== undefined && this.#takes(listed, object, request)) return listed;
    }
    return undefined;
  }

  #takes(listed: ListedBan, object: BanObject, request: Fields | undefined): boolean {
    listed.tested += 1;
    const takes = this.matches(listed, object, request) === true;
    if (takes) listed.taken += 1;
    return takes;
  }

  #end(isOver: (listed: ListedBan) => boolean, why: 'tested' | 'superseded'): void {
    const over = [...this.#byResponse, ...this.#byRequest].filter(isOver);
    if (over.length === 0) return;
    for (const listed of over) {
      listed.ended = why;
      if (this.#byKey.get(listed.ban.key) === listed) this.#byKey.delete(listed.ban.key);
    }
    this.#ended.push(...over.slice(-MOST_ENDED));
    this.#ended.splice(0, this.#ended.length - MOST_ENDED);
    this.#byResponse = this.#byResponse.filter(({ ended }) => ended === undefined);
    this.#byRequest = this.#byRequest.filter(({ ended }) => ended === undefined);
  }
}

/** The index of the first ban that is newer than `id`. */
function firstAfter(bans: readonly ListedBan[], id: number): number {
  let low = 0;
  for (let high = bans.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if ((bans[middle]?.id ?? 0) > id) high = middle;
    else low = middle + 1;
  }
  return low;
}
