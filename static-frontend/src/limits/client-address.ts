import { isIPv4, isIPv6 } from 'node:net';

/**
 * A client's address in one spelling: IPv4 as it is, IPv6 as eight groups without zone, IPv4 in IPv6 clothes
 * (RFC 4291 §2.5.5.2, `::ffff:c000:201` too) as IPv4. What is no address (`unix`) comes back as it is.
 */
export function plainClient(client: string): string {
  const bare = client.replace(/%.*$/, '');
  if (!isIPv6(bare)) return client;
  const groups = groupsOf(bare);
  if (groups.slice(0, 6).join(':') !== '0:0:0:0:0:ffff') return groups.join(':');
  return [groups[6], groups[7]].flatMap((group) => octets(Number.parseInt(group ?? '0', 16))).join('.');
}

function groupsOf(address: string): string[] {
  const dotted = address.slice(address.lastIndexOf(':') + 1);
  const hexadecimal = isIPv4(dotted) ? address.slice(0, -dotted.length) + inGroups(dotted) : address;
  const [before = '', after] = hexadecimal.split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const zeros = after === undefined ? [] : Array<string>(8 - head.length - tail.length).fill('0');
  return [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16).toString(16));
}

function inGroups(dotted: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

function octets(group: number): number[] {
  return [group >> 8, group & 255];
}
