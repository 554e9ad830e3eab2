/** How slow a client may be. Pure: whoever looks at connections by and by says what has moved and how long it took. */

/** `bytesPerSecond` 0: however slow. */
export type PaceRule = { readonly bytesPerSecond: number; readonly graceMs: number };

/** What has moved since the last look, while this side waited for the client for `waitedMs`. */
export type Moved = { readonly bytes: number; readonly waitedMs: number };

/** `behindMs`: how far the client is behind the rate; below 0 it is ahead. It goes into the next judgement. */
export type PaceVerdict =
  | { readonly verdict: 'keep'; readonly why: 'no rate' | 'in time' | 'within the grace'; readonly behindMs: number }
  | { readonly verdict: 'cut'; readonly why: string; readonly behindMs: number };

/** A client that was fast may be slow for as many times the grace, and no longer however much it has moved before. */
const mostGraceAhead = 3;

/**
 * Each byte pays for its part of a second, as `RequestReadTimeout body=20,MinRate=500` of Apache httpd counts; the client
 * that owes more than the grace is too slow. What is paid ahead is bounded: else a fast megabyte buys an hour of trickle.
 */
export function judgePace(behindMs: number, { bytes, waitedMs }: Moved, rule: PaceRule): PaceVerdict {
  const { bytesPerSecond, graceMs } = rule;
  if (bytesPerSecond === 0) return { verdict: 'keep', why: 'no rate', behindMs: 0 };
  const owed = Math.max(behindMs + waitedMs - (bytes * 1000) / bytesPerSecond, -mostGraceAhead * graceMs);
  if (owed <= 0) return { verdict: 'keep', why: 'in time', behindMs: owed };
  if (owed <= graceMs) return { verdict: 'keep', why: 'within the grace', behindMs: owed };
  const why = `slower than ${bytesPerSecond} bytes a second for longer than ${graceMs}ms`;
  return { verdict: 'cut', why, behindMs: owed };
}

/**
 * How much of the time between two looks counts, when one is due every `everyMs`. Where this process was held up (a busy
 * processor, a machine that slept) bytes may lie in the kernel that it has not read, and that is not the client's fault.
 */
export function countedMs(elapsedMs: number, everyMs: number): number {
  return Math.min(elapsedMs, 2 * everyMs);
}

/** One direction of a connection at a look: bytes that have moved in all, and does this side wait for the client? */
export type Sight = { readonly bytes: number; readonly isWaiting: boolean };

/** The looks at one body, or at one answer while it is not taken whole. Times are milliseconds of one clock. */
export class PaceMeter {
  readonly #rule: PaceRule;
  #behindMs = 0;
  #seen: Sight;
  #seenAt: number;

  constructor(rule: PaceRule, sight: Sight, now: number) {
    this.#rule = rule;
    this.#seen = sight;
    this.#seenAt = now;
  }

  /** Time counts where this side waited at both ends of it: what it spent on other things is not the client's. */
  look(sight: Sight, now: number): PaceVerdict {
    const waitedMs = this.#seen.isWaiting && sight.isWaiting ? now - this.#seenAt : 0;
    const verdict = judgePace(this.#behindMs, { bytes: sight.bytes - this.#seen.bytes, waitedMs }, this.#rule);
    this.#behindMs = verdict.behindMs;
    this.#seen = sight;
    this.#seenAt = now;
    return verdict;
  }
}
