/** When who has fallen is started again, and how often what was the reason. */
import { restart } from '../restart.ts';

/** Between two starts at a place where each ends soon. */
const longestMs = 30_000;
/** So many quick falls in a row, and nobody is expected soon. */
const hopelessFalls = 3;

type Place = { quickFalls: number; notBefore: number };

export class Restarts {
  readonly #places = new Map<number, Place>();
  readonly #byReason = new Map<string, number>();

  /** Of the places from 1 to `wanted`, milliseconds. */
  notBefore(wanted: number): readonly number[] {
    return Array.from({ length: wanted }, (_, index) => this.#at(index + 1).notBefore);
  }

  /** Ends somebody soon at whichever of the places from 1 to `wanted` he is started? */
  isHopeless(wanted: number): boolean {
    return Array.from({ length: wanted }, (_, index) => this.#at(index + 1)).every(
      ({ quickFalls }) => quickFalls >= hopelessFalls,
    );
  }

  /** Somebody has ended whom nobody told to; how long his place stays empty, milliseconds. */
  fell(place: number, livedMs: number, now: number): number {
    const { delayMs, quickFalls } = restart({ quickFalls: this.#at(place).quickFalls, livedMs }, longestMs);
    this.#places.set(place, { quickFalls, notBefore: now + delayMs });
    return delayMs;
  }

  /** What made them fall is mended, perhaps. */
  forgive(): void {
    this.#places.clear();
  }

  count(reason: string): void {
    this.#byReason.set(reason, (this.#byReason.get(reason) ?? 0) + 1);
  }

  get byReason(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#byReason);
  }

  #at(place: number): Place {
    return this.#places.get(place) ?? { quickFalls: 0, notBefore: 0 };
  }
}
