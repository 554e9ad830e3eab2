import { has, without } from '@trivet/kit/semantics/fields.ts';
import type { Change, Changeable } from '../change.ts';
import { codingsOf, decoded } from '../decoded.ts';
import type { Edge } from '../edge.ts';
import type { Exchange } from '../exchange.ts';
import { composed } from './compose.ts';

/** Takes off the codings of a page that has markup, whatever its client accepts: there is none in what is coded. */
export function decodedForMarkup(_x: Exchange, _edge: Edge, { isEsi, fields }: Changeable): Change | undefined {
  if (!isEsi || !has(fields, 'content-encoding')) return undefined;
  const codings = codingsOf(fields);
  if (codings === undefined) return undefined;
  return {
    fields: (given) => without(given, (name) => name === 'content-encoding'),
    body: (chunks) => decoded(chunks, codings),
  };
}

// What was said of the page's own bytes, or would promise that the same come again: fragments change without it.
const ofThePartAlone = new Set([
  'accept-ranges',
  'content-digest',
  'content-length',
  'content-md5',
  'digest',
  'etag',
  'last-modified',
  'repr-digest',
]);

/** Puts fragments in place of the markup. */
export function composition(x: Exchange, edge: Edge, { isEsi, fields }: Changeable): Change | undefined {
  // In a coding that is not known here nothing can be found.
  if (!isEsi || has(fields, 'content-encoding')) return undefined;
  return {
    isComposite: true,
    fields: (given) => without(given, (name) => ofThePartAlone.has(name)),
    body: (chunks) => composed(x, edge, chunks),
  };
}
