/** Whether an answer of the app is compressed on its way to a client: pure. What is compressed already never is. */
import { type Coding, forbidsTransforming, isText, preferredCoding } from '@trivet/kit/semantics/content-coding.ts';
import { encodedFields, weakened, withVary } from '@trivet/kit/semantics/encoded-fields.ts';
import { parseEntityTag, parseEntityTags, weakMatch } from '@trivet/kit/semantics/etag.ts';
import { type Fields, field, has, without } from '@trivet/kit/semantics/fields.ts';

export type Compressible = {
  readonly version: '1.0' | '1.1';
  /** Of the request. */
  readonly asked: Fields;
  readonly status: number;
  /** Of the answer. */
  readonly fields: Fields;
};

/** `leave`: for this client; another might get the same answer compressed. `never`: nobody gets it so. */
export type Compression =
  | { readonly verdict: 'encode'; readonly coding: Coding }
  | { readonly verdict: 'leave' }
  | { readonly verdict: 'weaken' }
  | { readonly verdict: 'never' };

/** What is shorter is not worth it; bytes. */
const LEAST_BYTES = 1024;

const never = { verdict: 'never' } as const;

/** For text of 1 KB and more, or of a length that nobody knows yet. */
export function compression({ version, asked, status, fields }: Compressible): Compression {
  if (status !== 304 && !isWorthIt(status, fields)) return never;
  // A cache that asks stores one form for all its clients, and makes the others: nginx's gzip_proxied off.
  if (has(asked, 'via') || isFixed(fields)) return never;
  if (status === 304) return hasWeakForm(asked, fields) ? { verdict: 'weaken' } : never;
  const coding = version === '1.0' ? undefined : preferredCoding(field(asked, 'accept-encoding'));
  return coding === undefined || forbidsTransforming(asked) ? { verdict: 'leave' } : { verdict: 'encode', coding };
}

/** The fields that go with it. */
export function compressed(fields: Fields, given: Compression): string[] {
  switch (given.verdict) {
    case 'encode':
      // Ranges of the compressed bytes, made anew each time, are nothing to ask for.
      return without(encodedFields(fields, given.coding), (name) => name === 'accept-ranges');
    case 'leave':
      return withVary(fields);
    case 'weaken':
      return withVary(
        fields.map((text, at) => (fields[at - 1]?.toLowerCase() === 'etag' && at % 2 === 1 ? weakened(text) : text)),
      );
    case 'never':
      return [...fields];
  }
}

const bodiless = new Set([204, 205, 206]);

function isWorthIt(status: number, fields: Fields): boolean {
  const length = field(fields, 'content-length');
  if (length !== undefined && Number(length) < LEAST_BYTES) return false;
  const type = field(fields, 'content-type');
  return type !== undefined && isText(type) && !bodiless.has(status);
}

function isFixed(fields: Fields): boolean {
  return has(fields, 'content-encoding') || has(fields, 'content-range') || forbidsTransforming(fields);
}

// The app was asked by the tag of what it had said; the client has it weak, of what it was given.
function hasWeakForm(asked: Fields, fields: Fields): boolean {
  const given = parseEntityTags(field(asked, 'if-none-match') ?? '');
  const tag = parseEntityTag(field(fields, 'etag') ?? '');
  return given !== '*' && tag !== undefined && given.some((one) => one.weak && weakMatch(one, tag));
}
