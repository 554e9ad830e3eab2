/**
 * What a front server is trusted with, row by row: five tables, of features (A.1), of paths (A.2), of malformed requests
 * (A.3), of balancing and failures (A.4), of what users of other servers complain about (E). A test names the rows that it
 * shows, as `A.2 #7`; `docs/front-rows.md` is made from both, and a row without a test is an error.
 */
import { complaints } from './rows/complaints.ts';
import { details } from './rows/failures.ts';
import { ofFiles } from './rows/files.ts';
import { ofProxying } from './rows/proxying.ts';
import { does, type FrontRow } from './rows/row.ts';

/** A.2, from 1. */
const paths = [
  'an encoded letter is the letter',
  'encoded twice is decoded once',
  'above the root: 400',
  'dot segments inside the root are resolved after decoding',
  'an encoded slash names no file',
  'an encoded slash does not climb: 400',
  'a backslash names no file',
  'NUL: 400',
  'a % without two hexadecimal digits: 400',
  'doubled slashes are one for files, untouched for the app',
  'hidden names: 404',
  'a link out of the root: 404',
  'nothing lies below a file',
  'UTF-8, encoded',
  'bytes beyond ASCII: 400',
  'overlong UTF-8: 400',
  'a fragment: 400',
  'an encoded line end: 400, in no field',
  'a name of 300 characters: 404',
  'absolute form: the host is the authority',
  'an asterisk or no slash: 400',
].map((what) => does(what));

/** A.3, from 1. */
const malformed = [
  'Content-Length and Transfer-Encoding: 400',
  'two lengths, equal or not: 400',
  'two hosts: 400',
  'no host on HTTP/1.1: 400',
  'a host that is none: 400',
  'gzip, chunked: 501',
  'xchunked and a length: 400',
  'an empty member before chunked: 400',
  'Transfer-Encoding on HTTP/1.0: 400',
  'a folded field: 400',
  'a space before the colon: 400',
  'line feeds alone: 400',
  'a length with a sign, NUL in a value: 400',
  'a chunk size in C: 400',
  'a line feed alone in a chunk extension: 400',
  'HTTP/2.0 as text: 505',
  'HTTP/0.9: 400',
  'a method in small letters: 400',
  'CONNECT, TRACE: 405',
].map((what) => does(what));

export const frontTables: Readonly<
  Record<'A.1' | 'A.2' | 'A.3' | 'A.4' | 'E', { about: string; rows: readonly FrontRow[] }>
> = {
  'A.1': { about: 'Features', rows: [...ofFiles, ...ofProxying] },
  'A.2': { about: 'Paths', rows: paths },
  'A.3': { about: 'Malformed requests', rows: malformed },
  'A.4': { about: 'Balancing and failures', rows: details },
  E: { about: 'What users of other servers complain about', rows: complaints },
};
