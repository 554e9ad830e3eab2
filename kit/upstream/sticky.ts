/** Clients that stay with a member: what it is called outside, and how a client shows that it was sent there. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type Address, formatAddress } from '../process/units.ts';

/** Characters of base64url: 48 bits are enough to tell the members of one upstream apart. */
const idLength = 8;

/** Characters of base64url: 132 bits of the HMAC. */
const macLength = 22;

const form = new RegExp(`^[\\w-]{${idLength}}\\.[\\w-]{${macLength}}$`);

/** What a member is called in cookies: the same in all processes and after a restart, as long as its address is. */
export function stickyId(endpoint: Address): string {
  return createHash('sha256').update(formatAddress(endpoint)).digest('base64url').slice(0, idLength);
}

/** The value of the cookie: `<id>.<hmac>`, HMAC-SHA256 over the id, all of it characters that a cookie may have. */
export function signSticky(id: string, secret: string): string {
  return `${id}.${macOf(id, secret)}`;
}

/** The id that a cookie names; undefined when it was not signed with this secret. In a time that tells nothing of it. */
export function verifySticky(value: string, secret: string): string | undefined {
  if (!form.test(value)) return undefined;
  const id = value.slice(0, idLength);
  // Not decoded: many texts decode to the same bytes.
  const given = Buffer.from(value.slice(idLength + 1), 'latin1');
  return timingSafeEqual(given, Buffer.from(macOf(id, secret), 'latin1')) ? id : undefined;
}

function macOf(id: string, secret: string): string {
  return createHmac('sha256', secret).update(id).digest('base64url').slice(0, macLength);
}
