import type { Log } from './log.ts';

const WINDOW_MS = 10_000;
const MOST_LINES = 20;

/**
 * Logs who was refused, without letting a flood of attempts fill the disk: one line per address and ten seconds, twenty
 * lines over all; the next line after that tells how many went unsaid.
 */
export class RefusalLog {
  readonly #log: Log;
  readonly #clock: () => number;
  readonly #said = new Set<string>();
  #windowEnd = 0;
  #unsaid = 0;

  /** `clock`: milliseconds of any beginning. */
  constructor(log: Log, clock: () => number = () => performance.now()) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Writes a warning about `address`, or counts it. */
  note(address: string, fields: Readonly<Record<string, unknown>>, message: string): void {
    const now = this.#clock();
    if (now >= this.#windowEnd) {
      this.#windowEnd = now + WINDOW_MS;
      this.#said.clear();
    }
    if (this.#said.has(address) || this.#said.size >= MOST_LINES) {
      this.#unsaid += 1;
      return;
    }
    this.#said.add(address);
    this.#log.warn({ ...fields, ...(this.#unsaid > 0 ? { unsaid: this.#unsaid } : {}) }, message);
    this.#unsaid = 0;
  }
}
