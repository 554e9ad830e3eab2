import { conditions } from '../policy/validation.ts';
import type { Loan } from '../store/body.ts';
import { packFields } from '../store/packed-fields.ts';
import type { Entry, Store } from '../store/store.ts';
import { storedFields } from './head-fields.ts';
import type { Withdrawal } from './withdrawal.ts';

/** The stored response that a fetch is to renew or to replace, and that stands in when it fails. */
export class Predecessor {
  readonly #store: Store;
  readonly #withdrawal: Withdrawal;
  /** As it was when the fetch began: its validators were sent. */
  readonly entry: Entry | undefined;

  /** Its body stays where it is until the fetch is over, also when it is evicted meanwhile. */
  readonly #loan: Loan | undefined;

  constructor(store: Store, entry: Entry | undefined, withdrawal: Withdrawal) {
    this.#store = store;
    this.#withdrawal = withdrawal;
    this.entry = entry;
    this.#loan = entry && store.borrow(entry);
  }

  /** As it is now: it may have been purged softly since. Evicted it still serves; purged, it does not. */
  get current(): Entry | undefined {
    const { entry } = this;
    if (entry === undefined) return undefined;
    const stored = this.#store.peek(entry.key).find((other) => other.variant === entry.variant);
    return stored ?? (this.#withdrawal.isWithdrawn ? undefined : entry);
  }

  /**
   * The one that a 304 speaks of: it has the validators that were sent. What another fetch has put in its place meanwhile
   * may have a body that the 304 knows nothing of (RFC 9111 §4.3.4).
   */
  get renewable(): Entry | undefined {
    const { current, entry } = this;
    return current === entry || validatorsOf(current) === validatorsOf(entry) ? current : undefined;
  }

  /** The origin would no longer answer so; a later purge has seen to it already. */
  drop(): void {
    const current = this.#withdrawal.isWithdrawn ? undefined : this.current;
    if (current !== undefined) this.#store.drop(current);
  }

  /** The new response took its place; where it is selected by other fields, the store could not know. */
  replacedBy(entry: Entry): void {
    if (this.entry !== undefined && this.entry.variant !== entry.variant) this.#store.drop(this.entry);
  }

  /** The fetch is over. Those who were told to take it come for it in this very turn of the event loop. */
  release(): void {
    if (this.#loan !== undefined) setImmediate(() => this.#loan?.giveBack());
  }
}

function validatorsOf(entry: Entry | undefined): string {
  return entry === undefined ? '' : packFields(conditions(storedFields(entry)));
}
