import { isIPv6 } from 'node:net';

/** By what the connections of a client are counted: its IPv4 address, or the /64 of its IPv6 one, which is one site's. */
export function clientKey(address: string): string {
  return isIPv6(address) ? `${prefix64(address)}::/64` : address;
}

function prefix64(address: string): string {
  const [before = '', after] = address.split('::');
  const front = wordsOf(before);
  const back = wordsOf(after ?? '');
  const gap = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0');
  const words = [...front, ...gap, ...back].slice(0, 4);
  return words.map((word) => Number.parseInt(word, 16).toString(16)).join(':');
}

/** An IPv4 address at the end stands for two of them. */
function wordsOf(part: string): string[] {
  const words = part.split(':').filter((word) => word !== '');
  return words.flatMap((word) => (word.includes('.') ? [word, word] : [word]));
}
