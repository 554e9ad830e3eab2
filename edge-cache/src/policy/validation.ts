import { type Fields, field, has, without } from '@trivet/kit/semantics/fields.ts';

/** The conditions under which the origin may answer 304 to the refresh of a stored response, RFC 9111 §4.3.1. */
export function conditions(stored: Fields): string[] {
  const etag = field(stored, 'etag');
  const lastModified = field(stored, 'last-modified');
  return [
    ...(etag === undefined ? [] : ['If-None-Match', etag]),
    ...(lastModified === undefined ? [] : ['If-Modified-Since', lastModified]),
  ];
}

const requestConditions = new Set([
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
  'range',
]);

// Every hit asks, and most fields of most requests begin with another.
const firstLetters = 'iIrR';

/** A request for the whole response, whatever its client already has: the cache answers the rest itself. */
export function unconditional(request: Fields): string[] {
  return without(request, (name) => requestConditions.has(name));
}

/** Is the request one that a cached response would answer in part, or not at all? */
export function isConditional(request: Fields): boolean {
  for (let i = 0; i < request.length; i += 2) {
    const name = request[i] ?? '';
    if (firstLetters.includes(name.charAt(0)) && requestConditions.has(name.toLowerCase())) return true;
  }
  return false;
}

// What describes the stored body and not the moment: a 304 that says otherwise speaks of a body that we do not have.
const ofTheBody = new Set(['content-encoding', 'content-length', 'content-md5', 'content-range', 'etag']);

/**
 * The fields of a stored response that was found unchanged: those of the 304 in place of the old ones, but for what
 * belongs to the body. RFC 9111 §3.2, §4.3.4.
 */
export function merged(stored: Fields, notModified: Fields): string[] {
  const news = without(notModified, (name) => ofTheBody.has(name));
  // An old Age or Date would make it older than the 304 says it is.
  const kept = without(stored, (name) => name === 'age' || (name === 'date' && !has(news, 'date')) || has(news, name));
  return [...kept, ...news];
}

/**
 * Does the answer to a HEAD speak of the same representation as a stored answer to a GET? RFC 9111 §4.3.5. Where no
 * validator says so, it is `unknown`: a new head on an old body would be worse than an old head.
 */
export function headVerdict(
  stored: { readonly fields: Fields; readonly length: string },
  head: Fields,
): 'same' | 'differs' | 'unknown' {
  const compared = [
    compare(field(head, 'etag'), field(stored.fields, 'etag')),
    compare(field(head, 'last-modified'), field(stored.fields, 'last-modified')),
  ];
  const length = compare(field(head, 'content-length'), stored.length);
  if (length === 'differs' || compared.includes('differs')) return 'differs';
  return compared.includes('same') ? 'same' : 'unknown';
}

function compare(received: string | undefined, own: string | undefined): 'same' | 'differs' | undefined {
  if (received === undefined) return undefined;
  return received === own ? 'same' : 'differs';
}
