import { type AdmissionRules, admission, type Candidate } from '../policy/admission.ts';
import { soften } from '../policy/lifetime.ts';
import { headVerdict, merged } from '../policy/validation.ts';
import { variantOf } from '../policy/vary.ts';
import { type Entry, redrafted, type Store } from '../store/store.ts';
import type { FlightOrder } from './flight-order.ts';
import { draftOf, storedFields } from './head-fields.ts';

/**
 * What the answer to a HEAD says of the stored answers to a GET: the same, they live on under its fields; another, they
 * are stale. RFC 9111 §4.3.5.
 */
export class HeadUpdate {
  readonly #store: Store;
  readonly #order: FlightOrder;
  /** What was stored when the HEAD was sent: of what came later it says nothing. */
  readonly #known: readonly Entry[];

  constructor(store: Store, order: FlightOrder) {
    this.#store = store;
    this.#order = order;
    this.#known = order.request.method === 'HEAD' ? [...store.peek(order.key)] : [];
  }

  /** The head is here. */
  apply({ request, response, timing }: Candidate, rules: AdmissionRules): void {
    if (response.status !== 200) return;
    const { key, resource } = this.#order;
    for (const entry of this.#store.peek(key)) {
      if (!this.#isMeant(entry)) continue;
      const stored = { fields: storedFields(entry), length: entry.bodyLength };
      if (headVerdict(stored, response.fields) === 'differs') {
        this.#store.refresh(entry, redrafted(entry, { life: soften(entry.life, timing.respondedAt) }));
        continue;
      }
      const fields = merged(stored.fields, response.fields);
      const get = { ...request, method: 'GET' };
      const admitted = admission({ request: get, response: { status: 200, fields }, timing }, rules);
      const { respondedAt } = timing;
      const { sinceBan } = entry;
      if (admitted.verdict === 'pass') this.#store.drop(entry);
      else {
        const draft = draftOf({ key, resource, request: get, status: 200, admitted, respondedAt, sinceBan });
        this.#store.refresh(entry, { ...draft, trailers: entry.trailers });
      }
    }
  }

  #isMeant(entry: Entry): boolean {
    const { vary, variant, status, part } = entry;
    const isSelected = variantOf(vary, this.#order.request.fields) === variant;
    return this.#known.includes(entry) && isSelected && status === 200 && part === undefined;
  }
}
