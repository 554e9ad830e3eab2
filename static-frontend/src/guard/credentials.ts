/** What a client says in `Authorization: Basic`. Pure. RFC 7617 §2. */
import { isUtf8 } from 'node:buffer';
import { type Fields, lines } from '@trivet/kit/semantics/fields.ts';

export type Credentials = { readonly name: string; readonly password: Buffer };

/** Name, colon and password; longer ones are nobody's; octets. A hash of a long password costs more than one of a short one. */
export const LONGEST = 1024;

/** Name and password; undefined when there are none, or none that could be meant: two lines, no UTF-8, control characters. */
export function basicCredentials(fields: Fields): Credentials | undefined {
  const [line, ...others] = lines(fields, 'authorization');
  const encoded = /^basic +([A-Za-z\d+/]+={0,2})[ \t]*$/i.exec(line ?? '')?.[1];
  if (encoded === undefined || others.length > 0 || encoded.length > LONGEST * 1.4) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  const colon = bytes.indexOf(':');
  if (colon < 0 || bytes.length > LONGEST || !isUtf8(bytes) || bytes.some(isControl)) return undefined;
  return { name: bytes.toString('utf8', 0, colon), password: bytes.subarray(colon + 1) };
}

function isControl(octet: number): boolean {
  return octet < 0x20 || octet === 0x7f;
}
