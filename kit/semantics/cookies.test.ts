import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cookiesNamed, withoutCookie } from './cookies.ts';

for (const [line, expected] of [
  ['a=1', ['1']],
  ['b=2; a=1', ['1']],
  ['a=1; a=2', ['1', '2']],
  ['a = 1 ;b=2', ['1']],
  ['a=x=y', ['x=y']],
  ['a="q r"', ['"q r"']],
  ['a=', ['']],
  ['a', []],
  ['=1', []],
  ['A=1; aa=2; ba=3', []],
  ['', []],
] as const) {
  test(`of ${JSON.stringify(line)} the cookie a is ${JSON.stringify(expected)}`, () => {
    assert.deepEqual([...cookiesNamed(['Cookie', line, 'X-A', 'a=9'], 'a')], expected);
  });
}

test('several lines are read in their order', () => {
  assert.deepEqual([...cookiesNamed(['Cookie', 'a=1', 'cookie', 'b=2; a=3'], 'a')], ['1', '3']);
});

for (const [line, expected] of [
  ['a=1; b=2', 'b=2'],
  ['b=2; a=1; c=3', 'b=2; c=3'],
  ['a=1; a=2', ''],
  ['b = 2;a', 'b = 2;a'],
  ['aa=1', 'aa=1'],
] as const) {
  test(`${JSON.stringify(line)} without a is ${JSON.stringify(expected)}`, () => {
    assert.equal(withoutCookie(line, 'a'), expected);
  });
}
