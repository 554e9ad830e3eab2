import { remembered } from './remembered.ts';

/** A host and its port; an IPv6 address keeps its brackets, so that `host:port` can be written again. RFC 3986 §3.2. */
export type Authority = { readonly host: string; readonly port: number | undefined };

/** Reads a Host field or an authority without userinfo; undefined when its grammar is not met. RFC 9110 §7.2, RFC 3986 §3.2.2. */
export function parseAuthority(text: string): Authority | undefined {
  const colon = text.indexOf(':', text[0] === '[' ? text.indexOf(']') : 0);
  const host = colon < 0 ? text : text.slice(0, colon);
  if (!isHost(host)) return undefined;
  if (colon < 0) return { host: host.toLowerCase(), port: undefined };
  const digits = text.slice(colon + 1);
  if (!/^\d*$/.test(digits) || Number(digits) > 65535) return undefined;
  return { host: host.toLowerCase(), port: digits === '' ? undefined : Number(digits) };
}

/** Most hosts whose spelling is remembered: every request has one. */
const MOST_REMEMBERED = 1000;

/** One spelling per host: lower case, without an empty port, :80 or :443. RFC 9110 §4.2.3. */
export const canonicalHost = remembered((text: string): string => {
  const authority = parseAuthority(text);
  if (authority === undefined) return text.toLowerCase();
  const { host, port } = authority;
  return port === undefined || port === 80 || port === 443 ? host : `${host}:${port}`;
}, MOST_REMEMBERED);

function isHost(host: string): boolean {
  if (host[0] === '[') return host.at(-1) === ']' && isIPv6(host.slice(1, -1));
  return /^(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+$/.test(host);
}

// RFC 3986 §3.2.2: eight groups, or fewer around one '::'; an IPv4 address may stand for the last two. Zones are refused.
function isIPv6(text: string): boolean {
  const halves = text.split('::');
  const [head = '', tail] = halves;
  if (tail === undefined) return groups(head, true) === 8;
  // An IPv4 address ends the whole text, never what is before '::'.
  return halves.length === 2 && groups(head, false) + groups(tail, true) < 8;
}

function groups(text: string, mayEndInIPv4: boolean): number {
  if (text === '') return 0;
  const parts = text.split(':');
  const last = parts.at(-1) ?? '';
  const endsInIPv4 = mayEndInIPv4 && isIPv4(last);
  const hex = endsInIPv4 ? parts.slice(0, -1) : parts;
  if (!hex.every((part) => /^[0-9A-Fa-f]{1,4}$/.test(part))) return Number.POSITIVE_INFINITY;
  return hex.length + (endsInIPv4 ? 2 : 0);
}

function isIPv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}
