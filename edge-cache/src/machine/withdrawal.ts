import type { Draft } from '../store/store.ts';

/** With more open questions than this it is withdrawn without an answer. */
const MOST_OPEN = 1000;

/**
 * Whether what a fetch brings is outdated before it is here: something it answers for was purged, banned or changed after
 * it was asked for. By tags and by response fields it may be withdrawn before anybody knows these.
 */
export class Withdrawal {
  #isWithdrawn = false;
  #draft: Draft | undefined;
  /** What is to be asked of its head when it is here. */
  #open: ((draft: Draft) => boolean)[] = [];
  /** Made for the few that are. */
  #overtaken: Set<string> | undefined;

  get isWithdrawn(): boolean {
    return this.#isWithdrawn;
  }

  /** May what it brings be stored as this variant? */
  allows(variant: string): boolean {
    return !this.#isWithdrawn && !this.#overtaken?.has(variant);
  }

  /** A fetch that was begun later has stored this variant: what comes of it now must not take its place. */
  overtakenBy(variant: string): void {
    this.#overtaken ??= new Set();
    this.#overtaken.add(variant);
  }

  /** May one share it that asks now? Not while it may turn out to be outdated: he asked after that. */
  get isJoinable(): boolean {
    return !this.#isWithdrawn && this.#open.length === 0;
  }

  withdraw(): void {
    this.#isWithdrawn = true;
    this.#open = [];
  }

  /** Withdraws it if its head says so: at once, or when it is here. */
  withdrawIf(isMeant: (draft: Draft) => boolean): void {
    if (this.#isWithdrawn) return;
    if (this.#draft === undefined && this.#open.length < MOST_OPEN) this.#open.push(isMeant);
    else if (this.#draft === undefined || isMeant(this.#draft)) this.withdraw();
  }

  purgeTags(purged: ReadonlySet<string>): void {
    this.withdrawIf(({ tags }) => tags.some((tag) => purged.has(tag)));
  }

  /** Its head is here, and is to be stored like this. Says whether it is withdrawn. */
  arrived(draft: Draft): boolean {
    this.#draft = draft;
    const asked = this.#open;
    this.#open = [];
    if (asked.some((isMeant) => isMeant(draft))) this.withdraw();
    return this.#isWithdrawn;
  }
}
