import { type Fields, field, has } from '@trivet/kit/semantics/fields.ts';
import { parameters, splitList } from '@trivet/kit/semantics/list.ts';
import { bestCoding } from '@trivet/kit/semantics/negotiate.ts';
import { remembered } from '@trivet/kit/semantics/remembered.ts';

/** The content codings that this cache makes and undoes, RFC 8878, RFC 7932, RFC 1952. */
export type Coding = 'zstd' | 'br' | 'gzip';

/** Of two that a client likes alike the earlier is made. */
const preferred: readonly Coding[] = ['zstd', 'br', 'gzip'];

export type CompressionRules = {
  readonly isOn: boolean;
  /** What is announced to be shorter stays as it is; bytes. */
  readonly leastBytes: number;
};

/** In which coding a response is stored, or why as it came. */
export type Compression =
  | { readonly verdict: 'encode'; readonly coding: Coding; readonly why: 'type' | 'policy' }
  | {
      readonly verdict: 'leave';
      readonly why:
        | 'off'
        | 'policy'
        | 'no-transform'
        | 'coded'
        | 'status'
        | 'range'
        | 'esi'
        | 'type'
        | 'short'
        | 'asked';
    };

export type Compressible = {
  /** Of the request that it is fetched for. */
  readonly request: Fields;
  readonly status: number;
  readonly fields: Fields;
  /** Of the body, where it is announced; bytes. */
  readonly length: number | undefined;
};

/**
 * Is a response that is to be stored compressed first? Only for a client that takes it: where none asks, nothing is spent.
 * `advice` is the policy's: false forbids it, true asks for it whatever the type and the length are.
 */
export function compression(given: Compressible, rules: CompressionRules, advice?: boolean): Compression {
  const why = unfit(given, rules, advice);
  if (why !== undefined) return { verdict: 'leave', why };
  const coding = preferredCoding(field(given.request, 'accept-encoding'));
  if (coding === undefined) return { verdict: 'leave', why: 'asked' };
  return { verdict: 'encode', coding, why: advice === true ? 'policy' : 'type' };
}

type Leaving = Extract<Compression, { verdict: 'leave' }>['why'];

// Not redirects, which have next to no content, and not errors, which are seldom kept.
const statuses = new Set([200, 203, 403, 404, 410]);

function unfit({ request, status, fields, length }: Compressible, rules: CompressionRules, advice?: boolean) {
  if (!rules.isOn) return 'off';
  if (advice === false) return 'policy';
  const kept = unchangeable(request, fields);
  if (kept !== undefined) return kept;
  if (!statuses.has(status)) return 'status';
  return advice === true ? undefined : unworthy(field(fields, 'content-type'), length, rules.leastBytes);
}

function unchangeable(request: Fields, fields: Fields): Leaving | undefined {
  if (forbidsTransforming(fields) || forbidsTransforming(request)) return 'no-transform';
  if (has(fields, 'content-encoding')) return 'coded';
  if (has(fields, 'content-range')) return 'range';
  // What is assembled for each request is parsed for each request.
  return esi.test(field(fields, 'surrogate-control') ?? '') ? 'esi' : undefined;
}

const esi = /\bcontent\s*=\s*"[^"]*\besi\//i;

function unworthy(type: string | undefined, length: number | undefined, least: number): Leaving | undefined {
  if (type === undefined || !isText(type)) return 'type';
  return length !== undefined && length < least ? 'short' : undefined;
}

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
  const name = contentEncoding?.trim().toLowerCase().replace(/^x-/, '');
  return preferred.find((coding) => coding === name);
}

/** Is the content to stay as it is? RFC 9111 §5.2.2.6 and §5.2.1.6. */
export function forbidsTransforming(fields: Fields): boolean {
  const value = field(fields, 'cache-control');
  // Most often there is nothing to take apart.
  if (value === undefined || !/no-transform/i.test(value)) return false;
  return splitList(value.toLowerCase()).includes('no-transform');
}
