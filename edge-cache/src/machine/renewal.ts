import type { Fields } from '@trivet/kit/semantics/fields.ts';
import type { Refusal, Sharing } from '../policy/admission.ts';
import type { Arrived } from '../policy/arrival.ts';
import { builtIn } from '../policy/built-in.ts';
import { merged } from '../policy/validation.ts';
import type { Entry } from '../store/store.ts';
import { redraftedFor } from './coded-form.ts';
import { adviceFor, type Crew, draftFor, type FlightOrder } from './flight-order.ts';
import { storedFields } from './head-fields.ts';
import type { Predecessor } from './predecessor.ts';
import type { Withdrawal } from './withdrawal.ts';

/** What a 304 makes of the stored response that was asked about. */
export type Renewal =
  | { readonly is: 'renewed'; readonly entry: Entry; readonly sharing: Sharing }
  /** The new head forbids to keep it. */
  | {
      readonly is: 'forbidden';
      readonly stale: Entry;
      readonly fields: Fields;
      readonly why: Refusal;
      readonly isEsi: boolean;
    }
  /** It was purged or banned meanwhile, or had to go for want of room. */
  | { readonly is: 'gone' };

export type Renewing = {
  readonly crew: Crew;
  readonly order: FlightOrder;
  readonly old: Predecessor;
  readonly withdrawal: Withdrawal;
};

const gone: Renewal = { is: 'gone' };

/** A 304: what is stored is true, and lives on under the new head, if the new head lets it. RFC 9111 §4.3.4. */
export function renewed(arrived: Arrived, { crew, order, old, withdrawal }: Renewing): Renewal {
  const { key } = order;
  const stale = old.renewable;
  if (stale === undefined || withdrawal.isWithdrawn) return gone;
  const before = storedFields(stale);
  // One representation was asked about, and that one is current, whatever tag the 304 gives it; its own stays.
  const response = { status: stale.status, fields: merged(before, arrived.response.fields) };
  const { respondedAt } = arrived.timing;
  const admitted = builtIn.admit(
    { ...arrived, response },
    crew.admission,
    adviceFor(order, stale.status, response.fields),
  );
  crew.counters.renewals += 1;
  crew.outcomes.admitted(key, 304, admitted, respondedAt);
  if (admitted.verdict === 'pass') return { is: 'forbidden', stale, fields: response.fields, ...admitted };
  const head = redraftedFor(stale, draftFor(order, { ...arrived, response }, admitted), crew.compression.isOn);
  const draft = { ...head, trailers: stale.trailers };
  if (withdrawal.arrived(draft)) return gone;
  const entry = crew.store.refresh(stale, draft);
  return entry === undefined ? gone : { is: 'renewed', entry, sharing: admitted.sharing };
}
