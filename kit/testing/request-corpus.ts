/**
 * Requests as bytes (latin-1), valid and not, for whoever reads requests: what the one reads so, the other must read so.
 * The malformed ones are those on which nginx, Apache, Gunicorn and node:http differ or have erred.
 */
export type CorpusEntry = {
  readonly what: string;
  readonly bytes: string;
  /** Never whole: the client ends its side behind it. */
  readonly isCut?: true;
  /** Beyond a limit: how far it is read, and what is then said of it, depends on how it comes. */
  readonly isBeyond?: true;
};

const H = 'Host: a\r\n';

/** Of which `/fast` can be answered from memory. */
const targets = [
  '/fast/10',
  '/other/10',
  '/',
  '/fast/3?a=b&c=%20d;e',
  "/fast/4/!$&'()*+,;=:@-._~%41",
  '//fast/5',
  '/fast/../5',
  '/fast/./%2e%2E/5',
  '/fast/5?',
  '/fast/5??x',
  '/fast/[5]',
  '/fast/20000',
  '/other/70000',
];

// Behind the 21 characters of `/fast/5`, what may not stand in a target, or is read in more than one way.
const oddCharacters = [
  '"',
  '<',
  '>',
  '\\',
  '^',
  '`',
  '{',
  '|',
  '}',
  '#',
  '\x7f',
  '\x80',
  '\xff',
  '\t',
  '\0',
  '\x0b',
  '\r',
];

const plainFields = [
  'If-None-Match: "1"',
  'if-none-match: "1"',
  'IF-NONE-MATCH:"1"',
  'If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT',
  'Cookie: a=b; c="d"\r\nCookie: e=f',
  'Accept: text/html, */*;q=0.1\r\nAccept-Encoding: gzip, br',
  'X-Empty:',
  'X-Empty: ',
  "!#$%&'*+-.^_`|~09: odd name",
  'Connection: keep-alive',
  'Connection: Keep-Alive',
  'Connection: KEEP-ALIVE',
  'Keep-Alive: 300',
  'X-Request-Id: mine\r\nX-Forwarded-For: 192.0.2.1',
  'Cache-Control: no-cache\r\nPragma: no-cache',
];

const oddFields = [
  'X: \tvalue',
  'X:  value',
  'X: value ',
  'X: value\t',
  'X: a\tb',
  'X: \xe9',
  'X: \xff\x80',
  'X: a\x7fb',
  'X: a\x01b',
  'X: a\0b',
  'X: a\rb',
  'X: a\nb',
  'X : a',
  ' X: a',
  'X',
  ': a',
  'X\xe9: a',
  'X(: a',
  'X: a\r\n b',
  'X: a\r\n\tb',
  'Connection:',
  'Connection: host',
  'Connection: close, keep-alive',
  'Connection: keep-alive\r\nConnection: keep-alive',
  'Connection: upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA',
  'Upgrade: websocket',
  'Range: bytes=0-1',
  'Range: bytes=0-1\r\nIf-Range: "1"',
  'Expect: 100-continue',
  'Expect: tea',
  'TE: trailers',
  'Trailer: X',
  'Proxy-Connection: keep-alive',
  'Max-Forwards: 0',
  'Content-Length: 0',
  'Content-Length:',
  'Content-Length: +0',
  'Content-Length: -1',
  'Content-Length: 0x0',
  'Content-Length: 0, 0',
  'Content-Length: 0\r\nContent-Length: 0',
  'Content-Length: 18446744073709551616',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: ,chunked',
  'Transfer-Encoding : chunked',
];

const hosts = [
  'Host: a:80',
  'Host: a:',
  'HOST:a',
  'hOsT: A.example',
  'Host: [::1]:8080',
  'Host: a_b',
  'Host: %41',
  'Host:',
  'Host: ',
  'Host: a b',
  'Host: a/b',
  'Host: u@a',
  'Host: a:b',
  'Host: a:65536',
  'Host: [::1',
  'Host: a\r\nHost: a',
  'Host: a\r\nhost: b',
  'Host: a\r\nX: b\r\nHost : c',
  'X: a',
];

const requestLines = [
  'GET  /fast/5 HTTP/1.1',
  'GET /fast/5  HTTP/1.1',
  ' GET /fast/5 HTTP/1.1',
  'GET /fast/5 HTTP/1.1 ',
  'GET\t/fast/5 HTTP/1.1',
  'GET /fast/5\tHTTP/1.1',
  'GET /fast/5 http/1.1',
  'GET /fast/5 HTTP/1.2',
  'GET /fast/5 HTTP/2.0',
  'GET /fast/5 HTTP/01.1',
  'GET /fast/5 HTTP/1.1\r',
  'GET /fast/5',
  'GET fast/5 HTTP/1.1',
  'GET ?x HTTP/1.1',
  'GET * HTTP/1.1',
  'GET a:80 HTTP/1.1',
  'GET http://a/fast/5 HTTP/1.1',
  'GET HTTP://b:81/fast/5?x HTTP/1.1',
  'GET http://b?x HTTP/1.1',
  'GET http:///fast/5 HTTP/1.1',
  'GET ftp://a/ HTTP/1.1',
  'get /fast/5 HTTP/1.1',
  'GETT /fast/5 HTTP/1.1',
  'G=T /fast/5 HTTP/1.1',
  'HEAD /fast/5 HTTP/1.1',
  'HEAD /other/5 HTTP/1.1',
  'HEADER /fast/5 HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'OPTIONS /fast/5 HTTP/1.1',
  'DELETE /fast/5 HTTP/1.1',
  'PURGE /fast/5 HTTP/1.1',
  'TRACE /fast/5 HTTP/1.1',
  'CONNECT a:80 HTTP/1.1',
];

const bodies: [string, string][] = [
  ['a length', 'Content-Length: 5\r\n\r\nhello'],
  ['chunks', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'],
  ['chunks, an extension and a trailer', 'Transfer-Encoding: Chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n'],
  ['a chunk size that is no number', 'Transfer-Encoding: chunked\r\n\r\nx\r\nhello\r\n0\r\n\r\n'],
  ['a chunk size in C', 'Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n'],
  ['a chunk longer than it says', 'Transfer-Encoding: chunked\r\n\r\n1\r\nhello\r\n0\r\n\r\n'],
  ['chunked twice', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['gzip, chunked', 'Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
  ['both framings', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a request in it', 'Content-Length: 37\r\n\r\nGET /fast/1 HTTP/1.1\r\nHost: hidden\r\n\r\n\r\n'],
];

const get = (target: string, more = '') => `GET ${target} HTTP/1.1\r\n${H}${more}\r\n`;

const sequences: [string, string][] = [
  ['fast and slow in turn', get('/fast/1') + get('/other/2') + get('/fast/3') + get('/other/4')],
  ['a body between two', `${get('/fast/1')}POST /up HTTP/1.1\r\n${H}Content-Length: 5\r\n\r\nhello${get('/fast/2')}`],
  ['a wrong one behind a good one', `${get('/fast/1')}GET /fast/2 HTTP/1.1\r\n\r\n`],
  ['a wrong one behind a slow one', `${get('/other/1')}nonsense\r\n\r\n`],
  ['an empty line between', `${get('/fast/1')}\r\n${get('/fast/2')}`],
  ['empty lines before', `\r\n\r\n${get('/fast/1')}`],
  ['behind a last one', get('/fast/1', 'Connection: close\r\n') + get('/fast/2')],
  ['behind a slow last one', get('/other/1', 'Connection: close\r\n') + get('/fast/2')],
  ['an HTTP/1.0 between', `${get('/fast/1')}GET /fast/2 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n${get('/fast/3')}`],
  ['an HTTP/1.0 last', `${get('/fast/1')}GET /fast/2 HTTP/1.0\r\n\r\n`],
  ['bare line feeds', `GET /fast/1 HTTP/1.1\nHost: a\n\n`],
  ['a bare line feed at the end', `GET /fast/1 HTTP/1.1\r\n${H}\n`],
  ['only carriage returns', `GET /fast/1 HTTP/1.1\rHost: a\r\r`],
  ['HTTP/0.9', 'GET /fast/1\r\n\r\n'],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['many fields', `GET /fast/1 HTTP/1.1\r\n${H}${'X: a\r\n'.repeat(40)}\r\n`],
  ['a long field', get('/fast/1', `X: ${'x'.repeat(3_000)}\r\n`)],
  ['a WebSocket handshake', get('/ws', 'Connection: Upgrade\r\nUpgrade: websocket\r\n')],
];

const beyond: [string, string][] = [
  ['long fields', get('/fast/1', `X: ${'x'.repeat(1_500)}\r\n`.repeat(3))],
  ['a long target', get(`/fast/1?${'x'.repeat(3_000)}`)],
  ['too many fields', get('/fast/1', 'X: a\r\n'.repeat(64))],
];

const whole = get('/fast/1', 'Accept: */*\r\n');

/** All of them; limits of 64 fields, 4,000 bytes, and targets of 2,000, let most kinds of refusal occur. */
export const requestCorpus: readonly CorpusEntry[] = [
  ...targets.map((target) => ({ what: `the target ${target}`, bytes: get(target) })),
  ...oddCharacters.map((odd) => ({ what: `${JSON.stringify(odd)} in a target`, bytes: get(`/fast/5${odd}x`) })),
  ...[...plainFields, ...oddFields].flatMap((lines) => [
    { what: `the field ${JSON.stringify(lines)}`, bytes: get('/fast/5', `${lines}\r\n`) },
    { what: `slow, the field ${JSON.stringify(lines)}`, bytes: get('/other/5', `${lines}\r\n`) },
  ]),
  ...hosts.map((lines) => ({
    what: `the host ${JSON.stringify(lines)}`,
    bytes: `GET /fast/5 HTTP/1.1\r\n${lines}\r\n\r\n`,
  })),
  ...requestLines.map((line) => ({ what: `the line ${JSON.stringify(line)}`, bytes: `${line}\r\n${H}\r\n` })),
  ...bodies.map(([what, rest]) => ({ what: `a body: ${what}`, bytes: `POST /up HTTP/1.1\r\n${H}${rest}` })),
  ...bodies.map(([what, rest]) => ({ what: `a body of a GET: ${what}`, bytes: `GET /fast/5 HTTP/1.1\r\n${H}${rest}` })),
  ...sequences.map(([what, bytes]) => ({ what, bytes })),
  ...beyond.map(([what, bytes]) => ({ what, bytes, isBeyond: true as const })),
  ...[1, 5, 17, 30, whole.length - 1].map((length) => ({
    what: `the first ${length} bytes of a request`,
    bytes: whole.slice(0, length),
    isCut: true as const,
  })),
];
