// Request heads that are nearly plain: put together from a grammar, then some bytes inserted, deleted or replaced.
import { requestCorpus } from './request-corpus.ts';
import type { Random } from './seeded-random.ts';

const methods = ['GET', 'GET', 'GET', 'GET', 'HEAD', 'HEAD', 'HEAD', 'POST', 'get', 'OPTIONS'];
const paths = [
  '/',
  '/a',
  '/a/b?c=d',
  '//x',
  '/%41',
  '/~a',
  '/a;b=c',
  '/?',
  '/a=b&c',
  '*',
  '/a/../b',
  'http://b/c',
  '/[',
  "/'!$()",
];
const versions = ['1.1', '1.1', '1.1', '1.1', '1.1', '1.1', '1.1', '1.1', '1.0', '2.0'];
const names = [
  'X',
  'Accept',
  'Cookie',
  'Connection',
  'connection',
  'Content-Length',
  'Transfer-Encoding',
  'Range',
  'Expect',
  'Upgrade',
  'If-Range',
  'If-None-Match',
  'TE',
  'Trailer',
  'Host',
  'Referer',
  'User-Agent',
  "!#$%&'*+-.^_`|~",
  'X-Forwarded-For',
  'Proxy-Connection',
  'Max-Forwards',
  'HTTP2-Settings',
  'Keep-Alive',
  'Content-Type',
  'Cache-Control',
  'Via',
  'Etag',
  'UPGRADE',
];
const values = [
  'a',
  '',
  'close',
  'keep-alive',
  'Keep-Alive',
  'text/html, */*;q=0.1',
  '"1"',
  '0',
  'chunked',
  'a b',
  ' a',
  'a ',
  'trailers',
  'bytes=0-1',
  'websocket',
  'host',
  '\t',
  'a\tb',
  '\xe9',
  '~',
  '100-continue',
  ':',
  'a: b',
  ', ,',
];
const hosts = [
  'a',
  'a',
  'a',
  'a:80',
  'A.example',
  '[::1]:8',
  '',
  'a/b',
  'a b',
  'a:x',
  '%41',
  'a_b',
  'a:',
  '127.0.0.1',
  'u@a',
];
const odd = [
  '\r',
  '\n',
  '\r\n',
  ' ',
  '\t',
  ':',
  '\0',
  '\x7f',
  '\x80',
  '\xff',
  '/',
  '?',
  '#',
  'G',
  'H',
  'a',
  ',',
  '"',
  '\r\n\r\n',
  '\\',
  '{',
];
const colons = [': ', ': ', ': ', ': ', ':', ' : ', ':  '];

const known = requestCorpus.filter(({ isBeyond }) => !isBeyond);

/** One head, or what was one; latin-1. */
export function randomHead(random: Random): string {
  const kind = random.below(20);
  if (kind === 0) return random.of(known).bytes;
  if (kind === 1)
    return Array.from({ length: random.below(60) }, () => String.fromCharCode(random.below(256))).join('');
  return mutated(wellFormed(random), random);
}

function wellFormed(random: Random): string {
  let head = `${random.of(methods)} ${random.of(paths)} HTTP/${random.of(versions)}\r\n`;
  const lines = random.below(4);
  const hostAt = random.below(lines + 1);
  for (let i = 0; i <= lines; i++) {
    if (i === hostAt)
      head += `${random.of(['Host', 'host', 'HOST', 'Host'])}${random.of(colons)}${random.of(hosts)}\r\n`;
    else head += `${random.of(names)}${random.of(colons)}${random.of(values)}\r\n`;
  }
  return `${head}\r\n`;
}

function mutated(head: string, random: Random): string {
  let text = head;
  // Every other one is left alone.
  for (let left = Math.max(0, random.below(6) - 2); left > 0; left--) {
    const at = random.below(text.length + 1);
    const cut = random.below(3) === 0 ? 0 : random.below(3);
    text = text.slice(0, at) + (random.below(2) === 0 ? random.of(odd) : '') + text.slice(at + cut);
  }
  return text;
}
