import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { everySplit } from '../testing/every-split.ts';
import { Inflow } from './inflow.ts';
import { mayBePlain, readPlainHead } from './plain-head.ts';

const limits = { maxHead: 1_000, maxFields: 8, maxTarget: 100 };
const H = 'Host: a\r\n';
const read = (text: string) => readPlainHead(text, limits);

describe('a head is plain', () => {
  const plain: [string, string, Partial<ReturnType<typeof read>>][] = [
    [
      'GET',
      `GET / HTTP/1.1\r\n${H}\r\n`,
      { method: 'GET', target: '/', host: 'a', fields: ['Host', 'a'], isLast: false },
    ],
    ['HEAD', `HEAD /x HTTP/1.1\r\n${H}\r\n`, { method: 'HEAD', target: '/x' }],
    ['with a query', `GET /x?y=%20&z HTTP/1.1\r\n${H}\r\n`, { target: '/x?y=%20&z' }],
    ['with two slashes', `GET //x HTTP/1.1\r\n${H}\r\n`, { target: '//x' }],
    ['with a port', 'GET / HTTP/1.1\r\nhost:b:81\r\n\r\n', { host: 'b:81', fields: ['host', 'b:81'] }],
    ['that is the last', `GET / HTTP/1.1\r\n${H}Connection: close\r\n\r\n`, { isLast: true }],
    ['that is kept', `GET / HTTP/1.1\r\nCONNECTION: keep-alive\r\n${H}\r\n`, { isLast: false }],
    ['with an empty value', `GET / HTTP/1.1\r\n${H}X:\r\nY: \r\n\r\n`, { fields: ['Host', 'a', 'X', '', 'Y', ''] }],
    [
      'with one name twice',
      `GET / HTTP/1.1\r\n${H}X: 1\r\nx: 2\r\n\r\n`,
      { fields: ['Host', 'a', 'X', '1', 'x', '2'] },
    ],
    ['with spaces in a value', `GET / HTTP/1.1\r\n${H}X: a  b\r\n\r\n`, { fields: ['Host', 'a', 'X', 'a  b'] }],
  ];
  for (const [what, text, expected] of plain) {
    test(what, () => {
      const head = read(text);
      assert.ok(head);
      assert.deepEqual({ ...head, ...expected }, head);
    });
  }
});

describe('the slow lane judges', () => {
  const g = (target: string, more = '') => `GET ${target} HTTP/1.1\r\n${H}${more}\r\n`;
  const others = [
    ['another method', `POST / HTTP/1.1\r\n${H}\r\n`],
    ['another version', `GET / HTTP/1.0\r\n${H}\r\n`],
    ['no version', 'GET /\r\n\r\n'],
    ['an absolute target', g('http://a/')],
    ['an asterisk', g('*')],
    ['a fragment', g('/#x')],
    ...[...'"<>\\^`{|}\t\0\x7f\xe9'].map((odd) => [`${JSON.stringify(odd)} in a target`, g(`/${odd}`)]),
    ['no Host', 'GET / HTTP/1.1\r\nX: a\r\n\r\n'],
    ['an empty Host', 'GET / HTTP/1.1\r\nHost: \r\n\r\n'],
    ['a wrong Host', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n'],
    ['two Hosts', g('/', H)],
    ...[
      'Content-Length: 0',
      'transfer-encoding: chunked',
      'TRAILER: x',
      'Upgrade: h2c',
      'HTTP2-Settings: x',
      'Expect: 100-continue',
      'Range: bytes=0-',
      'If-Range: "a"',
      'Proxy-Connection: close',
      'Max-Forwards: 1',
      'Connection: Close',
      'Connection: close, x',
      'Connection:',
      'Connection: close\r\nConnection: close',
    ].map((line) => [line, g('/', `${line}\r\n`)]),
    ...[
      'X : a',
      ' X: a',
      'X',
      ': a',
      'X(: a',
      'X:  a',
      'X: a ',
      'X:   ',
      'X: \ta',
      'X: a\tb',
      'X: \xe9',
      'X: \x7f',
      'X: a\r\n b',
      'X: \0',
    ].map((line) => [JSON.stringify(line), g('/', `${line}\r\n`)]),
    ['bare line feeds', 'GET / HTTP/1.1\nHost: a\n\n'],
    ['a bare carriage return', `GET / HTTP/1.1\r\n${H}X: a\rb\r\n\r\n`],
    ['something behind the end', `${g('/')}x`],
    ['no end', `GET / HTTP/1.1\r\n${H}`],
    ['a line too many', g('/', 'X: a\r\n'.repeat(8))],
    ['a long target', g(`/${'x'.repeat(100)}`)],
    ['a long head', g('/', `X: ${'x'.repeat(1_000)}\r\n`)],
    ['nothing', ''],
  ];
  for (const [what = '', text = ''] of others) test(what, () => assert.equal(read(text), undefined));
});

test('at each limit a head is still plain', () => {
  const text = `GET /${'x'.repeat(99)} HTTP/1.1\r\n${H}${'X: a\r\n'.repeat(6)}`;
  const whole = `${text}Y: ${'y'.repeat(limits.maxHead - text.length - 7)}\r\n\r\n`;
  assert.equal(read(whole)?.fields.length, 16);
  assert.equal(read(whole.replace('yy', 'yyy')), undefined);
});

test('a Host found valid before is not looked at again, another one is', () => {
  const text = 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n';
  assert.equal(readPlainHead(text, limits, 'a/b')?.host, 'a/b');
  assert.equal(readPlainHead(text, limits, 'a'), undefined);
});

describe('a head that goes on', () => {
  const get = `GET / HTTP/1.1\r\n${H}`;
  const whole = `HEAD /b?c HTTP/1.1\r\n${H}X:\r\nY: a b  c\r\nConnection: close\r\n\r\n`;
  test('is waited for wherever a plain one is cut', () => {
    assert.ok(read(whole));
    for (let length = 0; length < whole.length; length++) assert.ok(mayBePlain(whole.slice(0, length)), String(length));
    for (const text of ['G', 'GET', 'GET ', 'GET /', 'GET /x']) assert.ok(mayBePlain(text), text);
  });

  const served = [
    ...['GET /{', 'GET /#', 'GET /  ', 'GET /  HTTP/1.1\r\n', 'GET / HTTP/1.0\r\n'],
    ...['Content-Length: 1\r\n', 'X: \ta\r\n', 'X: \xe9', 'Range: x\r\n'].map((more) => get + more),
  ];
  for (const text of served)
    test(`and is not plain is as well: ${JSON.stringify(text)}`, () => assert.ok(mayBePlain(text)));

  const others = [
    ...['g', 'GE ', 'GET  ', 'GET *', 'HEADE', '\r', 'X', 'GETT'],
    ...['GET /\r', 'GET /\n', 'GET /\xe9', 'GET / http', 'GET / HTTP/3', 'GET / HTTP/1.1\n', 'GET / HTTP/1.1 '],
    ...['X:\n', 'X: a\n', '\n', '\rX', 'X\r', ' X', 'X :', ':', 'X: \0', 'X: \x7f', 'X: a\rb', 'X: a\r\n b'].map(
      (more) => get + more,
    ),
  ];
  for (const text of others) test(`is refused at once: ${JSON.stringify(text)}`, () => assert.ok(!mayBePlain(text)));
});

test('a head is the same however it is split', () => {
  const [one, other] = [`GET /a HTTP/1.1\r\n${H}X: \r\n\r\n`, `HEAD /b HTTP/1.1\r\n${H}\r\n`];
  for (const parts of everySplit(Buffer.from(one + other))) {
    const inflow = new Inflow();
    const heads: unknown[] = [];
    for (const part of parts) {
      inflow.add(Buffer.from(part));
      for (let head = inflow.next(); head !== undefined; head = inflow.next())
        heads.push(read(head.toString('latin1')));
    }
    assert.deepEqual(heads, [read(one), read(other)]);
  }
});

test('whatever the bytes, what is read is a part of them', () => {
  const text = fc.string({ unit: fc.constantFrom(...'GETHAD /HTTP1.:\r\nHost: a, \t\0\xe9'), maxLength: 80 });
  fc.assert(
    fc.property(fc.constantFrom('', 'GET / HTTP/1.1\r\n', `GET / HTTP/1.1\r\n${H}`), text, (start, rest) => {
      const head = read(`${start}${rest}\r\n\r\n`);
      for (const part of head?.fields ?? []) assert.ok(rest.includes(part) || H.includes(part));
    }),
  );
});
