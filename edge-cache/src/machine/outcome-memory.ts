import { LRUCache } from 'lru-cache';
import type { Admission } from '../policy/admission.ts';
import type { Arrival } from '../policy/arrival.ts';

/** What really happened to the last request for a key. */
export type LastOutcome = {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly status: number;
  readonly cacheStatus: string;
  readonly trail: readonly string[];
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
  outcome: LastOutcome | undefined;
  arrival: (Omit<LastArrival, 'isStored'> & { isStored: boolean }) | undefined;
};

const MOST_KEYS = 2_000;

/** The last outcomes by key, for `explain`; bounded. */
export class OutcomeMemory {
  readonly #known = new LRUCache<string, Known>({ max: MOST_KEYS });

  note(key: string, outcome: LastOutcome): void {
    this.#at(key).outcome = outcome;
  }

  of(key: string): LastOutcome | undefined {
    return this.#known.peek(key)?.outcome;
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
    const arrival = this.#known.peek(key)?.arrival;
    if (arrival !== undefined) arrival.isStored = true;
  }

  arrivalOf(key: string): LastArrival | undefined {
    return this.#known.peek(key)?.arrival;
  }

  #at(key: string): Known {
    let known = this.#known.get(key);
    if (known === undefined) {
      known = { outcome: undefined, arrival: undefined };
      this.#known.set(key, known);
    }
    return known;
  }
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
