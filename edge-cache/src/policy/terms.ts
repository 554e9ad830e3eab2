/** Which rule gave each of the times of a stored response: its lifetime read again from what is stored. */
import { parseHttpDate } from '@trivet/kit/semantics/date.ts';
import { type Fields, field, has } from '@trivet/kit/semantics/fields.ts';
import type { Advice } from './admission.ts';
import type { Directives } from './directives.ts';
import { type Freshness, freshness, type Lifetime, type LifetimeDefaults } from './lifetime.ts';
import { type Orders, ordersOf } from './targeted.ts';

/** A time and the rule that it comes from; `says` is that rule in words. */
export type Term = { readonly why: string; readonly seconds: number; readonly says: string };

export type Terms = {
  /** The field that speaks to this cache. */
  readonly from: Orders['from'];
  readonly fresh: Term;
  readonly grace: Term;
  readonly staleIfError: Term;
  readonly keep: Term;
  /** It is fresh for another time than its fields say: it was purged softly, or policy or settings have changed. */
  readonly wasChanged: boolean;
};

export type Stored = {
  readonly status: number;
  readonly fields: Fields;
  readonly life: Lifetime;
  readonly advice: Advice;
  readonly defaults: LifetimeDefaults;
};

// Date has whole seconds.
const ROUNDING_MS = 1500;

/** Explains the instants of a stored response, RFC 9111 §4.2. */
export function termsOf({ status, fields, life, advice, defaults }: Stored): Terms {
  const orders = ordersOf(fields);
  const fresh: Freshness =
    advice.ttl === undefined
      ? freshness({ status, fields }, orders, life.born, defaults.ttl)
      : { why: 'policy', ms: advice.ttl };
  const noCache = orders.directives.noCache && advice.do !== 'store';
  const really = life.freshUntil - life.born;
  const expected = noCache ? Math.min(0, fresh.ms) : fresh.ms;
  const { graceUntil, errorUntil, keepUntil, freshUntil } = life;
  const strict = strictness(orders.directives, noCache);
  const { staleWhileRevalidate, staleIfError } = orders.directives;
  const grace = lasting(graceUntil - freshUntil, [
    strict,
    advised(advice.grace),
    named('stale-while-revalidate', staleWhileRevalidate),
  ]);
  const onError = lasting(errorUntil - freshUntil, [
    strict,
    advised(advice.staleIfError),
    named('stale-if-error', staleIfError),
  ]);
  return {
    from: orders.from,
    fresh: noCache
      ? { why: 'no-cache', seconds: inSeconds(really), says: 'no-cache: it is to be validated before every use' }
      : { why: fresh.why, seconds: inSeconds(really), says: freshnessSays(fresh, orders) },
    grace: grace ?? defaultGrace(graceUntil - freshUntil, defaults),
    staleIfError: onError ?? {
      why: 'default',
      seconds: inSeconds(errorUntil - freshUntil),
      says: 'EDGE_STALE_IF_ERROR',
    },
    keep: kept(keepUntil - Math.max(freshUntil, graceUntil, errorUntil), fields, advice),
    wasChanged: fresh.why !== 'policy' && Math.abs(really - expected) > ROUNDING_MS,
  };
}

function defaultGrace(ms: number, { grace }: LifetimeDefaults): Term {
  if (ms > 0 || grace === 0) return { why: 'default', seconds: inSeconds(ms), says: 'EDGE_GRACE' };
  return { why: 'never-fresh', seconds: 0, says: 'it was not fresh even when it came: EDGE_GRACE is not for such' };
}

type Rule = { readonly why: string; readonly says: string } | undefined;

function lasting(ms: number, rules: readonly Rule[]): Term | undefined {
  const rule = rules.find((one) => one !== undefined);
  return rule && { why: rule.why, seconds: inSeconds(ms), says: rule.says };
}

function strictness({ mustRevalidate, proxyRevalidate, sMaxage }: Directives, noCache: boolean): Rule {
  const [name] = [
    ['must-revalidate', mustRevalidate],
    ['proxy-revalidate', proxyRevalidate],
    ['s-maxage', sMaxage !== undefined],
    ['no-cache', noCache],
  ].find(([, holds]) => holds === true) ?? [undefined];
  return typeof name === 'string' ? { why: name, says: `${name} forbids stale answers` } : undefined;
}

function advised(ms: number | undefined): Rule {
  return ms === undefined ? undefined : { why: 'policy', says: 'the policy says so' };
}

function named(directive: string, seconds: number | undefined): Rule {
  return seconds === undefined ? undefined : { why: directive, says: `${directive}=${seconds}` };
}

function kept(ms: number, fields: Fields, { keep }: Advice): Term {
  const seconds = inSeconds(ms);
  const hasValidator = has(fields, 'etag') || parseHttpDate(field(fields, 'last-modified') ?? '') !== undefined;
  if (!hasValidator)
    return { why: 'no-validator', seconds, says: 'it has neither ETag nor Last-Modified: no 304 could renew it' };
  return keep === undefined
    ? { why: 'default', seconds, says: 'EDGE_KEEP' }
    : { why: 'policy', seconds, says: 'the policy says so' };
}

/** What gives a lifetime, in words. */
export function freshnessSays({ why, ms }: Freshness, { from }: Orders): string {
  switch (why) {
    case 's-maxage':
    case 'max-age':
      return `${why}=${ms / 1000} in ${from}`;
    case 'expires':
      return 'the time from Date to Expires';
    case 'heuristic':
      return 'a tenth of the time from Last-Modified to Date, a day at most';
    case 'default':
      return 'EDGE_DEFAULT_TTL, as nothing else says how long';
    case 'policy':
      return 'the policy says so';
    case 'none':
      return 'nothing says how long';
  }
}

function inSeconds(ms: number): number {
  return Math.round(ms / 1000);
}
