import type { Entry } from '../store/store.ts';

const SHORTEST_MS = 1_000;
const LONGEST_MS = 30_000;

/**
 * Stored responses whose origin failed to refresh them: for a moment it is not asked again, so that a failing origin
 * does not get every request, and clients do not wait for it. As long as the failure took, so that an origin that hangs
 * is waited for at most half of the time; at least a second.
 */
export class BackOff {
  // A refreshed entry is a new object, which ends the back-off by itself.
  readonly #until = new WeakMap<Entry, number>();

  note(entry: Entry, now: number, tookMs: number): void {
    this.#until.set(entry, now + Math.min(LONGEST_MS, Math.max(SHORTEST_MS, tookMs)));
  }

  isActive(entry: Entry, now: number): boolean {
    const until = this.#until.get(entry);
    return until !== undefined && now < until;
  }
}
