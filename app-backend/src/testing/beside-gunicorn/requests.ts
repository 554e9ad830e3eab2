/** Requests: what of them is in the environ, how their bodies are read, and what is refused. */
import { get, ourFault, plainFields, post, type Row, type Told } from './row.ts';

const lines = 'line one\nline two\n\nthe rest';
const chunked = (target: string, body: string) =>
  `POST ${target} HTTP/1.1\r\nHost: odd.test\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${body}`;
const inChunks = '9\r\nline one\n\r\n5;a=b\r\nline \r\n0000000d\r\ntwo\n\nthe rest\r\n0\r\n\r\n';

const reads = ['/read-5-times-3', '/read-by-7', '/read-much', '/readline', '/readline-4', '/readlines'];
const more = ['/readlines-hint', '/iterate', '/read-then-line', '/threads', '/read-0', '/read-late', '/unread'];
const illegal = ['/read', '/read-all', '/read-none', '/read-beyond'];

const bodies: readonly Row[] = [
  ...[...reads, ...more].map(
    (target): Row => ({ what: `${target} of a length`, bytes: post(target, lines), isLegal: true }),
  ),
  ...[...reads, ...more].map(
    (target): Row => ({ what: `${target} in chunks`, bytes: chunked(target, inChunks), isLegal: true }),
  ),
  ...[...reads, ...illegal].map((target): Row => ({ what: `${target} of nothing`, bytes: get(target) })),
  ...illegal.map((target): Row => ({ what: `${target} of a length`, bytes: post(target, lines) })),
  ...illegal.map((target): Row => ({ what: `${target} in chunks`, bytes: chunked(target, inChunks) })),
  { what: 'a large body that nobody reads', bytes: post('/unread', 'x'.repeat(30_000)), isLegal: true },
  { what: 'a large body, read by 7', bytes: post('/read-much', 'x'.repeat(300_000)), isLegal: true },
];

const environ: readonly Row[] = [
  get('/environ'),
  get('/environ?a=b&c=%20d?e'),
  get('/environ?'),
  get('/environ/caf%C3%A9'),
  get('/environ/a%2Fb'),
  get('/environ//a'),
  get('//environ'),
  get('/environ/a%20b'),
  get('/environ', 'X-A: 1', 'X-Latin: caf\xe9', 'X-Empty:'),
  get('/environ', 'Cookie: a=1', 'Accept: */*', 'Content-Type: text/plain'),
  post('/environ', 'x', 'Content-Type: text/x'),
  get('http://odd.test/environ?x=1'),
  get('/environ').replace('GET', 'PATCH'),
  get('/environ').replace('GET', 'OPTIONS'),
].map((bytes) => ({ what: `the environ of ${JSON.stringify(bytes.split('\r\nHost')[0])}${bytes.length}`, bytes }));

const environDiffers: readonly Row[] = [
  {
    what: 'the environ of a field that came twice',
    bytes: get('/environ', 'X-A: 1', 'x-a: 2'),
    differs: {
      why: 'either says the same (RFC 9110 §5.3); with the blank it is as the RFC writes it',
      gunicorn: { body: /^HTTP_X_A='1,2'$/m },
      ours: { body: /^HTTP_X_A='1, 2'$/m },
    },
  },
  {
    what: 'the environ of a field with blanks around its value',
    bytes: get('/environ', 'X-B:   blanks  '),
    differs: {
      why: 'blanks around a value are no part of it (RFC 9112 §5.1); Gunicorn 20 keeps those behind it',
      gunicorn: { body: /^HTTP_X_B='blanks {2}'$/m },
      ours: { body: /^HTTP_X_B='blanks'$/m },
    },
  },
  {
    what: 'the environ of HTTP/1.0',
    bytes: get('/environ').replace('HTTP/1.1', 'HTTP/1.0'),
    differs: {
      why: 'a server answers with its own version (RFC 9110 §6.2)',
      gunicorn: { status: 'HTTP/1.0 200 OK' },
      ours: { status: 'HTTP/1.1 200 OK' },
    },
  },
];

const refused400: Told = { ...ourFault, status: 'HTTP/1.1 400' };
const passed: Told = { status: 'HTTP/1.1 200 OK' };
const withHost = (line: string) => `GET /plain HTTP/1.1\r\n${line}Connection: close\r\n\r\n`;

const refusals: readonly Row[] = [
  {
    what: 'no Host',
    bytes: withHost(''),
    differs: { why: 'B.3 #8: HTTP/1.1 without Host is 400 (RFC 9112 §3.2)', gunicorn: passed, ours: refused400 },
  },
  {
    what: 'Host: a/b',
    bytes: withHost('Host: a/b\r\n'),
    differs: { why: 'B.3 #8: a Host that is none is 400', gunicorn: passed, ours: refused400 },
  },
  {
    what: 'CONNECT',
    bytes: 'CONNECT odd.test:80 HTTP/1.1\r\nHost: odd.test:80\r\nConnection: close\r\n\r\n',
    differs: {
      why: 'B.3 #8: no application is asked for a tunnel',
      gunicorn: { status: 'HTTP/1.1 404 Not Found', fields: plainFields, body: 'none\n' },
      ours: { ...ourFault, status: 'HTTP/1.1 405' },
    },
  },
  {
    what: 'chunks that break while they are read',
    bytes: chunked('/read-by-7', '9\r\nline one\n\r\nzz\r\n'),
    differs: {
      why: 'B.3 #7: a broken body is the client’s fault, 400, and not a connection that closes without a word',
      gunicorn: { status: 'nothing', framing: 'close', body: '', end: 'broken' },
      ours: refused400,
    },
  },
];

export const requests: readonly Row[] = [
  ...bodies,
  ...environ,
  ...environDiffers,
  ...refusals,
  { what: '/kinds', bytes: get('/kinds'), isLegal: true },
  { what: '/errors', bytes: get('/errors'), isLegal: true },
  { what: '/nowhere', bytes: get('/nowhere'), isLegal: true },
  {
    what: '/early-hints',
    bytes: get('/early-hints'),
    differs: {
      why: 'Gunicorn has them since 22',
      gunicorn: { interim: [], body: 'cannot hint\n' },
      ours: { interim: ['HTTP/1.1 103 Early Hints', 'Link: </a.css>; rel=preload'], body: 'hinted\n' },
    },
  },
];
