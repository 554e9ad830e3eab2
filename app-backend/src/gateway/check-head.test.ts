import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkHead, checkHeaders } from './check-head.ts';

for (const status of ['200 OK', '404 Not Found', '299 é', '200 O', '999 Odd  but legal']) {
  test(`the status ${JSON.stringify(status)} may go out`, () => {
    const verdict = checkHead(status, []);
    assert.ok(verdict.verdict === 'sound');
    assert.equal(`${verdict.status} ${verdict.reason}`, status);
  });
}

for (const status of [
  '200 OK\r\nX-Injected: yes',
  '200 OK\n',
  '200 \tOK',
  '200 OK ',
  '200  OK',
  ' 200 OK',
  '200',
  '200 ',
  '20 OK',
  '2000 OK',
  '099 Low',
  '100 Continue',
  '101 Switching Protocols',
  '200 €',
  '',
  200,
  undefined,
  ['200 OK'],
]) {
  test(`the status ${JSON.stringify(status)} is refused`, () => {
    assert.equal(checkHead(status, []).verdict, 'bad');
  });
}

const refusedHeaders: readonly (readonly [string, unknown])[] = [
  ['a line end in a value', [['X-A', 'a\r\nSet-Cookie: b=c']]],
  ['a lone line feed in a value', [['X-A', 'a\nb']]],
  ['a NUL in a value', [['X-A', 'a\0b']]],
  ['a tab in a value', [['X-A', 'a\tb']]],
  ['a character beyond latin-1 in a value', [['X-A', '€']]],
  ['a colon in a name', [['X:A', 'a']]],
  ['a space in a name', [['X A', 'a']]],
  ['a line end in a name', [['X-A\r\nX-B', 'a']]],
  ['an empty name', [['', 'a']]],
  ['a name beyond ASCII', [['X-é', 'a']]],
  ['Status', [['Status', '200 OK']]],
  ['Connection', [['Connection', 'close']]],
  ['Transfer-Encoding in any case', [['tRANSFER-eNCODING', 'chunked']]],
  ['Upgrade', [['Upgrade', 'websocket']]],
  ['Keep-Alive', [['Keep-Alive', 'timeout=5']]],
  ['TE', [['TE', 'trailers']]],
  ['Trailer', [['Trailer', 'X-A']]],
  ['Proxy-Authenticate', [['Proxy-Authenticate', 'Basic']]],
  ['Proxy-Authorization', [['Proxy-Authorization', 'Basic']]],
  [
    'two Content-Lengths, alike or not',
    [
      ['Content-Length', '5'],
      ['content-length', '5'],
    ],
  ],
  ['a Content-Length with a sign', [['Content-Length', '+5']]],
  ['a Content-Length list', [['Content-Length', '5, 5']]],
  ['an empty Content-Length', [['Content-Length', '']]],
  ['a number as a value', [['Content-Length', 5]]],
  ['three elements', [['a', 'b', 'c']]],
  ['a string instead of a pair', ['ab']],
  ['an object instead of a list', { 'X-A': 'a' }],
  ['nothing', undefined],
];

for (const [what, headers] of refusedHeaders) {
  test(`headers with ${what} are refused`, () => {
    const verdict = checkHead('200 OK', headers);
    assert.ok(verdict.verdict === 'bad');
    assert.notEqual(verdict.why, '');
  });
}

test('headers keep their order, case and repeats', () => {
  const verdict = checkHeaders([
    ['Set-Cookie', 'a=1'],
    ['X-Naïve'.replace('ï', 'i'), 'é'],
    ['Set-Cookie', 'b=2'],
  ]);
  assert.ok(verdict.verdict === 'sound');
  assert.deepEqual(verdict.fields, ['Set-Cookie', 'a=1', 'X-Naive', 'é', 'Set-Cookie', 'b=2']);
});

test('the Content-Length is known from the headers', () => {
  const verdict = checkHeaders([['CONTENT-length', '12']]);
  assert.ok(verdict.verdict === 'sound');
  assert.equal(verdict.contentLength, 12);
});

test('no head that passes can break a line: every sound head is written as one line per field', () => {
  const text = fc.string({ unit: 'binary', maxLength: 12 });
  fc.assert(
    fc.property(text, fc.array(fc.tuple(text, text), { maxLength: 4 }), (reason, headers) => {
      const verdict = checkHead(`200 ${reason}`, headers);
      if (verdict.verdict === 'bad') return;
      const lines = [verdict.reason, ...verdict.fields];
      for (const line of lines) assert.match(line, /^[\x20-\x7e\x80-\xff]*$/);
      assert.equal(verdict.fields.length, headers.length * 2);
    }),
  );
});

test('whatever a header holds, the verdict is a verdict and no exception', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (status, headers) => {
      assert.match(checkHead(status, headers).verdict, /sound|bad/);
    }),
  );
});
