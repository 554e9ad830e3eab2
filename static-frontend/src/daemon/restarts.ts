/** When who has fallen is started again, and how often what was the reason. */
import { restart } from '@trivet/kit/process/restart.ts';

/** Between two starts at a place where each ends soon. */
const longestMs = 30_000;
/** So many quick falls in a row, and nobody is expected soon. */
const hopelessFalls = 3;

type Place = { quickFalls: number; notBefore: number };

export class Restarts {
  readonly #places: readonly Place[];
  readonly #byReason = new Map<string, number>();

  constructor(count: number) {
    this.#places = Array.from({ length: count }, () => ({ quickFalls: 0, notBefore: 0 }));
  }

  get notBefore(): readonly number[] {
    return this.#places.map(({ notBefore }) => notBefore);
  }

  /** Ends somebody soon wherever he is started? */
  get isHopeless(): boolean {
    return this.#places.every(({ quickFalls }) => quickFalls >= hopelessFalls);
  }

  /** Somebody has ended whom nobody told to; how long his place stays empty, milliseconds. */
  fell(place: number, livedMs: number, now: number): number {
    const at = this.#places[place - 1];
    if (at === undefined) return 0;
    const { delayMs, quickFalls } = restart({ quickFalls: at.quickFalls, livedMs }, longestMs);
    at.quickFalls = quickFalls;
    at.notBefore = now + delayMs;
    return delayMs;
  }

  /** What made them fall is mended, perhaps. */
  forgive(): void {
    for (const place of this.#places) Object.assign(place, { quickFalls: 0, notBefore: 0 });
  }

  count(reason: string): void {
    this.#byReason.set(reason, (this.#byReason.get(reason) ?? 0) + 1);
  }

  get byReason(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#byReason);
  }
}
