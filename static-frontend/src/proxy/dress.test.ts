import assert from 'node:assert/strict';
import { test } from 'node:test';
import { field, has, lines } from '@trivet/kit/semantics/fields.ts';
import { dress } from './dress.ts';

const own = ['X-Request-Id', 'id-1', 'Server-Timing', 'front;dur=1'];

function dressed(fields: readonly string[], status = 200, headers = {}): string[] {
  const head = dress({ status, fields }, { own, headers });
  assert.equal(head.status, status);
  return head.fields;
}

test('what the app says goes on, with this hop’s marks behind it', () => {
  const fields = dressed([
    ...['Content-Type', 'application/json', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Content-Length', '2'],
    ...['Via', '1.1 other', 'Server-Timing', 'app;dur=5', 'X-Request-Id', 'of the app'],
  ]);
  assert.deepEqual(fields, [
    ...['Content-Type', 'application/json', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Content-Length', '2'],
    ...['Server-Timing', 'app;dur=5', 'Via', '1.1 other, 1.1 static-frontend'],
    ...['X-Request-Id', 'id-1', 'Server-Timing', 'front;dur=1'],
  ]);
});

test('what belongs to the connection with the app stays here', () => {
  const fields = dressed([
    ...['Connection', 'close, X-Hop', 'X-Hop', '1', 'Keep-Alive', 'timeout=5', 'Transfer-Encoding', 'chunked'],
    ...['Trailer', 'X-T', 'Upgrade', 'h2', 'Proxy-Authenticate', 'Basic'],
  ]);
  assert.deepEqual(lines(fields, 'via'), ['1.1 static-frontend']);
  assert.equal(fields.length, 2 + own.length);
});

for (const [what, fields, status, expected] of [
  ['HTML', ['Content-Type', 'text/html'], 200, true],
  ['JSON', ['Content-Type', 'application/json'], 200, false],
  ['an error', ['Content-Type', 'application/json'], 500, true],
  ['a redirect', [], 302, false],
] as const) {
  test(`${what} of the app ${expected ? 'gets' : 'does not get'} the security headers`, () => {
    for (const name of ['x-content-type-options', 'referrer-policy', 'x-frame-options', 'permissions-policy']) {
      assert.equal(has(dressed(fields, status), name), expected, name);
    }
    // A policy for somebody else's page would break it.
    assert.equal(has(dressed(fields, status), 'content-security-policy'), false);
  });
}

test('where the app has spoken it is not corrected', () => {
  const fields = dressed(['Content-Type', 'text/html', 'X-Frame-Options', 'ALLOWALL', 'X-A', 'app'], 200, {
    'x-a': 'site',
    'x-b': 'site',
  });
  assert.deepEqual(lines(fields, 'x-frame-options'), ['ALLOWALL']);
  assert.deepEqual(lines(fields, 'x-a'), ['app']);
  assert.equal(field(fields, 'x-b'), 'site');
});
