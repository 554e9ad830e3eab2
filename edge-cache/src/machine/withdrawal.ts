/**
 * Whether what a fetch brings is outdated before it is here: something it answers for was purged or changed after it was
 * asked for. By tags it may be withdrawn before anybody knows its tags.
 */
export class Withdrawal {
  #isWithdrawn = false;
  #tags: readonly string[] = [];
  readonly #purgedTags = new Set<string>();

  get isWithdrawn(): boolean {
    return this.#isWithdrawn;
  }

  withdraw(): void {
    this.#isWithdrawn = true;
  }

  purgeTags(tags: readonly string[]): void {
    for (const tag of tags) this.#purgedTags.add(tag);
    this.tagged(this.#tags);
  }

  /** Its head is here: these are its tags. */
  tagged(tags: readonly string[]): void {
    this.#tags = tags;
    if (this.#purgedTags.size > 0 && tags.some((tag) => this.#purgedTags.has(tag))) this.#isWithdrawn = true;
  }
}
