import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validateHead } from './validate-head.ts';

const plain = [['Content-Type', 'text/plain']];

for (const [status, headers] of [
  ['200 OK', plain],
  ['204 No Content', []],
  ['304 Not Modified', [['ETag', '"a"']]],
  ['200 OK', [...plain, ['X-A_b-c1', 'é']]],
  ['200 OK', [...plain, ['X', ' ~\x7f\x80\uffff']]],
] as const) {
  test(`${status} with ${JSON.stringify(headers)} is in order`, () => {
    assert.deepEqual(validateHead(status, headers, undefined), { fault: undefined, warnings: [] });
  });
}

for (const [status, headers, fault] of [
  [200, plain, /not a string/],
  ['20 OK', plain, /begin with a code/],
  ['099 Low', plain, /begin with a code/],
  ['200 OK', 'X: y', /not an array/],
  ['200 OK', [['X']], /not a pair/],
  ['200 OK', ['X: y'], /not a pair/],
  ['200 OK', [['X', 5]], /pair of strings/],
  ['200 OK', [['Status', '200']], /no header/],
  ['200 OK', [['X:', 'y']], /no header name/],
  ['200 OK', [['1X', 'y']], /no header name/],
  ['200 OK', [['X-', 'y']], /no header name/],
  ['200 OK', [['X\n', 'y']], /no header name/],
  ['200 OK', [['X', 'a\tb']], /control character/],
  ['200 OK', [['X', '\0']], /control character/],
  ['200 OK', [['X', '\x1f']], /control character/],
  ['200 OK', [], /Content-Type is missing/],
  ['204 No Content', plain, /no content/],
  ['304 Not Modified', plain, /no content/],
] as const) {
  test(`${JSON.stringify(status)} with ${JSON.stringify(headers)} is a fault`, () => {
    assert.match(validateHead(status, headers, undefined).fault ?? '', fault);
  });
}

test('a failure is wrapped, so that a thrown undefined is seen', () => {
  assert.equal(validateHead('200 OK', plain, { error: undefined }).fault, undefined);
  assert.match(validateHead('200 OK', plain, new Error('x')).fault ?? '', /error/);
  assert.match(validateHead('200 OK', plain, null).fault ?? '', /error/);
});

test('a status without a space is a warning', () => {
  assert.match(validateHead('200', plain, undefined).warnings.join(), /no space/);
});
