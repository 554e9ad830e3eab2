import type { Admission, AdmissionRules, Advice, Candidate, Refusal } from './admission.ts';
import { builtIn } from './built-in.ts';
import { isEsi } from './esi/wanted.ts';
import type { Lifetime } from './lifetime.ts';

/** What becomes of the answer to a fetch that was made for the cache. */
export type Arrival =
  | { readonly do: 'store'; readonly admission: Extract<Admission, { verdict: 'store' }> }
  /** It is for the one that asked, and for nobody else. */
  | {
      readonly do: 'pass';
      readonly why: Refusal;
      /** For a while nobody needs to wait for answers to this key. */
      readonly isLasting: boolean;
      /** What is stored is no longer what the origin would say. */
      readonly outdates: boolean;
      readonly isEsi: boolean;
    }
  /** 304: what is stored is still true. */
  | { readonly do: 'renew' }
  /** The origin failed, and what is stored may stand in for it. */
  | { readonly do: 'rescue' }
  /** A part of a page whose markup is to be processed: that takes the whole. */
  | { readonly do: 'ask-whole' }
  /** An answer to another question than the one that was put. */
  | { readonly do: 'refuse'; readonly why: 'unasked-304' | 'unasked-206' };

export type Arrived = Candidate & {
  /** The stored response whose validators the request carried. */
  readonly isConditional: boolean;
  /** The stored response that could stand in, if the times allow it. */
  readonly standIn: Lifetime | undefined;
  /** A client waits; behind a refresh nobody does, and no failure may replace what is stored. */
  readonly isBackground: boolean;
};

/** Statuses for which stale may stand in, RFC 5861 §4. */
const failures = new Set([500, 502, 503, 504]);

/** May a stored response stand in for an origin that failed? RFC 9111 §4.2.4, RFC 5861 §4. */
export function mayStandIn(life: Lifetime | undefined, now: number): boolean {
  return life !== undefined && (now < life.errorUntil || now < life.graceUntil);
}

/** Decides on the head of an answer. `advise` asks the policy, only where its answer counts. */
export function arrival(arrived: Arrived, rules: AdmissionRules, advise: () => Advice): Arrival {
  const decided = byStatus(arrived);
  if (decided !== undefined) return decided;
  const { response } = arrived;
  const advice = advise();
  if (response.status === 206 && isEsi({ ...response, status: 200 }, advice.esi)) return { do: 'ask-whole' };
  const verdict = builtIn.admit(arrived, rules, advice);
  if (verdict.verdict === 'store') return { do: 'store', admission: verdict };
  return passing(verdict, response.status);
}

function byStatus({
  request,
  response: { status },
  timing,
  standIn,
  isConditional,
  isBackground,
}: Arrived): Arrival | undefined {
  // RFC 9111 §4.3.3; a 304 that was not asked for would be an empty page for everybody.
  if (status === 304) return isConditional ? { do: 'renew' } : { do: 'refuse', why: 'unasked-304' };
  if (status === 206 && request.range === undefined) return { do: 'refuse', why: 'unasked-206' };
  const isRescued = failures.has(status) && mayStandIn(standIn, timing.respondedAt);
  return isRescued || (isBackground && status >= 500) ? { do: 'rescue' } : undefined;
}

const ofTheRequest = new Set<Refusal>(['method', 'request-no-store']);
const ofTheClient = new Set<Refusal>(['authorization', 'set-cookie', 'cookie']);

function passing({ why, isEsi }: { why: Refusal; isEsi: boolean }, status: number): Arrival {
  // An error is no property of the resource, and a HEAD or a strange range says nothing of what a GET would get.
  const isOfTheRange = why === 'status' && (status === 206 || status === 416);
  const isLasting = status < 500 && !ofTheRequest.has(why) && !isOfTheRange;
  return { do: 'pass', why, isLasting, outdates: isLasting && !ofTheClient.has(why), isEsi };
}
