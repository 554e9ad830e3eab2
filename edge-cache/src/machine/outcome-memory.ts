import type { Admission } from '../policy/admission.ts';
import type { Arrival } from '../policy/arrival.ts';
import { cacheStatus } from '../policy/cache-status.ts';

/** What really happened to the last request for a key. */
export type LastOutcome = {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly status: number;
  readonly cacheStatus: string;
  readonly trail: readonly string[];
  readonly requestId: string;
};

/** A plain hit, as far as it differs from any other. */
export type LastHit = {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly status: number;
  /** Seconds of freshness left. */
  readonly ttl: number;
  readonly requestId: string;
};

/** What was decided on the last answer of the origin for a key; `status` is the origin's. */
export type LastArrival = {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly status: number;
  readonly verdict: 'store' | 'pass' | 'renew' | 'rescue' | 'ask-whole' | 'refuse';
  /** Of `store`: which rule gave the lifetime; of `pass`: why it was not stored. */
  readonly why: string;
  /** What was admitted need not come to be stored: it may break off, find no room, or be purged on its way. */
  readonly isStored: boolean;
};

type Known = {
  /** Of the last request but plain hits that came later. */
  outcome: LastOutcome | undefined;
  /** The last plain hit, for good: changed in place. */
  readonly hit: { -readonly [K in keyof LastHit]: LastHit[K] };
  isHit: boolean;
  arrival: (Omit<LastArrival, 'isStored'> & { isStored: boolean }) | undefined;
};

/** So many are remembered at least, and twice as many at the most. */
const KEYS_OF_AN_AGE = 2_000;
const trailOfHits = ['receive', 'lookup', 'deliver'] as const;

/**
 * The last outcomes by key, for `explain`; bounded by forgetting, a whole age at a time, what two ages have not touched: a
 * list in order of use would cost every hit in a large store more than its answer.
 */
export class OutcomeMemory {
  #known = new Map<string, Known>();
  #before = new Map<string, Known>();

  note(key: string, outcome: LastOutcome): void {
    const known = this.#at(key);
    known.outcome = outcome;
    known.isHit = false;
  }

  /**
   * The same for a plain hit: its numbers are copied, so the caller may use one object for all of them. Allocates nothing
   * for a key that is known.
   */
  noteHit(key: string, { at, status, ttl, requestId }: LastHit): void {
    const known = this.#at(key);
    const { hit } = known;
    hit.at = at;
    hit.status = status;
    hit.ttl = ttl;
    hit.requestId = requestId;
    known.isHit = true;
  }

  of(key: string): LastOutcome | undefined {
    const known = this.#peek(key);
    if (known?.isHit !== true) return known?.outcome;
    const { at, status, ttl, requestId } = known.hit;
    return { at, status, cacheStatus: cacheStatus({ hit: true, ttl }), trail: trailOfHits, requestId };
  }

  /** An answer of the origin has come, and was judged. */
  arrived(key: string, status: number, arrival: Arrival, at: number): void {
    if (arrival.do === 'store') return this.admitted(key, status, arrival.admission, at);
    this.#at(key).arrival = { at, status, verdict: arrival.do, why: whyOf(arrival), isStored: false };
  }

  /** The same, where the admission is all that was asked. */
  admitted(key: string, status: number, { verdict, why }: Admission, at: number): void {
    this.#at(key).arrival = { at, status, verdict, why, isStored: false };
  }

  /** What was admitted last is stored. */
  stored(key: string): void {
    const arrival = this.#peek(key)?.arrival;
    if (arrival !== undefined) arrival.isStored = true;
  }

  arrivalOf(key: string): LastArrival | undefined {
    return this.#peek(key)?.arrival;
  }

  #peek(key: string): Known | undefined {
    return this.#known.get(key) ?? this.#before.get(key);
  }

  #at(key: string): Known {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const kept = this.#before.get(key) ?? newlyKnown();
    if (this.#known.size >= KEYS_OF_AN_AGE) {
      this.#before = this.#known;
      this.#known = new Map();
    }
    this.#known.set(key, kept);
    return kept;
  }
}

function newlyKnown(): Known {
  return { outcome: undefined, hit: { at: 0, status: 0, ttl: 0, requestId: '' }, isHit: false, arrival: undefined };
}

function whyOf(arrival: Exclude<Arrival, { do: 'store' }>): string {
  switch (arrival.do) {
    case 'pass':
    case 'refuse':
      return arrival.why;
    case 'renew':
      return 'not-modified';
    case 'rescue':
      return 'stale-if-error';
    case 'ask-whole':
      return 'esi';
  }
}
