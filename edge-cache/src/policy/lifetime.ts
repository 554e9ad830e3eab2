import { parseHttpDate } from '@trivet/kit/semantics/date.ts';
import { type Fields, field, has, lines } from '@trivet/kit/semantics/fields.ts';
import { splitList } from '@trivet/kit/semantics/list.ts';
import { type Directives, deltaSeconds } from './directives.ts';
import type { Orders } from './targeted.ts';

/**
 * The instants of a stored response, fixed when it is admitted: a lookup only compares them with the time. All are
 * milliseconds since the epoch, all are compared as `now < instant`.
 */
export type Lifetime = {
  /** When its age was 0, RFC 9111 §4.2.3: `now - born` is its age. */
  readonly born: number;
  readonly freshUntil: number;
  /** Until then it answers at once while it is being refreshed, RFC 5861 §3. */
  readonly graceUntil: number;
  /** Until then it stands in for an origin that fails, RFC 5861 §4. */
  readonly errorUntil: number;
  /** Until then it is kept for a 304. */
  readonly keepUntil: number;
};

/** Where the time that a response stays fresh came from; `none` is 0. */
export type FreshnessSource = 's-maxage' | 'max-age' | 'expires' | 'heuristic' | 'default' | 'policy' | 'none';
export type Freshness = { readonly why: FreshnessSource; readonly ms: number };

/** What holds where a response says nothing; milliseconds. */
export type LifetimeDefaults = {
  readonly ttl: number;
  readonly grace: number;
  readonly staleIfError: number;
  readonly keep: number;
};

/** When a response was asked for and when its head came, milliseconds since the epoch. */
export type Timing = { readonly requestedAt: number; readonly respondedAt: number };

const DAY = 86_400_000;

// RFC 9110 §15.1.
const heuristicallyCacheable = new Set([200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501]);

/** Did the origin itself, or the policy, say how long? */
export function isExplicit({ why }: Freshness): boolean {
  return why === 's-maxage' || why === 'max-age' || why === 'expires' || why === 'policy';
}

/** How long a response stays fresh from its birth, RFC 9111 §4.2.1 and §4.2.2. */
export function freshness(
  response: { readonly status: number; readonly fields: Fields },
  { from, directives }: Orders,
  respondedAt: number,
  defaultTtl: number,
): Freshness {
  if (directives.sMaxage !== undefined) return { why: 's-maxage', ms: directives.sMaxage * 1000 };
  if (directives.maxAge !== undefined) return { why: 'max-age', ms: directives.maxAge * 1000 };
  const isSpokenTo = from !== 'cache-control';
  if (!isSpokenTo && has(response.fields, 'expires')) {
    return { why: 'expires', ms: expiresIn(response.fields, respondedAt) };
  }
  if (!heuristicallyCacheable.has(response.status) && !directives.isPublic) return { why: 'none', ms: 0 };
  const guess = heuristic(response.fields, respondedAt);
  if (guess > 0) return { why: 'heuristic', ms: guess };
  return defaultTtl > 0 ? { why: 'default', ms: defaultTtl } : { why: 'none', ms: 0 };
}

/** How old a response already was when its head came, in milliseconds; RFC 9111 §4.2.3. */
export function initialAge(fields: Fields, { requestedAt, respondedAt }: Timing): number {
  const date = dateOf(fields, respondedAt);
  // Date has whole seconds, and servers look at the clock for it about once a second: less than two are no age.
  const late = Math.floor((respondedAt - date) / 1000);
  const apparent = late < 2 ? 0 : late * 1000;
  const corrected = (ageOf(fields) ?? 0) * 1000 + Math.max(0, respondedAt - requestedAt);
  return Math.max(apparent, corrected);
}

/** `Age` in seconds: the first of several, nothing when that one is no number; RFC 9111 §5.1. */
export function ageOf(fields: Fields): number | undefined {
  const [first] = splitList(lines(fields, 'age')[0] ?? '');
  return first === undefined ? undefined : deltaSeconds(first);
}

/** Must it never answer stale, not even for a dead origin? RFC 9111 §4.2.4. */
export function forbidsStale(directives: Directives): boolean {
  const { mustRevalidate, proxyRevalidate, sMaxage, noCache } = directives;
  return mustRevalidate || proxyRevalidate || sMaxage !== undefined || noCache;
}

/** What decides the instants of one response; times in milliseconds. */
export type Span = {
  readonly age: number;
  readonly respondedAt: number;
  readonly fresh: Freshness;
  readonly directives: Directives;
  readonly defaults: LifetimeDefaults;
  /** Without a validator there is no 304 to keep it for. */
  readonly hasValidator: boolean;
};

/** The instants of a response that is admitted now. */
export function lifetime({ age, respondedAt, fresh, directives, defaults, hasValidator }: Span): Lifetime {
  const born = respondedAt - age;
  // A policy says how long from now on, whatever the age; an origin counts from the birth.
  const end = (fresh.why === 'policy' ? respondedAt : born) + fresh.ms;
  const freshUntil = directives.noCache ? Math.min(end, born) : end;
  const isStrict = forbidsStale(directives);
  // What is stale when it comes is never given at once unless it says so itself: nor does Varnish's default_grace make it.
  const defaultGrace = freshUntil > respondedAt ? defaults.grace : 0;
  const grace = isStrict ? 0 : (inMs(directives.staleWhileRevalidate) ?? defaultGrace);
  const onError = isStrict ? 0 : (inMs(directives.staleIfError) ?? defaults.staleIfError);
  const graceUntil = freshUntil + grace;
  const errorUntil = freshUntil + onError;
  // What is past its time already when it comes is kept from now on, or the next request could not validate it.
  const useless = Math.max(end, respondedAt, graceUntil, errorUntil);
  return { born, freshUntil, graceUntil, errorUntil, keepUntil: useless + (hasValidator ? defaults.keep : 0) };
}

/** A soft purge: stale from now on, and for no longer than it would have been. */
export function soften(life: Lifetime, now: number): Lifetime {
  const freshUntil = Math.min(life.freshUntil, now);
  return {
    born: life.born,
    freshUntil,
    graceUntil: Math.min(life.graceUntil, freshUntil + (life.graceUntil - life.freshUntil)),
    errorUntil: Math.min(life.errorUntil, freshUntil + (life.errorUntil - life.freshUntil)),
    keepUntil: life.keepUntil,
  };
}

function expiresIn(fields: Fields, respondedAt: number): number {
  // Several lines are joined and then are no date, and what is no date is in the past (RFC 9111 §5.3).
  const expires = parseHttpDate(field(fields, 'expires') ?? '', respondedAt);
  return expires === undefined ? 0 : Math.max(0, expires - dateOf(fields, respondedAt));
}

function heuristic(fields: Fields, respondedAt: number): number {
  const lastModified = parseHttpDate(field(fields, 'last-modified') ?? '', respondedAt);
  if (lastModified === undefined) return 0;
  return Math.min(DAY, Math.max(0, dateOf(fields, respondedAt) - lastModified) / 10);
}

function dateOf(fields: Fields, respondedAt: number): number {
  return parseHttpDate(field(fields, 'date') ?? '', respondedAt) ?? respondedAt;
}

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}
