/**
 * Where an include leads. Whatever it says, only the origin is asked, under that host: the edge connects to no address that
 * it found in a page. Still, a page must not choose under which names the origin is asked; hence the list.
 */
import { hasControl } from '@trivet/kit/semantics/control.ts';
import { canonicalHost, parseAuthority } from '@trivet/kit/semantics/host.ts';
import { splitQuery } from '@trivet/kit/semantics/target.ts';
import { nameMatcher } from '../key.ts';

export type Target =
  | { readonly verdict: 'ask'; readonly host: string; readonly target: string; readonly isSameHost: boolean }
  | { readonly verdict: 'refused'; readonly why: TargetRefusal };

export type TargetRefusal = 'bad-url' | 'scheme' | 'foreign-host' | 'private-host';

/** Which hosts other than its own a page may include from. */
export type HostRule = (host: string) => 'listed' | 'matched' | 'no';

/**
 * `cdn.example.com, *.example.org, 10.0.0.1:81`: hosts with their port unless it is 80 or 443; `*` stands for any
 * characters, but for no private address.
 */
export function hostRule(list: readonly string[]): HostRule {
  const hosts = list.map(canonicalHost);
  const exact = new Set(hosts);
  const matches = nameMatcher(hosts);
  return (host) => {
    if (exact.has(host)) return 'listed';
    return matches(host) ? 'matched' : 'no';
  };
}

/** The page that includes: its host as in the request, its path and query. */
export type Base = { readonly host: string; readonly target: string };

/** Resolves what stands in `src` or `alt` (RFC 3986 §5.2), bytes as Latin-1 characters. */
export function includeTarget(reference: string, base: Base, hosts: HostRule): Target {
  const url = escaped(reference.trim());
  if (url === undefined) return { verdict: 'refused', why: 'bad-url' };
  const { scheme, authority, rest = '' } = parts.exec(url)?.groups ?? {};
  if (scheme !== undefined && !/^https?:$/i.test(scheme)) return { verdict: 'refused', why: 'scheme' };
  if (authority === undefined) {
    if (scheme !== undefined) return { verdict: 'refused', why: 'bad-url' };
    return { verdict: 'ask', host: base.host, target: resolved(rest, base.target), isSameHost: true };
  }
  return elsewhere({ scheme, authority, rest }, base, hosts);
}

const parts = /^(?<scheme>[A-Za-z][A-Za-z0-9+.-]*:)?(?:\/\/(?<authority>[^/?]*))?(?<rest>.*)$/;

type Absolute = { readonly scheme: string | undefined; readonly authority: string; readonly rest: string };

function elsewhere({ scheme, authority, rest }: Absolute, base: Base, hosts: HostRule): Target {
  // A name in escapes is a name for nobody but those who would slip past the list.
  if (authority.includes('%') || parseAuthority(authority) === undefined) return { verdict: 'refused', why: 'bad-url' };
  const host = canonicalHost(authority);
  const target = resolved(rest, '/');
  if (host === canonicalHost(base.host)) return { verdict: 'ask', host: base.host, target, isSameHost: true };
  // The origin is asked in the clear, and could not tell that the page meant something else.
  if (scheme?.toLowerCase() === 'https:') return { verdict: 'refused', why: 'scheme' };
  const rule = hosts(host);
  if (rule !== 'listed' && isPrivate(host)) return { verdict: 'refused', why: 'private-host' };
  if (rule === 'no') return { verdict: 'refused', why: 'foreign-host' };
  return { verdict: 'ask', host, target, isSameHost: false };
}

// As browsers do: what is no URL character is escaped, byte by byte; a control would end the line it is written in.
function escaped(reference: string): string | undefined {
  if (reference === '' || hasControl(reference)) return undefined;
  const [url = ''] = reference.split('#', 1);
  return url.replace(/[^!-~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

/** A path and query beside those of the page, RFC 3986 §5.2.2. */
function resolved(reference: string, base: string): string {
  const { path, query } = splitQuery(reference);
  const own = splitQuery(base).path;
  if (path === '') return query === undefined ? base : `${own}?${query}`;
  const whole = path[0] === '/' ? path : own.slice(0, own.lastIndexOf('/') + 1) + path;
  return withoutDots(whole) + (query === undefined ? '' : `?${query}`);
}

/** RFC 3986 §5.2.4. */
function withoutDots(path: string): string {
  if (!/\/\.{1,2}(?:\/|$)/.test(path)) return path;
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  for (const segment of segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
  }
  const last = segments.at(-1);
  if (last === '.' || last === '..') kept.push('');
  return `/${kept.join('/')}`;
}

const privateNames = /^(?:localhost|[^.]+)$|\.(?:localhost|local|internal|intranet|lan|home\.arpa)$/;

/**
 * Does a host name a machine that only we should reach? Every literal address does, in whatever spelling a resolver
 * takes, and every name without a dot.
 */
function isPrivate(authority: string): boolean {
  const host = parseAuthority(authority)?.host.replace(/\.$/, '') ?? '';
  return host[0] === '[' || /(?:^|\.)(?:0x[0-9a-f]*|\d+)$/.test(host) || privateNames.test(host);
}
