/**
 * May a response be stored (RFC 9111 §3), for how long, and who else may get this very answer while it is on its way?
 * A policy's verdict is heard first; it shortens and lengthens freely, but what the origin forbids to keep is only kept
 * when the policy says `store` in so many words.
 */
import { parseHttpDate } from '@trivet/kit/semantics/date.ts';
import { type Fields, field, has, without } from '@trivet/kit/semantics/fields.ts';
import type { Directives } from './directives.ts';
import { isEsi } from './esi/wanted.ts';
import {
  type Freshness,
  type FreshnessSource,
  freshness,
  initialAge,
  isExplicit,
  type Lifetime,
  type LifetimeDefaults,
  lifetime,
  type Timing,
} from './lifetime.ts';
import { partOf } from './parts.ts';
import { tagsOf } from './tags.ts';
import { type Orders, ordersOf } from './targeted.ts';
import { selecting } from './vary.ts';

/** Why a response is not stored; a policy gives reasons of its own. */
export type Refusal =
  | 'method'
  | 'status'
  | 'request-no-store'
  | 'no-store'
  | 'private'
  | 'authorization'
  | 'vary'
  | 'set-cookie'
  | 'cookie'
  | 'no-freshness'
  | (string & {});

/**
 * Who may share an answer that has just come: `all` requests that select the same variant; those `without-cookies`, for
 * an answer that is stale at once and so is one answer to simultaneous questions only; `none` but the one that asked.
 */
export type Sharing = 'all' | 'without-cookies' | 'none';

export type Admission =
  | {
      readonly verdict: 'store';
      readonly why: FreshnessSource;
      readonly life: Lifetime;
      readonly vary: readonly string[];
      readonly tags: readonly string[];
      readonly sharing: Sharing;
      /** May it answer requests that carry credentials? RFC 9111 §3.5. */
      readonly servesAuthorized: boolean;
      /** The fields that may be stored. */
      readonly fields: Fields;
      /** Set-Cookie is withheld from everybody, the one that asked included. */
      readonly stripsCookies: boolean;
      /** Its ESI markup is to be processed. */
      readonly isEsi: boolean;
      /** What the policy says of its compression. */
      readonly compress?: boolean | undefined;
    }
  | { readonly verdict: 'pass'; readonly why: Refusal; readonly isEsi: boolean };

/** What a policy may say of a response; times in milliseconds. */
export type Advice = {
  readonly do?: 'store' | 'pass' | undefined;
  readonly ttl?: number | undefined;
  readonly grace?: number | undefined;
  readonly staleIfError?: number | undefined;
  readonly keep?: number | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly compress?: boolean | undefined;
  readonly why?: string | undefined;
  readonly esi?: boolean | undefined;
};

export type AdmissionRules = LifetimeDefaults & { readonly setCookie: 'pass' | 'store' | 'strip' };

export type Candidate = {
  /** The client's request; `directives` only where they are honoured. */
  readonly request: {
    readonly method: string;
    readonly fields: Fields;
    readonly directives: Directives;
    /** The Range field that it was sent with. */
    readonly range?: string | undefined;
  };
  /** End-to-end fields. */
  readonly response: { readonly status: number; readonly fields: Fields };
  readonly timing: Timing;
};

/** Status codes whose caching rules this cache knows, RFC 9111 §5.2.2.3. */
const understood = new Set([
  200, 203, 204, 206, 300, 301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 406, 408, 409, 410, 411, 413, 414, 415,
  421, 422, 429, 431, 451, 500, 501, 502, 503, 504, 505,
]);

/** May this response be stored? RFC 9111 §3. */
export function admission(candidate: Candidate, rules: AdmissionRules, advice: Advice = {}): Admission {
  const { response, timing } = candidate;
  const orders = ordersOf(response.fields);
  const fresh: Freshness =
    advice.ttl === undefined
      ? freshness(response, orders, timing.respondedAt, rules.ttl)
      : { why: 'policy', ms: advice.ttl };
  const refusal = impossible(candidate, orders) ?? forbidden(candidate, { orders, fresh, rules, advice });
  if (refusal !== undefined) return { verdict: 'pass', why: refusal, isEsi: isEsi(response, advice.esi) };
  return stored(candidate, { orders, fresh, rules, advice });
}

type Judging = {
  readonly orders: Orders;
  readonly fresh: Freshness;
  readonly rules: AdmissionRules;
  readonly advice: Advice;
};

/** What no policy can make storable. */
function impossible({ request, response }: Candidate, { directives }: Orders): Refusal | undefined {
  const { status } = response;
  if (request.method !== 'GET') return 'method';
  if (status < 200 || status === 304) return 'status';
  // Parts that nobody can place, and a refusal that speaks of the range and not of the resource.
  if (status === 206 && partOf(response.fields, request.range) === undefined) return 'status';
  if (status === 416 && request.range !== undefined) return 'status';
  if (directives.mustUnderstand && !understood.has(status)) return 'status';
  if (selecting(response.fields) === '*') return 'vary';
  return undefined;
}

function forbidden(candidate: Candidate, judging: Judging): Refusal | undefined {
  const { advice, fresh } = judging;
  if (advice.do === 'pass') return advice.why ?? 'policy';
  if (advice.do === 'store') return undefined;
  const { request, response } = candidate;
  return (
    byOrder(candidate, judging.orders.directives) ??
    byCookie(candidate, judging) ??
    (isExplicit(fresh) || fresh.ms > 0 || canBeValidated(response, judging.orders) ? undefined : 'no-freshness') ??
    (request.directives.noStore ? 'request-no-store' : undefined)
  );
}

function byOrder({ request }: Candidate, directives: Directives): Refusal | undefined {
  // `must-understand` beside `no-store`: the latter is for caches that do not know the status (RFC 9111 §5.2.2.3).
  if (directives.noStore && !directives.mustUnderstand) return 'no-store';
  if (directives.isPrivate) return 'private';
  return has(request.fields, 'authorization') && !servesAuthorized(directives) ? 'authorization' : undefined;
}

function byCookie({ request, response }: Candidate, { orders, fresh, rules }: Judging): Refusal | undefined {
  const { directives } = orders;
  const isWithheld = directives.noCacheFields.includes('set-cookie') || directives.privateFields.includes('set-cookie');
  const isShown = has(response.fields, 'set-cookie') && !isWithheld;
  if (isShown && rules.setCookie === 'pass' && !directives.isPublic) return 'set-cookie';
  return has(request.fields, 'cookie') && !isExplicit(fresh) && !directives.isPublic ? 'cookie' : undefined;
}

function servesAuthorized(directives: Directives): boolean {
  return directives.isPublic || directives.mustRevalidate || directives.sMaxage !== undefined;
}

// A lifetime of nothing is of use only where a 304 can renew it (RFC 9111 §3 asks for a status that is cacheable by itself).
function canBeValidated({ status, fields }: Candidate['response'], { directives }: Orders): boolean {
  const mayGuess =
    directives.isPublic || directives.noCache || [200, 203, 204, 206, 300, 301, 308, 404, 410].includes(status);
  return mayGuess && hasValidator(fields);
}

function stored({ request, response, timing }: Candidate, { orders, fresh, rules, advice }: Judging): Admission {
  const { directives } = orders;
  const defaults = {
    ttl: rules.ttl,
    grace: rules.grace,
    staleIfError: rules.staleIfError,
    keep: advice.keep ?? rules.keep,
  };
  const life = lifetime({
    age: initialAge(response.fields, timing),
    respondedAt: timing.respondedAt,
    fresh,
    directives: advised(directives, advice),
    defaults,
    hasValidator: hasValidator(response.fields),
  });
  const stripsCookies = rules.setCookie === 'strip' && has(response.fields, 'set-cookie');
  const withheld = new Set([...directives.noCacheFields, ...directives.privateFields]);
  if (stripsCookies) withheld.add('set-cookie');
  const vary = selecting(response.fields);
  return {
    verdict: 'store',
    why: fresh.why,
    life,
    vary: vary === '*' ? [] : vary,
    tags:
      advice.tags === undefined ? tagsOf(response.fields) : [...new Set([...tagsOf(response.fields), ...advice.tags])],
    sharing: sharing(life, directives, { fresh, request: request.fields, now: timing.respondedAt }),
    servesAuthorized: servesAuthorized(directives) || advice.do === 'store',
    fields: withheld.size === 0 ? response.fields : without(response.fields, (name) => withheld.has(name)),
    stripsCookies,
    isEsi: isEsi(response, advice.esi),
    compress: advice.compress,
  };
}

// The policy's own times stand where the response's would; what forbids stale is not the policy's to lift.
function advised(directives: Directives, { do: what, grace, staleIfError }: Advice): Directives {
  const lifted = what === 'store' ? { noCache: false } : {};
  const times = {
    ...(grace === undefined ? {} : { staleWhileRevalidate: grace / 1000 }),
    ...(staleIfError === undefined ? {} : { staleIfError: staleIfError / 1000 }),
  };
  return { ...directives, ...lifted, ...times };
}

type Sharers = { readonly fresh: Freshness; readonly request: Fields; readonly now: number };

function sharing(life: Lifetime, directives: Directives, { fresh, request, now }: Sharers): Sharing {
  if (directives.noCache) return 'none';
  if (now < life.freshUntil) return 'all';
  return isExplicit(fresh) && !has(request, 'cookie') ? 'without-cookies' : 'none';
}

function hasValidator(fields: Fields): boolean {
  return has(fields, 'etag') || parseHttpDate(field(fields, 'last-modified') ?? '') !== undefined;
}
