import { ask, get, type Row, type Table } from '../row.ts';

const allowed = { Allow: 'GET, HEAD' } as const;
const withBody = (method: string, target: string) => ask(method, target, 'Content-Length: 2').concat('ab');

const silent = 'nginx does not say what is allowed; RFC 9110 §15.5.6 wants it';
const reads = 'Apache answers a POST for a file as a GET';

const refusedMethod = (method: string, more: Partial<Row> = {}): Row => ({
  ...{ of: 'A.1 #32', what: `${method} for a file`, bytes: withBody(method, '/f.txt') },
  ours: { status: 405, own: allowed },
  nginx: { status: 405, fields: { Allow: null }, why: silent },
  ...more,
});

const whole = { status: 200, body: 'f' } as const;
const secured = {
  'X-Content-Type-Options': 'nosniff',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
} as const;

const page = {
  'X-Frame-Options': 'SAMEORIGIN',
  'Referrer-Policy': 'strict-origin-when-cross-origin',
  'Content-Security-Policy': /^base-uri 'self'/,
} as const;
const error = {
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy': /^default-src '(?:self|none)'/,
} as const;

const told = (what: string, bytes: string, status: number): Row => ({
  ...{ of: 'A.1 #22', what: `what a browser is told with ${what}`, bytes },
  ours: { status, own: { ...secured, ...(status < 300 ? page : error) } },
});

const rows: readonly Row[] = [
  { of: 'A.1 #32', what: 'GET for a file', bytes: get('/f.txt'), ours: whole },
  {
    of: 'A.1 #32',
    what: 'HEAD is GET without content',
    bytes: ask('HEAD', '/f.txt'),
    ours: {
      status: 200,
      body: '',
      fields: {
        'Content-Length': '1',
        ETag: /^"/,
        'Last-Modified': /2026/,
        'Accept-Ranges': 'bytes',
        'Content-Type': 'text/plain; charset=utf-8',
      },
    },
  },
  {
    of: 'A.1 #32',
    what: 'HEAD of what is not there',
    bytes: ask('HEAD', '/none.txt'),
    ours: { status: 404, body: '' },
  },
  refusedMethod('POST', { apache: { ...whole, why: reads } }),
  refusedMethod('PUT'),
  refusedMethod('PATCH'),
  refusedMethod('DELETE'),
  {
    ...refusedMethod('OPTIONS'),
    apache: { status: 200, fields: { Allow: /GET/ }, why: 'Apache answers in place of the file' },
  },
  {
    ...{ of: 'A.1 #32', what: 'OPTIONS *' },
    bytes: ask('OPTIONS', '*'),
    ours: { status: 204 },
    nginx: { status: 400, why: 'nginx knows no asterisk' },
    apache: { status: 200, why: 'Apache says what it allows' },
  },
  {
    of: 'A.1 #32',
    what: 'POST for what is not there',
    bytes: withBody('POST', '/none.txt'),
    ours: { status: 404 },
  },
  {
    of: 'A.1 #32',
    what: 'POST for a folder',
    bytes: withBody('POST', '/sub'),
    ours: { status: 405, own: allowed },
    nginx: { status: 301, why: 'nginx leads a POST on' },
    apache: { status: 301, why: 'Apache leads a POST on' },
  },
  {
    of: 'A.1 #32',
    what: 'TRACE',
    bytes: ask('TRACE', '/f.txt', 'Cookie: secret'),
    ours: { status: 405, body: /^(?![\s\S]*secret)/ },
    apache: { status: 200, body: /secret/, why: 'Apache has TRACE on unless it is told otherwise' },
  },
  {
    ...{ of: 'A.1 #32', what: 'a method that nobody knows' },
    bytes: ask('BREW', '/f.txt'),
    ours: { status: 501 },
    nginx: { status: 405, why: 'nginx says so of every method but GET and HEAD' },
  },
  {
    of: 'A.1 #19',
    what: 'a page of the site for an error',
    bytes: get('/none.txt', 'Accept: text/html'),
    ours: { status: 404, body: '<p>own page', fields: { 'Content-Type': 'text/html; charset=utf-8' } },
  },
  {
    of: 'A.1 #19',
    what: 'HEAD has the fields of the page',
    bytes: ask('HEAD', '/none.txt'),
    ours: { status: 404, body: '', fields: { 'Content-Length': '11' } },
    apache: { status: 404, body: '', why: 'Apache does not tell the length' },
  },
  {
    of: 'A.1 #19',
    what: 'a part of an error is not sent',
    bytes: get('/none.txt', 'Range: bytes=0-1'),
    ours: { status: 404, body: '<p>own page' },
  },
  {
    of: 'A.1 #19',
    what: 'an error is not validated',
    bytes: get('/none.txt', 'If-None-Match: *', 'If-Modified-Since: Fri, 02 Jan 2099 03:04:05 GMT'),
    ours: { status: 404, body: '<p>own page', own: { ETag: null, 'Last-Modified': null } },
  },
  {
    of: 'A.1 #19',
    what: 'without a page of the site',
    bytes: get('/gone/'),
    ours: { status: 410, own: { 'Cache-Control': 'no-store' } },
  },
  {
    ...{ of: 'A.1 #19', what: 'who prefers JSON gets JSON' },
    bytes: get('/none.txt', 'Accept: application/json'),
    ours: {
      status: 404,
      body: /^\{.*"status":404/,
      own: { 'Content-Type': /^application\/(?:problem\+)?json/, 'Cache-Control': 'no-store' },
    },
    nginx: { status: 404, body: '<p>own page', why: 'one page for all' },
    apache: { status: 404, body: '<p>own page', why: 'one page for all' },
  },
  {
    of: 'A.1 #19',
    what: 'the page itself can be asked for',
    bytes: get('/errors/404.html'),
    ours: { status: 200, body: '<p>own page' },
  },
  told('a page', get('/index.html'), 200),
  told('the page of a folder', get('/sub/'), 200),
  told('the page that stands in', get('/spa/x'), 200),
  told('a 404', get('/none.txt'), 404),
  { ...told('a 405', withBody('POST', '/index.html'), 405), apache: { status: 200, why: reads } },
  told('a 410', get('/gone/'), 410),
  told('a 412', get('/index.html', 'If-Match: "x"'), 412),
  told('a 416', get('/100.bin', 'Range: bytes=500-'), 416),
  told('a 400 for its path', get('/%zz'), 400),
  {
    ...{ of: 'A.1 #22', what: 'what a browser is told with a 400 for its head', bytes: get('/', 'X : a') },
    ours: { status: 400, own: { 'X-Content-Type-Options': 'nosniff', ...error } },
  },
  told('a 502', get('/api/broken'), 502),
  {
    ...{ of: 'A.1 #22', what: 'a file that is no page: its type is not guessed' },
    bytes: get('/f.txt'),
    ours: { ...whole, own: { 'X-Content-Type-Options': 'nosniff', 'Content-Security-Policy': null } },
  },
  {
    ...{ of: 'A.1 #22', what: 'a redirect: its type is not guessed' },
    bytes: get('/sub'),
    ours: { status: 301, own: { 'X-Content-Type-Options': 'nosniff' } },
  },
  {
    ...{ of: 'A.1 #22', what: 'a 304: its type is not guessed' },
    bytes: get('/f.txt', 'If-None-Match: *'),
    ours: { status: 304, own: { 'X-Content-Type-Options': 'nosniff' } },
  },
  {
    ...{ of: 'A.1 #22', what: 'a page of the app has them, but what the app says counts' },
    bytes: get('/api/page'),
    ours: {
      status: 200,
      fields: { 'X-Frame-Options': 'DENY', 'Content-Security-Policy': "default-src 'none'" },
      own: { 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'strict-origin-when-cross-origin' },
    },
  },
  {
    ...{ of: 'A.1 #22', what: 'an error of the app keeps its own' },
    bytes: get('/api/error'),
    ours: {
      status: 500,
      body: 'the app',
      fields: { 'X-Frame-Options': 'DENY' },
      own: { 'X-Content-Type-Options': 'nosniff' },
    },
  },
];

export const answers: Table = { about: 'methods, errors, what a browser is told', rows };
