/** Apache's MD5 of passwords, for files that exist; nobody should make new ones. Pure. */
import { hash } from 'node:crypto';

const ROUNDS = 1000;
const digits = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The 22 digits behind `$apr1$SALT$`, by the recipe of apr_md5_encode. */
export function apr1(password: Buffer, salt: string): string {
  const salted = Buffer.from(salt);
  let digest = md5([password, Buffer.from('$apr1$'), salted, ...firstMix(password, salted)]);
  for (let round = 0; round < ROUNDS; round++) {
    const isOdd = (round & 1) === 1;
    const parts = [isOdd ? password : digest];
    if (round % 3 !== 0) parts.push(salted);
    if (round % 7 !== 0) parts.push(password);
    parts.push(isOdd ? digest : password);
    digest = md5(parts);
  }
  return inDigits(digest);
}

function firstMix(password: Buffer, salt: Buffer): Buffer[] {
  const other = md5([password, salt, password]);
  const parts: Buffer[] = [];
  for (let left = password.length; left > 0; left -= 16) parts.push(other.subarray(0, Math.min(16, left)));
  for (let bits = password.length; bits > 0; bits >>= 1) {
    parts.push((bits & 1) === 1 ? Buffer.alloc(1) : password.subarray(0, 1));
  }
  return parts;
}

function md5(parts: readonly Buffer[]): Buffer {
  return hash('md5', Buffer.concat(parts), 'buffer');
}

// Which octets of the digest go together, the highest first.
const triples = [
  [0, 6, 12],
  [1, 7, 13],
  [2, 8, 14],
  [3, 9, 15],
  [4, 10, 5],
] as const;

function inDigits(digest: Buffer): string {
  const octet = (at: number) => digest[at] ?? 0;
  const numbers = triples.map(([high, middle, low]) => (octet(high) << 16) | (octet(middle) << 8) | octet(low));
  return numbers.map((number) => encoded(number, 4)).join('') + encoded(octet(11), 2);
}

// Six bits each, the lowest first.
function encoded(number: number, length: number): string {
  let text = '';
  for (let at = 0, rest = number; at < length; at++, rest >>= 6) text += digits[rest & 63];
  return text;
}
