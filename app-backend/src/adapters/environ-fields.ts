/** From an environ back to a request, for handlers of other kinds. Pure. */
import { endToEnd } from '@trivet/kit/semantics/hop-by-hop.ts';
import type { Environ, Header } from '../wsgi.ts';

/** The fields of the request, names as they are usually written; a name with an underscore was never let in. */
export function fieldsOf(environ: Environ): string[] {
  const fields: string[] = [];
  for (const [variable, value] of Object.entries(environ)) {
    const name = nameOf(variable);
    if (name !== undefined && typeof value === 'string') fields.push(name, value);
  }
  return fields;
}

function nameOf(variable: string): string | undefined {
  const isOwn = variable === 'CONTENT_TYPE' || variable === 'CONTENT_LENGTH';
  if (!isOwn && !variable.startsWith('HTTP_')) return undefined;
  const name = isOwn ? variable : variable.slice('HTTP_'.length);
  return name.toLowerCase().replace(/(?:^|_)\w/g, (letter) => letter.replace('_', '-').toUpperCase());
}

/** Has the request a body? Without Content-Length only what came in chunks has one. */
export function hasBody({ CONTENT_LENGTH: length, HTTP_TRANSFER_ENCODING: coding }: Environ): boolean {
  return coding !== undefined || (length !== undefined && length !== '' && Number(length) !== 0);
}

/** The fields of an answer as an application may give them to start_response: without those of a connection. */
export function headersOf(fields: readonly string[]): Header[] {
  const kept = endToEnd(fields);
  const headers: Header[] = [];
  for (let at = 0; at + 1 < kept.length; at += 2) headers.push([kept[at] ?? '', kept[at + 1] ?? '']);
  return headers;
}
