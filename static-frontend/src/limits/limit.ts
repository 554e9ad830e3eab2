/** One limit of the site: who has come of late, who is here, and what was said to them. */
import type { LimitOptions } from '../site/guard-options.ts';
import { gcra, intervalOf, type Rate, type RateVerdict } from './gcra.ts';
import { RecentKeys } from './recent-keys.ts';

/** Keys that one limit remembers. */
const MOST_KEYS = 100_000;

/** What has become of requests, in numbers. A dry run counts as refused what it would have refused, and lets it in. */
export type LimitCounts = Record<
  'in' | 'delayed' | 'refusedRate' | 'refusedConcurrent' | 'dryRun' | 'abandoned',
  number
>;

/** May a request come in? `why` is a reason of the table of faults. */
export type LimitVerdict =
  | { readonly verdict: 'in'; readonly waitMs: number; readonly due: number | undefined }
  | { readonly verdict: 'refuse'; readonly why: 'rate-limited' | 'too-many-at-once'; readonly retryAfterMs: number };

export class Limit {
  #options: LimitOptions;
  #rate: Rate | undefined;
  readonly #recent: RecentKeys;
  /** How many are here, by key; who has gone leaves no key behind. */
  readonly #here = new Map<string, number>();
  readonly counts: LimitCounts = { in: 0, delayed: 0, refusedRate: 0, refusedConcurrent: 0, dryRun: 0, abandoned: 0 };

  constructor(options: LimitOptions, mostKeys = MOST_KEYS) {
    this.#options = options;
    this.#rate = rateOf(options);
    this.#recent = new RecentKeys(mostKeys);
  }

  get options(): LimitOptions {
    return this.#options;
  }

  /** Goes by other rules from now on; who has come stays counted, unless they count by something else. */
  reconfigure(options: LimitOptions, now: number): void {
    const before = this.#rate;
    const isOfOtherKeys = JSON.stringify(options.by ?? 'client') !== JSON.stringify(this.#options.by ?? 'client');
    this.#options = options;
    this.#rate = rateOf(options);
    // Without a rate nobody keeps what is owed up to date.
    if (isOfOtherKeys || this.#rate === undefined) this.#recent.clear();
    else if (before) this.#recent.rescale(this.#rate.intervalMs / before.intervalMs, now);
  }

  /** Looks, and changes nothing: another limit may refuse the request, which then costs nothing here either. */
  judge(key: string, now: number): LimitVerdict {
    const { concurrent } = this.#options;
    if (concurrent !== undefined && (this.#here.get(key) ?? 0) >= concurrent) {
      return { verdict: 'refuse', why: 'too-many-at-once', retryAfterMs: 0 };
    }
    const found = this.#judgeRate(key, now);
    switch (found?.verdict) {
      case undefined:
        return { verdict: 'in', waitMs: 0, due: undefined };
      case 'in':
        return { verdict: 'in', waitMs: 0, due: found.due };
      case 'wait':
        return { verdict: 'in', waitMs: found.waitMs, due: found.due };
      case 'refuse':
        return { verdict: 'refuse', why: 'rate-limited', retryAfterMs: found.retryAfterMs };
    }
  }

  /** Notes that a request has come in, by the verdict on it. */
  enter(key: string, { due, waitMs }: Extract<LimitVerdict, { verdict: 'in' }>, now: number): void {
    if (due !== undefined) this.#recent.set(key, due, now);
    this.#here.set(key, (this.#here.get(key) ?? 0) + 1);
    this.counts[waitMs > 0 ? 'delayed' : 'in']++;
  }

  /** Notes a refusal; is it one that is not carried out? */
  refuse(why: 'rate-limited' | 'too-many-at-once'): void {
    this.counts[why === 'rate-limited' ? 'refusedRate' : 'refusedConcurrent']++;
    if (this.#options.dryRun === true) this.counts.dryRun++;
  }

  /** Whoever entered under `key` has gone. */
  leave(key: string): void {
    const left = (this.#here.get(key) ?? 0) - 1;
    if (left > 0) this.#here.set(key, left);
    else this.#here.delete(key);
  }

  /** Whoever waited for his turn has left without it: another may have it. */
  abandon(key: string): void {
    this.counts.abandoned++;
    if (this.#rate !== undefined) this.#recent.giveBack(key, this.#rate.intervalMs);
  }

  stats(): object {
    let here = 0;
    for (const count of this.#here.values()) here += count;
    return { ...this.counts, keys: this.#recent.size, here };
  }

  #judgeRate(key: string, now: number): RateVerdict | undefined {
    return this.#rate && gcra(this.#recent.get(key), now, this.#rate);
  }
}

function rateOf({ rate, burst = 0, delay = false }: LimitOptions): Rate | undefined {
  return rate === undefined ? undefined : { intervalMs: intervalOf(rate), burst, delay };
}
