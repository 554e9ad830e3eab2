import { Line } from '@trivet/kit/upstream/line.ts';

/** Who may take so long; expired when it did. */
export interface Mortal {
  /** Where it is among the others; for the deadlines alone to set and to read. */
  term?: number | undefined;
  expire(mostMs: number): void;
}

export type DeadlinesOptions = {
  readonly mostMs: number;
  /** Milliseconds, of any beginning. */
  readonly clock: () => number;
  /** Calls once, after so many milliseconds. */
  readonly timer: (callback: () => void, ms: number) => unknown;
};

/**
 * One deadline for many, all of whom may take equally long: whoever came first expires first, so one timer does for all, and
 * it is not set anew by those that come and go before it rings.
 */
export class Deadlines<M extends Mortal> {
  readonly #mostMs: number;
  readonly #clock: () => number;
  readonly #timer: DeadlinesOptions['timer'];
  /** In the order in which they came, and when that was. */
  readonly #all = new Line<{ readonly one: M; readonly cameAt: number }>();
  #isSet = false;

  constructor({ mostMs, clock, timer }: DeadlinesOptions) {
    this.#mostMs = mostMs;
    this.#clock = clock;
    this.#timer = timer;
  }

  add(one: M): void {
    one.term = this.#all.add({ one, cameAt: this.#clock() });
    this.#set(this.#mostMs);
  }

  remove(one: M): void {
    if (one.term !== undefined) this.#all.remove(one.term);
    one.term = undefined;
  }

  #set(ms: number): void {
    if (this.#isSet) return;
    this.#isSet = true;
    this.#timer(() => this.#onTime(), ms);
  }

  #onTime(): void {
    this.#isSet = false;
    const now = this.#clock();
    while (this.#all.first !== undefined) {
      const { one, cameAt } = this.#all.first;
      const leftMs = cameAt + this.#mostMs - now;
      if (leftMs > 0) return this.#set(Math.ceil(leftMs));
      this.remove(one);
      one.expire(this.#mostMs);
    }
  }
}
