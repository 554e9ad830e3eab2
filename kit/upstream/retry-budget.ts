/**
 * How many of the requests of late may be retried: a percentage, as Finagle, Linkerd and Envoy have it, so that a group
 * that fails everything is asked a little more than before and not a multiple of it; and a few in any case, so that
 * little traffic can be retried, too. Pure but for what it counts; the caller tells the time.
 */

/** How far back requests and retries count; Finagle's and Linkerd's 10 s. */
export const budgetMs = 10_000;

/** So many retries in that time are granted without a look at the percentage. */
export const alwaysGranted = 10;

/** The time is counted in parts: what is older than ten of them is forgotten. */
const parts = 10;
const partMs = budgetMs / parts;

export class RetryBudget {
  readonly #requests = new Int32Array(parts);
  readonly #retries = new Int32Array(parts);
  /** The part that is counted in now: its number since the clock began. */
  #part = Number.NEGATIVE_INFINITY;

  /** A request came. */
  asked(now: number): void {
    const at = this.#at(now);
    this.#requests[at] = (this.#requests[at] ?? 0) + 1;
  }

  /** May one more be retried, with so many in a hundred? With 0, none. */
  allows(percent: number, now: number): boolean {
    this.#at(now);
    if (percent <= 0) return false;
    const retries = sum(this.#retries);
    return retries < alwaysGranted || (retries + 1) * 100 <= percent * sum(this.#requests);
  }

  /** One is retried. */
  retried(now: number): void {
    const at = this.#at(now);
    this.#retries[at] = (this.#retries[at] ?? 0) + 1;
  }

  #at(now: number): number {
    const part = Math.floor(now / partMs);
    if (part > this.#part) this.#forget(part);
    return this.#part % parts;
  }

  #forget(part: number): void {
    const stale = Math.min(part - this.#part, parts);
    for (let back = 0; back < stale; back++) {
      this.#requests[(part - back) % parts] = 0;
      this.#retries[(part - back) % parts] = 0;
    }
    this.#part = part;
  }
}

function sum(counts: Int32Array): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
