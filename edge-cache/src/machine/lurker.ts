/**
 * Tests what is stored against the bans, a few milliseconds at a time, so that bans end although nobody asks for what they
 * are meant for. What it has not come to yet is tested when it is looked up. What could answer nothing any more goes on
 * the way: it would keep bans in force that nothing needs.
 */
import { reuse } from '../policy/reuse.ts';
import type { Entry, Store } from '../store/store.ts';
import type { BanList } from './ban-list.ts';

/** How the lurker waits and measures; tests do both by hand. */
export type LurkerPace = {
  /** Runs something later, unless it is called off. */
  after(ms: number, run: () => void): { callOff(): void };
  /** Milliseconds, from any beginning. */
  stopwatch(): number;
};

export type LurkerParts = {
  readonly bans: BanList;
  readonly store: Store;
  /** Milliseconds since the epoch. */
  clock(): number;
  onBanned(entry: Entry): void;
  onFailure(error: unknown): void;
};

/** One walk through the store. */
type Round = {
  /** The bans that it is for. */
  readonly upTo: number;
  readonly entries: Iterator<Entry>;
  /**
   * The variants of a key are tested together. What comes anew where the walk has been already was tested there, or was
   * fetched after the bans, or is none that they are meant for: such fetches are withdrawn.
   */
  key: string | undefined;
  isKeyDone: boolean;
  /** The newest ban when the oldest of what stands was fetched. */
  oldest: number;
};

const SLICE_MS = 2;
const PAUSE_MS = 10;
/** Bans that ask for request fields only wait for what is older than they are to go. */
const TRIM_PAUSE_MS = 60_000;
const FAILURE_PAUSE_MS = 10_000;

export class Lurker {
  readonly #parts: LurkerParts;
  #pace: LurkerPace | undefined;
  #next: { callOff(): void } | undefined;
  #round: Round | undefined;
  #isSoon = false;

  constructor(parts: LurkerParts) {
    this.#parts = parts;
  }

  /** Begins its work; until then only lookups test. */
  start(pace: LurkerPace): Disposable {
    this.#pace = pace;
    this.wake();
    return {
      [Symbol.dispose]: () => {
        this.#pace = undefined;
        this.#next?.callOff();
        this.#isSoon = false;
      },
    };
  }

  /** There is a new ban. */
  wake(): void {
    if (!this.#isSoon) this.#wait(PAUSE_MS);
  }

  #wait(ms: number): void {
    this.#next?.callOff();
    this.#next = this.#pace?.after(ms, () => this.#turn());
    this.#isSoon = this.#next !== undefined && ms === PAUSE_MS;
  }

  #turn(): void {
    this.#next = undefined;
    this.#isSoon = false;
    const { bans } = this.#parts;
    try {
      if (bans.size === 0) return;
      const isOver = this.#slice();
      if (!isOver || bans.hasUntested) this.#wait(PAUSE_MS);
      else if (bans.size > 0) this.#wait(TRIM_PAUSE_MS);
    } catch (error) {
      this.#round = undefined;
      this.#parts.onFailure(error);
      this.#wait(FAILURE_PAUSE_MS);
    }
  }

  /** One slice of a round; true when that was its last. */
  #slice(): boolean {
    const { bans, store } = this.#parts;
    this.#round ??= {
      upTo: bans.newest,
      entries: store.entries()[Symbol.iterator](),
      key: undefined,
      isKeyDone: true,
      oldest: Number.POSITIVE_INFINITY,
    };
    const round = this.#round;
    if (!this.#walk(round)) return false;
    bans.conclude(round.upTo, round.oldest);
    this.#round = undefined;
    return true;
  }

  #walk(round: Round): boolean {
    const stopwatch = this.#pace?.stopwatch ?? (() => 0);
    const end = stopwatch() + SLICE_MS;
    const mayGoOn = () => stopwatch() < end;
    do {
      if (round.isKeyDone && !advanced(round)) return true;
      round.isKeyDone = this.#tryKey(round, mayGoOn);
    } while (mayGoOn());
    return false;
  }

  /** Tests all variants of a key; false when it has to pause before that is done. */
  #tryKey(round: Round, mayGoOn: () => boolean): boolean {
    const { bans, store, clock, onBanned } = this.#parts;
    const now = clock();
    for (const entry of store.peek(round.key ?? '')) {
      if (reuse(entry.life, now).verdict === 'gone') {
        store.drop(entry);
        continue;
      }
      const trial = bans.tryOut(entry, mayGoOn);
      if (trial === 'paused') return false;
      if (trial === 'stands') round.oldest = Math.min(round.oldest, entry.sinceBan);
      else onBanned(entry);
    }
    return true;
  }
}

/** Goes on to the next key. */
function advanced(round: Round): boolean {
  for (;;) {
    const next = round.entries.next();
    if (next.done) return false;
    if (next.value.key === round.key) continue;
    round.key = next.value.key;
    return true;
  }
}
