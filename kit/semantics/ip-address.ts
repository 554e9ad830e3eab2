import { parseAuthority } from './host.ts';

/**
 * The bare address in what X-Forwarded-For, Forwarded or a socket call one: `192.0.2.1:80`, `[2001:db8::1]:80`,
 * `2001:db8::1`, `fe80::1%eth0`. Without port, brackets and zone; IPv4 in IPv6 clothes (RFC 4291 §2.5.5.2) is IPv4.
 */
export function ipAddress(text: string): string | undefined {
  const isBareIPv6 = text[0] !== '[' && text.split(':').length > 2;
  const authority = parseAuthority(isBareIPv6 ? `[${text.replace(/%.*$/, '')}]` : text);
  if (authority === undefined) return undefined;
  if (authority.host[0] !== '[') return isIPv4(authority.host) ? authority.host : undefined;
  const address = authority.host.slice(1, -1);
  const mapped = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : '';
  return isIPv4(mapped) ? mapped : address;
}

function isIPv4(host: string): boolean {
  const parts = host.split('.');
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}
