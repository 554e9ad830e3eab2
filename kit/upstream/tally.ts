/** What an upstream counts of all its requests together, and what that leaves for retries. */
import type { GroupStats } from './member-stats.ts';
import { RetryBudget } from './retry-budget.ts';

type Counted = Omit<GroupStats, 'waiting' | 'mostWaiting'>;

export class Tally {
  readonly #budget = new RetryBudget();
  #requests = 0;
  #redials = 0;
  #replays = 0;
  #retries = 0;
  #unaffordable = 0;

  get counts(): Counted {
    return {
      requests: this.#requests,
      redials: this.#redials,
      replays: this.#replays,
      retries: this.#retries,
      unaffordable: this.#unaffordable,
    };
  }

  asked(now: number): void {
    this.#requests += 1;
    this.#budget.asked(now);
  }

  /** May one more request be retried, with so many in a hundred? That it may not is counted. */
  affords(percent: number, now: number): boolean {
    const isGranted = this.#budget.allows(percent, now);
    if (!isGranted) this.#unaffordable += 1;
    return isGranted;
  }

  redialled(): void {
    this.#redials += 1;
  }

  replayed(): void {
    this.#replays += 1;
  }

  retried(now: number): void {
    this.#retries += 1;
    this.#budget.retried(now);
  }
}
