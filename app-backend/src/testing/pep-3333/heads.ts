// PEP 3333, "The start_response() Callable" and "Error Handling".
import { fault, ok, one, type Plan, playing, type Row } from './plan.ts';

const answering = (status: unknown, headers: unknown): Plan => ({ starts: [one(status, headers)], blocks: ['hello'] });

const badStatuses: readonly unknown[] = [
  ...['200 OK\r\nX-Injected: yes', '200 OK\nX', '200 a\0b', '200', '200 ', '20 OK', '2000 OK', 'abc OK', '200OK'],
  ...[
    ' 200 OK',
    '200 OK ',
    '200  OK',
    '200 O\tK',
    '200 \u20ac',
    '099 Low',
    '100 Continue',
    '101 Switching',
    '',
    200,
    null,
  ],
];

const hopByHop = [
  ...['Connection', 'keep-alive', 'Proxy-Authenticate', 'Proxy-Authorization', 'TE', 'Trailers', 'Trailer'],
  ...['Transfer-Encoding', 'UPGRADE', 'Status'],
];

const badHeaders: readonly unknown[] = [
  ...[null, 'text', 5, [['A']], [['A', 'b', 'c']], [['A', 5]], [[5, 'b']], ['ab'], [[]], [null]],
  ...['', 'A b', 'A:', 'A\r\nB', '\u00c4', 'A\0', ' A', '(A)'].map((name) => [[name, 'x']]),
  ...['a\r\nX-Injected: yes', 'a\rb', 'a\nb', 'a\0b', 'a\x7f', '\x01', '\u20ac'].map((value) => [['X-A', value]]),
  ...hopByHop.map((name) => [[name, 'x']]),
  ...['x', '-1', '+5', '5 ', '', '5, 5', '0x5', '1'.repeat(16), '\u0665'].map((value) => [['Content-Length', value]]),
  [
    ['Content-Length', '5'],
    ['content-length', '5'],
  ],
];

const fine = [
  ['Content-Type', 'text/plain'],
  ['Set-Cookie', 'a=1'],
  ['X-Latin', '\xe9\xff'],
  ['set-cookie', 'b=2'],
  ['X_Under', ''],
  ["X!#$%&'*+.^`|~9", 'a "b"'],
];

const first = one('200 OK', [['X-First', '1']]);
const second = one('503 Oops', [['X-Second', '2']]);
const replaced = { status: 'HTTP/1.1 503 Oops', fields: ['X-Second: 2'], body: 'hello', end: 'whole' } as const;

export const heads: readonly Row[] = [
  ...badStatuses.map((status) => playing(`the status ${JSON.stringify(status)}`, answering(status, []), fault)),
  ...badHeaders.map((headers) =>
    playing(`the headers ${JSON.stringify(headers)}`, answering('200 OK', headers), fault),
  ),
  playing(
    'a Content-Length of 16 digits, to HEAD',
    answering('200 OK', [['Content-Length', '1'.repeat(16)]]),
    { status: /^HTTP\/1\.1 500/ },
    { method: 'HEAD' },
  ),
  playing('headers that may be', answering('200 OK', fine), {
    ...ok('hello'),
    fields: fine.map(([name, value]) => `${name}: ${value}`),
  }),
  playing('a reason of any bytes', answering('299 Tr\xe8s (bien)', []), { status: 'HTTP/1.1 299 Tr\xe8s (bien)' }),
  playing('a status beyond those that are known', answering('999 X', []), { status: 'HTTP/1.1 999 X', body: 'hello' }),
  playing('start_response that is never called', { starts: [], blocks: ['hello'] }, fault),
  playing('start_response that is called by the first step', { as: 'generator', blocks: ['a'] }, ok('a'), {
    isLegal: true,
  }),
  playing('a second call', { starts: [first, second], blocks: ['hello'] }, fault),
  playing(
    'a second call whose refusal is swallowed',
    { starts: [first, { ...second, isForgiven: true }], blocks: ['a'] },
    { ...ok('a'), fields: ['X-First: 1'] },
  ),
  playing(
    'a second call after one that was refused',
    { starts: [{ ...one('x'), isForgiven: true }, second], blocks: ['a'] },
    fault,
  ),
  playing(
    'a call that was refused, which was swallowed',
    { starts: [{ ...one('x'), isForgiven: true }], blocks: ['a'] },
    fault,
  ),
  playing(
    'a second call with the failure that explains it',
    { starts: [first, { ...second, hasFailure: true }], blocks: ['hello'] },
    replaced,
  ),
  playing('a first call with a failure', { starts: [{ ...second, hasFailure: true }], blocks: ['hello'] }, replaced),
  playing(
    'a second call with a failure and a bad head, which was swallowed',
    { starts: [first, { ...one('x'), hasFailure: true, isForgiven: true }], blocks: ['a'] },
    fault,
  ),
];
