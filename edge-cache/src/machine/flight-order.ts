import type { Encoders } from '@trivet/kit/http1/encoder.ts';
import type { Fault } from '@trivet/kit/semantics/fault.ts';
import type { Fields } from '@trivet/kit/semantics/fields.ts';
import type { Outbound, Upstream } from '@trivet/kit/upstream/upstream.ts';
import type { Admission, AdmissionRules, Advice, Candidate } from '../policy/admission.ts';
import type { CompressionRules } from '../policy/compression.ts';
import type { Resource } from '../policy/key.ts';
import { type RequestView, responseView } from '../policy/views.ts';
import { noAdvice, type Rules } from '../rules.ts';
import type { Draft, Entry, Store } from '../store/store.ts';
import type { BackOff } from './back-off.ts';
import type { Counters } from './counters.ts';
import { draftOf } from './head-fields.ts';
import type { OutcomeMemory } from './outcome-memory.ts';
import type { SearchAliases } from './search-aliases.ts';
import type { UncacheableMemory } from './uncacheable.ts';

/** What is to be fetched, for whom, and what is there already. */
export type FlightOrder = {
  readonly key: string;
  readonly resource: Resource;
  /** The key, apart for requests that carry credentials: their answers seldom are anybody else's. */
  readonly lane: string;
  readonly request: Candidate['request'];
  /** Which part of the response it is for, conditions included; empty: all of it. Only who wants the same shares it. */
  readonly part: string;
  /** The request as the policy sees it. */
  view(): RequestView;
  /** Those that its exchange began with, whatever is in force when the answer comes. */
  readonly rules: Rules;
  readonly outbound: Outbound;
  /** The stored response that is to be renewed or replaced, and may stand in. */
  readonly stale: Entry | undefined;
  /** The request carries its validators. */
  readonly isConditional: boolean;
  /** No client waits for it. */
  readonly isBackground: boolean;
  /** The newest ban at its begin: what it brings is not tested against older ones. */
  readonly sinceBan: number;
  /** Others may join. */
  readonly isShared: boolean;
};

/** How far requests may wait for the fetch of another one. */
export type CoalesceLimits = {
  /** For its head; then a request fetches for itself. Milliseconds. */
  readonly waitMs: number;
  /** Most that wait for one fetch. */
  readonly queue: number;
};

/** What every fetch works with. */
export type Crew = {
  readonly store: Store;
  readonly upstream: Pick<Upstream, 'send'>;
  readonly admission: AdmissionRules;
  readonly compression: CompressionRules;
  readonly encoders: Encoders;
  readonly uncacheable: UncacheableMemory;
  readonly aliases: SearchAliases;
  readonly backOff: BackOff;
  readonly counters: Counters;
  readonly outcomes: OutcomeMemory;
  /** A response was stored, or renewed. */
  onStored(entry: Entry): void;
  readonly coalescing: CoalesceLimits;
  /** Milliseconds since the epoch. */
  clock(): number;
  /** Calls `run` after so many milliseconds, unless what it returns is called before. */
  after(ms: number, run: () => void): () => void;
  /** A refresh behind a stale answer brought nothing. */
  onRefreshFailed(order: FlightOrder, why: Fault | number): void;
};

/** The response to what was ordered as it is to be stored. */
export function draftFor(
  { key, resource, sinceBan }: FlightOrder,
  { request, response, timing }: Candidate,
  admitted: Extract<Admission, { verdict: 'store' }>,
): Draft {
  const { respondedAt } = timing;
  return draftOf({ key, resource, request, status: response.status, admitted, respondedAt, sinceBan });
}

/** What the policy in force for it says of a response to what was ordered. */
export function adviceFor(
  { rules, view }: Pick<FlightOrder, 'rules' | 'view'>,
  status: number,
  fields: Fields,
): Advice {
  return rules.hasAdmit ? rules.admit(responseView(status, fields), view()) : noAdvice;
}
