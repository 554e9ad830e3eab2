import { parseHttpDate } from './date.ts';
import { type EntityTag, parseEntityTag, parseEntityTags, strongMatch, weakMatch } from './etag.ts';
import { type Fields, field } from './fields.ts';

export type Precondition =
  | { verdict: 'proceed' }
  | { verdict: 'not-modified'; why: 'if-none-match' | 'if-modified-since' }
  | { verdict: 'failed'; why: 'if-match' | 'if-unmodified-since' | 'if-none-match' };

/** What is known of the selected representation: its ETag as sent, its last change in milliseconds (whole seconds count). */
export type Validators = { readonly etag?: string | undefined; readonly lastModified?: number | undefined };

/** Do its conditions let a request act on a representation that exists? RFC 9110 §13.2.2, in its order. */
export function precondition(method: string, request: Fields, current: Validators): Precondition {
  // RFC 9110 §13.2.1: these select no representation, so there is nothing a condition could be about.
  if (method === 'CONNECT' || method === 'OPTIONS' || method === 'TRACE') return { verdict: 'proceed' };
  return mayAct(request, current) ?? isNews(method, request, current) ?? { verdict: 'proceed' };
}

/** May a part be cut from this representation? True without If-Range; a weak tag never holds. RFC 9110 §13.1.5. */
export function ifRangeHolds(request: Fields, current: Validators): boolean {
  const value = field(request, 'if-range');
  if (value === undefined) return true;
  const asked = parseEntityTag(value);
  if (asked !== undefined) return matches([asked], current, strongMatch);
  const date = parseHttpDate(value);
  return date !== undefined && date === changed(current);
}

function mayAct(request: Fields, current: Validators): Precondition | undefined {
  const ifMatch = field(request, 'if-match');
  if (ifMatch !== undefined) {
    return matches(parseEntityTags(ifMatch), current, strongMatch) ? undefined : { verdict: 'failed', why: 'if-match' };
  }
  return isUnchangedSince(request, 'if-unmodified-since', current) === false
    ? { verdict: 'failed', why: 'if-unmodified-since' }
    : undefined;
}

function isNews(method: string, request: Fields, current: Validators): Precondition | undefined {
  const isRead = method === 'GET' || method === 'HEAD';
  const ifNoneMatch = field(request, 'if-none-match');
  if (ifNoneMatch !== undefined) {
    if (!matches(parseEntityTags(ifNoneMatch), current, weakMatch)) return undefined;
    return { verdict: isRead ? 'not-modified' : 'failed', why: 'if-none-match' };
  }
  return isRead && isUnchangedSince(request, 'if-modified-since', current) === true
    ? { verdict: 'not-modified', why: 'if-modified-since' }
    : undefined;
}

function matches(
  asked: '*' | readonly EntityTag[],
  current: Validators,
  same: (a: EntityTag, b: EntityTag) => boolean,
): boolean {
  if (asked === '*') return true;
  const own = current.etag === undefined ? undefined : parseEntityTag(current.etag);
  return own !== undefined && asked.some((tag) => same(tag, own));
}

// Undefined when the question cannot be put: no such field, no valid date in it (two lines make one), no time of change.
function isUnchangedSince(request: Fields, name: string, current: Validators): boolean | undefined {
  const value = field(request, name);
  const date = value === undefined ? undefined : parseHttpDate(value);
  const lastModified = changed(current);
  return date === undefined || lastModified === undefined ? undefined : lastModified <= date;
}

// A file's time has fractions of a second that Last-Modified cannot say.
function changed({ lastModified }: Validators): number | undefined {
  return lastModified === undefined ? undefined : Math.floor(lastModified / 1000) * 1000;
}
