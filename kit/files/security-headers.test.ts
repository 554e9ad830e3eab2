import assert from 'node:assert/strict';
import { test } from 'node:test';
import { field } from '../semantics/fields.ts';
import { isHtmlType, withSecurity } from './security-headers.ts';

test('a page that says nothing gets every security header, and a policy only where one is given', () => {
  const fields = withSecurity(['Content-Type', 'text/html']);
  for (const name of ['x-content-type-options', 'referrer-policy', 'x-frame-options', 'permissions-policy']) {
    assert.ok(field(fields, name), name);
  }
  assert.equal(field(fields, 'content-security-policy'), undefined);
  assert.equal(field(withSecurity([], "default-src 'none'"), 'content-security-policy'), "default-src 'none'");
});

test('a value that is there stays, whatever its spelling', () => {
  const fields = withSecurity(['X-FRAME-OPTIONS', 'DENY', 'content-security-policy', 'mine'], 'ours');
  assert.equal(field(fields, 'x-frame-options'), 'DENY');
  assert.equal(field(fields, 'content-security-policy'), 'mine');
});

for (const [type, expected] of [
  ['text/html', true],
  ['Text/HTML; charset=utf-8', true],
  ['application/xhtml+xml', true],
  ['text/htmlx', false],
  ['text/plain', false],
  [undefined, false],
] as const) {
  test(`${type} is ${expected ? '' : 'not '}HTML`, () => assert.equal(isHtmlType(type), expected));
}
