/**
 * The strict head parser of the fast lane: pure, over bytes as latin-1 text. It knows the plain case alone (GET or HEAD,
 * HTTP/1.1, origin-form, one valid Host, token names, printable values, no body, nothing that changes how the connection
 * is used) and has no opinion on anything else: what it does not fully understand, the slow lane judges. So whatever is
 * read here means the same to node:http (RFC 9112 §2, §3, §5; RFC 9110 §5.5, §5.6.2).
 */
import { parseAuthority } from '../semantics/host.ts';
import { fieldKind, isTargetCode, isTokenCode, isValueCode } from './head-characters.ts';
import type { HeadLimits } from './strictness.ts';

/** A request head of the plain case. */
export type PlainHead = {
  readonly method: 'GET' | 'HEAD';
  /** Path and query, as received. */
  readonly target: string;
  readonly host: string;
  /** As received. */
  readonly fields: readonly string[];
  /** Did the client say `Connection: close`? */
  readonly isLast: boolean;
};

const space = 0x20;
const colon = 0x3a;
const cr = 0x0d;
const lf = 0x0a;

/** So much is looked at of a head that goes on: all that a limit lets it be. */
export const longestBeginning = 1024 * 1024;

const lineSoFar = /^(?:GET|HEAD) \/[!-~]* */;
const versions = ['HTTP/1.1\r\n', 'HTTP/1.0\r\n'];
const lineEnd = 10;
const fieldsSoFar =
  /(?:[!#$%&'*+\-.^`|~\w]+:[\t -~\x80-\xff]*\r\n)*(?:[!#$%&'*+\-.^`|~\w]+(?::[\t -~\x80-\xff]*\r?)?|\r)?$/y;

/**
 * Can this, as far as it has come, be a head like a plain one that goes on? What cannot, the slow lane refuses before its
 * end, or where it sees the end: a head whose lines end with LF alone has none here. Also true of what is not plain and
 * may be served, so that a head changes lanes whole, and its time is not counted anew. By expressions, as each packet
 * has all of it looked at.
 */
export function mayBePlain(text: string): boolean {
  if (!beginsPlain(text)) return false;
  const [line] = lineSoFar.exec(text) ?? [text];
  const rest = text.slice(line.length, line.length + lineEnd);
  if (rest.length < lineEnd) return versions.some((version) => version.startsWith(rest));
  fieldsSoFar.lastIndex = line.length + lineEnd;
  return versions.includes(rest) && fieldsSoFar.test(text);
}

/** Is this the method of a plain head, whole or in part? */
function beginsPlain(text: string): boolean {
  const word = text[0] === 'G' ? 'GET /' : 'HEAD /';
  return text.length < word.length ? word.startsWith(text) : text.startsWith(word);
}

/**
 * Reads a whole head, its empty line included. Undefined when it is not plain, or beyond a limit. `knownHost` was found
 * valid before.
 */
export function readPlainHead(text: string, limits: HeadLimits, knownHost?: string): PlainHead | undefined {
  if (text.length > limits.maxHead || !beginsPlain(text)) return undefined;
  const method = text[0] === 'G' ? 'GET' : 'HEAD';
  const from = method.length + 1;
  const targetEnd = endOfTarget(text, from);
  if (targetEnd - from > limits.maxTarget || !text.startsWith(versionLine, targetEnd)) return undefined;
  const section = readFields(text, targetEnd + versionLine.length, limits.maxFields);
  if (section?.host === undefined) return undefined;
  const { fields, host, isLast } = section;
  if (host !== knownHost && parseAuthority(host) === undefined) return undefined;
  return { method, target: text.slice(from, targetEnd), host, fields, isLast };
}

const versionLine = ' HTTP/1.1\r\n';

function endOfTarget(text: string, from: number): number {
  let at = from;
  while (isTargetCode(text.charCodeAt(at))) at += 1;
  return at;
}

type Section = { readonly fields: readonly string[]; readonly host: string | undefined; readonly isLast: boolean };

/** The field lines, and the empty line that ends the text. RFC 9112 §5. */
function readFields(text: string, from: number, maxFields: number): Section | undefined {
  const fields: string[] = [];
  const seen: Seen = { host: undefined, isLast: undefined };
  let at = from;
  while (text.charCodeAt(at) !== cr) {
    at = fields.length / 2 === maxFields ? -1 : readLine(text, at, { fields, seen });
    if (at < 0) return undefined;
  }
  const isEnd = text.charCodeAt(at + 1) === lf && text.length === at + 2;
  return isEnd ? { fields, host: seen.host, isLast: seen.isLast ?? false } : undefined;
}

/** Adds one line; returns where the next begins, or -1. */
function readLine(text: string, at: number, into: { readonly fields: string[]; readonly seen: Seen }): number {
  const nameEnd = endOfName(text, at);
  if (nameEnd < 0) return -1;
  const valueFrom = nameEnd + (text.charCodeAt(nameEnd + 1) === space ? 2 : 1);
  const valueEnd = endOfValue(text, valueFrom);
  if (valueEnd < 0) return -1;
  const name = text.slice(at, nameEnd);
  const value = text.slice(valueFrom, valueEnd);
  into.fields.push(name, value);
  return isPlain(name, value, into.seen) ? valueEnd + 2 : -1;
}

type Seen = { host: string | undefined; isLast: boolean | undefined };

/** Does this line leave the head plain? What it says of host and connection is noted. */
function isPlain(name: string, value: string, seen: Seen): boolean {
  switch (fieldKind(name)) {
    case 'any':
      return true;
    case 'not-plain':
      return false;
    case 'host':
      if (seen.host !== undefined) return false;
      seen.host = value;
      return true;
    case 'connection':
      if (seen.isLast !== undefined) return false;
      seen.isLast = value === 'close';
      return seen.isLast || value === 'keep-alive' || value === 'Keep-Alive';
  }
}

/** Where the colon stands behind a token; -1 when there is none. */
function endOfName(text: string, from: number): number {
  let at = from;
  while (isTokenCode(text.charCodeAt(at))) at += 1;
  return at > from && text.charCodeAt(at) === colon ? at : -1;
}

/** Where the CRLF behind a value begins; -1 when it has a byte, or space at an end, that readers see differently. */
function endOfValue(text: string, from: number): number {
  let at = from;
  while (isValueCode(text.charCodeAt(at))) at += 1;
  const isTrimmed = at === from || (text.charCodeAt(from) !== space && text.charCodeAt(at - 1) !== space);
  return isTrimmed && text.charCodeAt(at) === cr && text.charCodeAt(at + 1) === lf ? at : -1;
}
