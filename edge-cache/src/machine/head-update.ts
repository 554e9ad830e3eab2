import { field } from '@trivet/kit/semantics/fields.ts';
import type { Candidate } from '../policy/admission.ts';
import { builtIn } from '../policy/built-in.ts';
import { soften } from '../policy/lifetime.ts';
import { headVerdict, merged } from '../policy/validation.ts';
import { variantOf } from '../policy/vary.ts';
import { type Entry, redrafted } from '../store/store.ts';
import { redraftedFor } from './coded-form.ts';
import { adviceFor, type Crew, type FlightOrder } from './flight-order.ts';
import { draftOf, storedFields } from './head-fields.ts';

/**
 * What the answer to a HEAD says of the stored answers to a GET: the same, they live on under its fields; another, they
 * are stale. RFC 9111 §4.3.5.
 */
export class HeadUpdate {
  readonly #crew: Crew;
  readonly #order: FlightOrder;
  /** What was stored when the HEAD was sent: of what came later it says nothing. */
  readonly #known: readonly Entry[];

  constructor(crew: Crew, order: FlightOrder) {
    this.#crew = crew;
    this.#order = order;
    this.#known = [...crew.store.peek(order.key)];
  }

  /** The head is here. */
  apply(arrived: Candidate): void {
    if (this.#known.length === 0 || arrived.response.status !== 200) return;
    for (const entry of this.#crew.store.peek(this.#order.key)) if (this.#isMeant(entry)) this.#update(entry, arrived);
  }

  #isMeant(entry: Entry): boolean {
    const { vary, variant, status, part } = entry;
    const isSelected = variantOf(vary, this.#order.request.fields) === variant;
    return this.#known.includes(entry) && isSelected && status === 200 && part === undefined;
  }

  #update(entry: Entry, { request, response, timing }: Candidate): void {
    const { store, admission: rules, compression } = this.#crew;
    const { respondedAt } = timing;
    const known = storedFields(entry);
    const stored = { fields: known, length: field(known, 'content-length') ?? String(entry.bodyLength) };
    const verdict = headVerdict(stored, response.fields);
    if (verdict === 'unknown') return;
    if (verdict === 'differs') {
      return void store.refresh(entry, redrafted(entry, { life: soften(entry.life, respondedAt) }));
    }
    const get = { ...request, method: 'GET' };
    const fields = merged(known, response.fields);
    const { rules: policy, view } = this.#order;
    const advice = adviceFor({ rules: policy, view: () => ({ ...view(), method: 'GET' }) }, 200, fields);
    const admitted = builtIn.admit({ request: get, response: { status: 200, fields }, timing }, rules, advice);
    if (admitted.verdict === 'pass') return void store.drop(entry);
    const { key, resource } = this.#order;
    const { sinceBan, trailers } = entry;
    const fresh = draftOf({ key, resource, request: get, status: 200, admitted, respondedAt, sinceBan });
    store.refresh(entry, { ...redraftedFor(entry, fresh, compression.isOn), trailers });
  }
}
