import { type Directives, noDirectives } from './directives.ts';
import type { Lifetime } from './lifetime.ts';

export type Reuse =
  | { readonly verdict: 'serve'; readonly why: 'fresh' | 'max-stale' }
  | { readonly verdict: 'serve-and-refresh'; readonly why: 'stale-while-revalidate' }
  | { readonly verdict: 'revalidate'; readonly why: 'expired' | 'request' }
  | { readonly verdict: 'gone'; readonly why: 'past-keep' };

/**
 * May a stored response answer now? RFC 9111 §4.2, RFC 5861 §3. `asked` are the request's directives where they are
 * honoured (RFC 9111 §5.2.1).
 */
export function reuse(life: Lifetime, now: number, asked: Directives = noDirectives): Reuse {
  if (now >= life.freshUntil && now >= life.keepUntil) return { verdict: 'gone', why: 'past-keep' };
  if (asked !== noDirectives && isRefused(life, now, asked)) return { verdict: 'revalidate', why: 'request' };
  if (now < life.freshUntil) return { verdict: 'serve', why: 'fresh' };
  if (now < life.graceUntil) return { verdict: 'serve-and-refresh', why: 'stale-while-revalidate' };
  return allowsStale(life, now, asked)
    ? { verdict: 'serve', why: 'max-stale' }
    : { verdict: 'revalidate', why: 'expired' };
}

/** Age in whole seconds, RFC 9111 §5.1. */
export function ageAt(life: Lifetime, now: number): number {
  return Math.max(0, Math.floor((now - life.born) / 1000));
}

/** Seconds left of its freshness, rounded up; negative once it is stale. RFC 9211 §2.6. */
export function ttlAt(life: Lifetime, now: number): number {
  const left = life.freshUntil - now;
  return left > 0 ? Math.ceil(left / 1000) : Math.floor(left / 1000) || 0;
}

function isRefused(life: Lifetime, now: number, { noCache, noStore, maxAge, minFresh, maxStale }: Directives): boolean {
  if (noCache || noStore) return true;
  if (minFresh !== undefined && life.freshUntil - now < minFresh * 1000) return true;
  const isTooOld = maxAge !== undefined && now - life.born > maxAge * 1000;
  return isTooOld && (maxStale === undefined || !allowsStale(life, now, { maxStale }));
}

// Where stale is forbidden there is no time between freshness and the use on errors either (RFC 9111 §4.2.4).
function allowsStale(life: Lifetime, now: number, { maxStale }: Pick<Directives, 'maxStale'>): boolean {
  if (maxStale === undefined) return false;
  const isForbidden = life.errorUntil <= life.freshUntil && life.graceUntil <= life.freshUntil;
  return now < life.freshUntil || (!isForbidden && now - life.freshUntil <= maxStale * 1000);
}
