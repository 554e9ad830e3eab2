import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { accessFormat, gunicornFormat, isAccessFormat } from './access-format.ts';
import type { ExchangeRecord } from './exchange-record.ts';

const at = new Date(2026, 0, 2, 3, 4, 5).getTime();
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

const record: ExchangeRecord = {
  ...{ id: 'a', client: '192.0.2.1', method: 'GET', target: '/a%20b?x=%31', host: 'h', version: '1.1' },
  ...{ status: 200, bytes: 400, ms: 1_234.56, outcome: 'done', referer: 'http://r/', userAgent: 'curl/8' },
  heads: {
    request: ['Host', 'h', 'X-Two', '1', 'x-two', '2', 'Authorization', basic('me:secret'), 'Content-Type', 'a/b'],
    response: ['Content-Type', 'text/plain', 'Set-Cookie', 'a', 'Set-Cookie', 'b'],
    bodyBytes: 7,
  },
};
const line = (format: string, over: Partial<ExchangeRecord> = {}) =>
  accessFormat(format).line({ record: { ...record, ...over }, at, pid: 9 });

describe('an atom says', () => {
  for (const [atom, text] of [
    ['h', '192.0.2.1'],
    ['l', '-'],
    ['u', 'me'],
    ['r', 'GET /a%20b?x=%31 HTTP/1.1'],
    ['m', 'GET'],
    ['U', '/a b'],
    ['q', 'x=%31'],
    ['H', 'HTTP/1.1'],
    ['s', '200'],
    ['b', '7'],
    ['B', '7'],
    ['f', 'http://r/'],
    ['a', 'curl/8'],
    ['T', '1'],
    ['M', '1234'],
    ['D', '1234560'],
    ['L', '1.234560'],
    ['p', '<9>'],
    ['{x-two}i', '2'],
    ['{X-Two}i', '2'],
    ['{none}i', '-'],
    ['{set-cookie}o', 'b'],
    ['{none}o', '-'],
    ['{http_x_two}e', '1,2'],
    ['{Request_Method}e', 'GET'],
    ['{path_info}e', '/a b'],
    ['{content_type}e', 'a/b'],
    ['{none}e', '-'],
    ['{constructor}e', '-'],
  ] as const) {
    test(`${atom}: ${text}`, () => assert.equal(line(`<%(${atom})s>`), `<${text}>`));
  }

  test('when, in the time of this machine', () => {
    assert.match(line('%(t)s'), /^\[02\/Jan\/2026:03:04:05 [+-]\d{4}\]$/);
  });

  for (const [what, over, atoms, text] of [
    ['nothing was said', { referer: undefined, userAgent: undefined }, '%(f)s %(a)s', '- -'],
    ['there is no query', { target: '/' }, '<%(q)s>', '<>'],
    ['there were no heads', { heads: undefined }, '%(u)s %(b)s %({host}i)s %({x}o)s %({http_a}e)s', '- - - - -'],
    ['the client is a Unix socket', { client: 'unix' }, '%(h)s', '-'],
    ['it was quick', { ms: 0.05 }, '%(T)s %(M)s %(D)s %(L)s', '0 0 50 0.000050'],
  ] as const) {
    test(`when ${what}: ${text}`, () => assert.equal(line(atoms, over), text));
  }

  for (const [authorization, user] of [
    ['Bearer x', '-'],
    ['Basic', '-'],
    [basic('nobody'), '-'],
    [basic(':secret'), '-'],
    [basic('me:a:b').replace('Basic', 'bAsIc'), 'me'],
    [basic('zoë:'), 'zoë'],
    [`Basic ${Buffer.from([0xff, 0x3a]).toString('base64')}`, '-'],
  ] as const) {
    test(`the user of ${authorization}: ${user}`, () => {
      const heads = { request: ['Authorization', authorization], response: [], bodyBytes: 0 };
      assert.equal(line('%(u)s', { heads }), user);
    });
  }
});

describe('a format', () => {
  test('of Gunicorn is the combined one', () => {
    const expected = /^192\.0\.2\.1 - me \[.*\] "GET \/a%20b\?x=%31 HTTP\/1\.1" 200 7 "http:\/\/r\/" "curl\/8"$/;
    assert.match(line(gunicornFormat), expected);
  });

  test('has other text as it stands, and %% for a %', () => assert.equal(line('a %% %(s)s%%"\\'), 'a % 200%"\\'));

  for (const [text, needs] of [
    [gunicornFormat, true],
    ['%(h)s %(r)s %(s)s %(f)s %(a)s %(D)s', false],
    ['%({host}i)s', true],
    ['%(B)s', true],
  ] as const) {
    test(`${text} ${needs ? 'needs' : 'does not need'} the heads`, () => {
      assert.equal(accessFormat(text).needsHeads, needs);
    });
  }

  for (const [text, why] of [
    [
      '%(z)s',
      /^there is no atom %\(z\)s; there are h l u t r m U q H s b B f a T M D L p \{NAME\}i \{NAME\}o \{NAME\}e$/,
    ],
    ['%(toString)s', /^there is no atom %\(toString\)s/],
    ['%({}i)s', /^there is no atom %\(\{\}i\)s/],
    ['%({a}x)s', /^there is no atom %\(\{a\}x\)s/],
    ['%(h)d', /begins no atom/],
    ['%(h)s %d', /^%d in .* begins no atom/],
    ['%(h)s %', /^% in .* begins no atom/],
  ] as const) {
    test(`${text} is a problem`, () => assert.throws(() => accessFormat(text), { message: why }));
  }

  for (const [text, is] of [
    ['json', false],
    ['%(h)s', true],
  ] as const) {
    test(`${text} is ${is ? '' : 'not '}meant as one`, () => assert.equal(isAccessFormat(text), is));
  }
});

describe('what a client says cannot break a line', () => {
  for (const [agent, text] of [
    ['a "b"', 'a \\"b\\"'],
    ['a\nb\r\0\x1b\x85', 'a\\x0ab\\x0d\\x00\\x1b\\x85'],
    ['a\\b', 'a\\b'],
    ['a\\"b', 'a\\\\\\"b'],
    ['a\\', 'a\\\\'],
    ['\u2028', '\\u2028'],
  ] as const) {
    test(`${JSON.stringify(agent)} is ${text}`, () => assert.equal(line('"%(a)s"', { userAgent: agent }), `"${text}"`));
  }

  test('nor end its field, whatever it is', () => {
    const unit = fc.constantFrom('"', '\\', 'a', '\n', '\x85');
    fc.assert(
      fc.property(fc.string({ unit }), (userAgent) => {
        assert.match(line('"%(a)s"', { userAgent }), /^"(?:[^"\\\p{Cc}]|\\.)*"$/u);
      }),
    );
  });
});
