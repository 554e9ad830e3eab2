import { ManualClock } from './clock.ts';

type Due = { readonly at: number; readonly callback: () => void };

/** Timers that run when the test moves their clock, in the order in which they are due. */
export class ManualTimers {
  readonly clock: ManualClock;
  readonly #due = new Set<Due>();

  constructor(clock: ManualClock = new ManualClock()) {
    this.clock = clock;
  }

  /** How many are set. */
  get count(): number {
    return this.#due.size;
  }

  readonly set = (callback: () => void, ms: number): Disposable => {
    const due = { at: this.clock.now + ms, callback };
    this.#due.add(due);
    return { [Symbol.dispose]: () => void this.#due.delete(due) };
  };

  /** Moves the clock, and runs what is due on the way. */
  advance(ms: number): void {
    const end = this.clock.now + ms;
    for (;;) {
      const [next] = Array.from(this.#due).sort((a, b) => a.at - b.at);
      if (next === undefined || next.at > end) break;
      this.#due.delete(next);
      this.clock.now = next.at;
      next.callback();
    }
    this.clock.now = end;
  }
}
