/** Which contents are worth a coding, and which coding a client takes: pure. */
import { type Fields, field } from './fields.ts';
import { parameters, splitList } from './list.ts';
import { bestCoding } from './negotiate.ts';
import { remembered } from './remembered.ts';

/** The content codings that are made and undone here, RFC 8878, RFC 7932, RFC 1952. */
export type Coding = 'zstd' | 'br' | 'gzip';

/** Of two that a client likes alike the earlier is made. */
const preferred: readonly Coding[] = ['zstd', 'br', 'gzip'];

// What `text/`, `+json` and the like do not tell. woff and woff2 are compressed already.
const textual = new Set([
  'application/ecmascript',
  'application/graphql',
  'application/javascript',
  'application/json',
  'application/manifest',
  'application/rtf',
  'application/sql',
  'application/toml',
  'application/vnd.ms-fontobject',
  'application/wasm',
  'application/x-font-opentype',
  'application/x-font-truetype',
  'application/x-font-ttf',
  'application/x-javascript',
  'application/x-ndjson',
  'application/x-sh',
  'application/x-yaml',
  'application/xml',
  'application/yaml',
  'font/collection',
  'font/eot',
  'font/opentype',
  'font/otf',
  'font/ttf',
  'image/bmp',
  'image/vnd.microsoft.icon',
  'image/x-icon',
]);

/** Is this a media type whose content gets much shorter? An event stream is: but nobody may wait for its next event. */
export function isText(contentType: string): boolean {
  const type = parameters(contentType.toLowerCase()).value;
  if (type === 'text/event-stream') return false;
  return type.startsWith('text/') || /\+(?:json|xml|yaml|text)$/.test(type) || textual.has(type);
}

/** The coding that a client likes best of those that can be made; undefined when it would rather have none. */
export function preferredCoding(acceptEncoding: string | undefined): Coding | undefined {
  return knownCoding(bestCoding(acceptEncoding, preferred));
}

/** Most values of Accept-Encoding whose meaning is remembered. */
const MOST_REMEMBERED = 1000;

const takenCodings = remembered(
  (acceptEncoding: string): readonly Coding[] =>
    preferred.filter((coding) => bestCoding(acceptEncoding, [coding]) !== undefined),
  MOST_REMEMBERED,
);

/** Would a client rather have a body in this coding than in none? RFC 9110 §12.5.3. */
export function takesCoding(acceptEncoding: string | undefined, coding: Coding): boolean {
  return acceptEncoding !== undefined && takenCodings(acceptEncoding).includes(coding);
}

/** The coding that a Content-Encoding names; undefined for none, for several, and for one that is not known here. */
export function knownCoding(contentEncoding: string | undefined): Coding | undefined {
  const name = contentEncoding
    ?.trim()
    .toLowerCase()
    .replace(/^x-(?=gzip$)/, '');
  return preferred.find((coding) => coding === name);
}

/** Is the content to stay as it is? RFC 9111 §5.2.2.6 and §5.2.1.6. */
export function forbidsTransforming(fields: Fields): boolean {
  const value = field(fields, 'cache-control');
  // Most often there is nothing to take apart.
  if (value === undefined || !/no-transform/i.test(value)) return false;
  return splitList(value.toLowerCase()).includes('no-transform');
}
