import { BlockList, isIP } from 'node:net';

/** IPv4 in IPv6 clothes (`::ffff:192.0.2.1`, as dual-stack sockets show it) is the IPv4 address that it is. */
export function plainAddress(address: string): string {
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address) ? address.slice('::ffff:'.length) : address;
}

function addTo(list: BlockList, member: string): void {
  const [host = '', prefix, ...rest] = member.split('/');
  const version = isIP(host);
  const bits = prefix === undefined ? undefined : Number(prefix);
  const most = version === 4 ? 32 : 128;
  const isBad = bits !== undefined && (!/^\d{1,3}$/.test(prefix ?? '') || bits > most);
  if (version === 0 || rest.length > 0 || isBad) {
    throw new Error(`${JSON.stringify(member)} is not an address, a range such as 10.0.0.0/8, or the word unix`);
  }
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (bits === undefined) list.addAddress(host, family);
  else list.addSubnet(host, bits, family);
}

/**
 * `127.0.0.0/8,::1,unix` → a question: is this peer's address in the list? Throws on what is no address.
 * Peers on Unix sockets are called `unix`.
 */
export function trustList(members: string): (address: string) => boolean {
  const list = new BlockList();
  let unix = false;
  for (const member of members.split(',').map((m) => m.trim())) {
    if (member === '') continue;
    if (member === 'unix') unix = true;
    else addTo(list, member);
  }
  return (address) => {
    if (address === 'unix') return unix;
    const plain = plainAddress(address);
    const version = isIP(plain);
    return version !== 0 && list.check(plain, version === 4 ? 'ipv4' : 'ipv6');
  };
}
