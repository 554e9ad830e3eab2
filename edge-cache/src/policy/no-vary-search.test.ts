import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { commonQuery, searchVariance } from './no-vary-search.ts';

for (const [value, a, b, isSame] of [
  ['key-order', 'a=1&b=2', 'b=2&a=1', true],
  ['key-order', 'a=1&a=2', 'a=2&a=1', false],
  ['key-order', 'a=1', 'a=1&b=2', false],
  ['key-order=?0, params=("x")', 'a=1&b=2', 'b=2&a=1', false],
  ['params', 'a=1', 'b=2', true],
  ['params', 'a=1', undefined, true],
  ['params=("utm" "id")', 'a=1&utm=2', 'id=3&a=1', true],
  ['params=("utm")', 'a=1&utm=2', 'a=2&utm=2', false],
  ['params=("utm")', 'a=1&u%74m=2', 'a=1', true],
  ['params=("a b")', 'a+b=1', 'a%20b=2', true],
  ['params, except=("id")', 'id=1&x=2', 'y=3&id=1', true],
  ['params, except=("id")', 'id=1', 'id=2', false],
  ['params, except=("id" "q"), key-order', 'id=1&q=2', 'q=2&z&id=1', true],
] as const) {
  test(`under "${value}" ?${a} and ?${b} are ${isSame ? 'the same' : 'different'}`, () => {
    const variance = searchVariance(['No-Vary-Search', value]);
    assert.ok(variance);
    assert.equal(commonQuery(variance, a) === commonQuery(variance, b), isSame);
  });
}

for (const value of [
  '',
  'key-order=?0',
  'params=?0',
  'params=()',
  'params=(a)',
  'params="a"',
  'params=1',
  'key-order=1',
  'except=("a")',
  'params=("a"), except=("b")',
  'params, except="a"',
  'params=("a',
  '=',
]) {
  test(`"No-Vary-Search: ${value}" makes no query like another`, () => {
    assert.equal(searchVariance(['No-Vary-Search', value]), undefined);
  });
}

test('whatever the field says, reading it never throws, and a query is like itself', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (value, query) => {
      const variance = searchVariance(['No-Vary-Search', value]);
      if (variance !== undefined) assert.equal(commonQuery(variance, query), commonQuery(variance, query));
    }),
  );
});
