import { LRUCache } from 'lru-cache';

/** What really happened to the last request for a key. */
export type LastOutcome = {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly status: number;
  readonly cacheStatus: string;
  readonly trail: readonly string[];
  readonly requestId: string;
};

const MOST_KEYS = 2_000;

/** The last outcomes by key, for `explain`; bounded. */
export class OutcomeMemory {
  readonly #last = new LRUCache<string, LastOutcome>({ max: MOST_KEYS });

  note(key: string, outcome: LastOutcome): void {
    this.#last.set(key, outcome);
  }

  of(key: string): LastOutcome | undefined {
    return this.#last.peek(key);
  }
}
