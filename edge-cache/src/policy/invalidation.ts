import { type Fields, field } from '@trivet/kit/semantics/fields.ts';
import { canonicalHost } from '@trivet/kit/semantics/host.ts';
import type { Resource } from './key.ts';

// RFC 9110 §9.2.1, and what the registry of methods calls safe beyond it.
const safe = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY', 'REPORT', 'SEARCH']);

/** Methods that may change what is stored; one that nobody knows is taken to (RFC 9111 §4.4). */
export function isUnsafe(method: string): boolean {
  return !safe.has(method);
}

/** Has an unsafe method succeeded, so that it may have changed something? RFC 9111 §4.4. */
export function isSuccess(method: string, status: number): boolean {
  return isUnsafe(method) && status >= 200 && status < 400;
}

export type Change = {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly status: number;
  readonly fields: Fields;
};

/**
 * What an answer to an unsafe method makes outdated: its own target, and what `Location` and `Content-Location` name on
 * the same host; nothing when it failed. RFC 9111 §4.4.
 */
export function outdated({ method, target, host, status, fields }: Change): Resource[] {
  if (!isSuccess(method, status) || target === '*') return [];
  const own = { host: canonicalHost(host), path: target };
  const named = ['location', 'content-location'].map((name) => sameHost(field(fields, name), own));
  return [own, ...named.filter((resource) => resource !== undefined)];
}

/** Does a response say that it is the representation of the very target that it answers for? RFC 9110 §8.7. */
export function namesItself(fields: Fields, { host, target }: Pick<Change, 'host' | 'target'>): boolean {
  const own = { host: canonicalHost(host), path: target };
  return sameHost(field(fields, 'content-location'), own)?.path === target;
}

function sameHost(reference: string | undefined, own: Resource): Resource | undefined {
  const base = `http://${own.host}${own.path}`;
  if (reference === undefined || !URL.canParse(reference, base)) return undefined;
  const { protocol, host, pathname, search } = new URL(reference, base);
  const isWeb = protocol === 'http:' || protocol === 'https:';
  // Another host's answers are not this one's to throw away, or anybody could empty the cache.
  return isWeb && canonicalHost(host) === own.host ? { host: own.host, path: pathname + search } : undefined;
}
