/** start_response, status lines and header fields. */
import { type Difference, differing, get, legal, ourFault, type Row } from './row.ts';

const replaced: Difference = {
  why: 'B.3 #3: a call with exc_info replaces the first head; Gunicorn adds to it',
  gunicorn: {
    fields: [
      'Content-Type: text/plain; charset=utf-8',
      'X-First: 1',
      'Content-Type: text/plain; charset=utf-8',
      'X-Second: 2',
    ],
    end: 'broken',
  },
  ours: { fields: ['Content-Type: text/plain; charset=utf-8', 'X-Second: 2'], end: 'whole' },
};

const statusUnchecked: Difference = {
  why: 'a status is three digits, a blank and a reason (PEP 3333); Gunicorn writes what it is given',
  gunicorn: { status: /^HTTP\/1\.1 (?:200|OK|20 OK|2000 OK|b'200 OK')$/, body: 'hello' },
  ours: ourFault,
};

const notStarted: Difference = {
  why: 'B.3 #5: an application that never calls start_response has not answered',
  gunicorn: { status: 'HTTP/1.1 None', framing: 'close' },
  ours: ourFault,
};

const notTheClients: Difference = {
  why: 'B.3 #2: a bad header is the fault of the application, not of the client',
  gunicorn: { status: 'HTTP/1.1 400' },
  ours: { status: 'HTTP/1.1 500' },
};

const hopByHop: Difference = {
  why: 'hop-by-hop fields are the server’s; an application that sets them has an error (PEP 3333), which Gunicorn hides',
  gunicorn: { status: 'HTTP/1.1 200 OK', body: 'hello' },
  ours: ourFault,
};

const lengthUnchecked: Difference = {
  why: 'a Content-Length is one number of digits alone (RFC 9110 §8.6)',
  gunicorn: { status: 'HTTP/1.1 200 OK' },
  ours: ourFault,
};

export const heads: readonly Row[] = [
  ...legal(['/header-latin1', '/header-empty', '/header-repeated', '/odd-status', '/own-date']),
  {
    what: '/header-blanks',
    bytes: get('/header-blanks'),
    differs: {
      why: 'blanks around a value say nothing (RFC 9110 §5.5); Gunicorn takes them away',
      gunicorn: { fields: ['Content-Type: text/plain; charset=utf-8', 'X-Blanks: inside'] },
      ours: { fields: ['Content-Type: text/plain; charset=utf-8', 'X-Blanks:   inside  '] },
    },
  },
  ...differing(replaced, ['/replace']),
  ...legal(['/raise-again']),
  { what: '/twice', bytes: get('/twice') },
  ...differing(notStarted, ['/never-starts', '/never-starts-empty']),
  {
    what: '/by-keyword',
    bytes: get('/by-keyword'),
    differs: {
      why: 'B.3 #9 as above; by keyword it works with either, though PEP 3333 has it positional',
      gunicorn: { framing: 'chunked' },
      ours: { framing: 'length' },
    },
  },
  {
    what: '/status-newline',
    bytes: get('/status-newline'),
    differs: {
      why: 'B.3 #1: a line end in the status adds a field of the application’s choice: response splitting',
      gunicorn: { status: 'HTTP/1.1 200 OK', fields: ['X-Injected: yes', 'Content-Type: text/plain; charset=utf-8'] },
      ours: ourFault,
    },
  },
  ...differing(statusUnchecked, [
    '/status-no-reason',
    '/status-words',
    '/status-two-digits',
    '/status-four-digits',
    '/status-bytes',
  ]),
  {
    what: '/status-100',
    bytes: get('/status-100'),
    differs: {
      why: 'an interim status is no answer; behind it Gunicorn sends a body that no client can read',
      gunicorn: { status: 'nothing' },
      ours: { status: 'HTTP/1.1 500', end: 'whole', framing: 'length', body: 'a page' },
    },
  },
  ...[
    '/status-number',
    '/status-nonlatin',
    '/header-bytes',
    '/header-number',
    '/header-none',
    '/header-name-bytes',
  ].map((target) => ({ what: target, bytes: get(target) })),
  ...['/header-triple', '/header-dict', '/length-words'].map((target) => ({ what: target, bytes: get(target) })),
  ...differing(notTheClients, [
    '/header-newline',
    '/header-lf',
    '/header-nul',
    '/header-name-blank',
    '/header-name-colon',
  ]),
  ...differing(notTheClients, ['/header-name-empty', '/header-name-newline']),
  {
    what: '/header-nonlatin',
    bytes: get('/header-nonlatin'),
    differs: {
      why: 'B.3 #6: a field beyond latin-1 is a 500, not a connection that closes without a word',
      gunicorn: { status: 'nothing' },
      ours: ourFault,
    },
  },
  {
    what: '/header-tuple',
    bytes: get('/header-tuple'),
    differs: {
      why: 'the fields are a list (PEP 3333)',
      gunicorn: { status: 'HTTP/1.1 200 OK', body: 'hello' },
      ours: ourFault,
    },
  },
  ...differing(hopByHop, ['/header-hop', '/header-upgrade', '/header-transfer']),
  {
    what: '/header-status',
    bytes: get('/header-status'),
    differs: {
      why: 'PEP 3333 forbids a field Status',
      gunicorn: { status: 'HTTP/1.1 200 OK', body: 'hello' },
      ours: ourFault,
    },
  },
  ...differing(lengthUnchecked, ['/length-negative', '/length-twice', '/length-signed']),
];
