// What belongs to one connection and must not travel on (RFC 9110 §7.6.1). Content-Length stays: framing is judged
// where bytes are read. What `Connection` may never name is kept here and refused by the strictness layer.
import { type Fields, has, lines, without } from './fields.ts';
import { splitList } from './list.ts';

const perHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

// A client that has us strip one of these makes the next hop see another request than the one we judged: without its
// Cookie the private page is public, without X-Forwarded-For the client is us.
const forAllRecipients: ReadonlySet<string> = new Set([
  'accept-encoding',
  'age',
  'authorization',
  'cache-control',
  'cdn-cache-control',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'cookie',
  'date',
  'etag',
  'expires',
  'forwarded',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-modified',
  'location',
  'origin',
  'pragma',
  'range',
  'set-cookie',
  'surrogate-control',
  'vary',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-proto',
  'x-real-ip',
  'x-request-id',
]);

const noNames: ReadonlySet<string> = new Set();

/** The options of `Connection`, in lower case (RFC 9110 §7.6.1). */
export function connectionNames(fields: Fields): ReadonlySet<string> {
  if (!has(fields, 'connection')) return noNames;
  const names = new Set<string>();
  for (const line of lines(fields, 'connection')) {
    for (const name of splitList(line)) names.add(name.toLowerCase());
  }
  return names;
}

/** Fields named in `Connection` that are meant for every recipient and so never are options (RFC 9110 §7.6.1). */
export function forbiddenConnectionNames(fields: Fields): string[] {
  return [...connectionNames(fields)].filter((name) => forAllRecipients.has(name));
}

/** The fields that travel on, without those of this connection (RFC 9110 §7.6.1). */
export function endToEnd(fields: Fields): string[] {
  const named = connectionNames(fields);
  return without(fields, (name) => isOfThisHop(name, named));
}

/**
 * As `endToEnd`, for a request: `Expect` goes too, because this hop answers 100 itself (RFC 9110 §10.1.1), and what the
 * hop has to `drop` besides, because it says it anew.
 */
export function requestEndToEnd(fields: Fields, drop: (lowerName: string) => boolean = keep): string[] {
  const named = connectionNames(fields);
  return without(fields, (name) => name === 'expect' || isOfThisHop(name, named) || drop(name));
}

function keep(): boolean {
  return false;
}

function isOfThisHop(name: string, named: ReadonlySet<string>): boolean {
  return perHop.has(name) || (named.has(name) && !forAllRecipients.has(name));
}
