import type { Fields } from '@trivet/kit/semantics/fields.ts';

/** Fields as they stand on the wire, `Name: value` and CRLF each (RFC 9112 §5): one string instead of dozens. */
export function packFields(fields: Fields): string {
  const parts: string[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) parts.push(fields[i] ?? '', ': ', fields[i + 1] ?? '', '\r\n');
  // Joined it is one piece of memory; added up it would be a tree of all its parts.
  return parts.join('');
}

/** The list that was packed. */
export function unpackFields(packed: string): string[] {
  const fields: string[] = [];
  for (let at = 0; at < packed.length; ) {
    const colon = packed.indexOf(':', at);
    const end = packed.indexOf('\r\n', colon);
    fields.push(packed.slice(at, colon), packed.slice(colon + 2, end));
    at = end + 2;
  }
  return fields;
}

/** The same text as one piece of memory, holding on to none that it was made from. */
export function flat(text: string): string {
  return text === '' ? text : Buffer.from(text).toString();
}
