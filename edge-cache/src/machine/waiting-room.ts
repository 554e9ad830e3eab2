import type { Fields } from '@trivet/kit/semantics/fields.ts';
import type { Sharing } from '../policy/admission.ts';
import { variantOf } from '../policy/vary.ts';
import type { Asker, Landing } from './asker.ts';

/** What decides who shares an answer beside the one that it was fetched for. */
export type Shareable = { readonly vary: readonly string[]; readonly variant: string; readonly sharing: Sharing };

const again: Landing = { is: 'again', isAlone: false };
const alone: Landing = { is: 'again', isAlone: true };

/** Those who wait for the head of one fetch; one of them, the leader, is the one that it is made for. */
export class WaitingRoom {
  readonly #askers = new Set<Asker>();
  #leader: Asker | undefined;

  get size(): number {
    return this.#askers.size;
  }

  get followers(): number {
    return this.#askers.size - (this.hasLeader ? 1 : 0);
  }

  /** Does the one wait that the fetch is made for? Nobody else may have an answer that cannot be shared. */
  get hasLeader(): boolean {
    return this.#leader !== undefined && this.#askers.has(this.#leader);
  }

  lead(asker: Asker): void {
    this.#leader = asker;
    this.#askers.add(asker);
  }

  add(asker: Asker): void {
    this.#askers.add(asker);
  }

  /** Takes one out before the head is here, and tells it why; false when it did not wait. */
  leave(asker: Asker, landing: Landing = { is: 'left' }): boolean {
    const waited = this.#askers.delete(asker);
    if (waited) asker.settle(landing);
    return waited;
  }

  interim(status: number, fields: Fields): void {
    for (const asker of this.#askers) asker.onInterim?.(status, fields);
  }

  /** The answer has come: the leader gets it in any case, the others as far as it may be shared. */
  share(answer: Shareable, landing: (asker: Asker, isLeader: boolean) => Landing): void {
    this.#tell((asker) => {
      const isLeader = asker === this.#leader;
      if (isLeader) return landing(asker, isLeader);
      const isFree = answer.sharing === 'all' || (answer.sharing === 'without-cookies' && !asker.hasCookie);
      if (!isFree) return alone;
      return isVariantFor(answer, asker) ? landing(asker, isLeader) : again;
    });
  }

  /** The answer is for the leader alone; the others fetch for themselves, all at once. */
  release(landing: () => Landing): void {
    this.#tell((asker) => (asker === this.#leader ? landing() : alone));
  }

  /** Everybody gets the same; those who select another variant than `only` look again. */
  tellAll(landing: Landing, only?: Pick<Shareable, 'vary' | 'variant'>): void {
    this.#tell((asker) => (only === undefined || isVariantFor(only, asker) ? landing : again));
  }

  lookAgain(): void {
    this.#tell(() => again);
  }

  #tell(landing: (asker: Asker) => Landing): void {
    for (const asker of this.#askers) asker.settle(landing(asker));
    this.#askers.clear();
  }
}

/** Is the response the variant that this request asks for? RFC 9111 §4.1. */
export function isVariantFor({ vary, variant }: Pick<Shareable, 'vary' | 'variant'>, asker: Asker): boolean {
  return variantOf(vary, asker.fields) === variant;
}
