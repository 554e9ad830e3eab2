import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  aDuration,
  aFlag,
  aSize,
  type Check,
  each,
  insideRoot,
  list,
  object,
  oneOf,
  problemsOf,
  show,
  whole,
} from './check.ts';

const circle: unknown[] = [];
circle.push(circle);

for (const [what, check, good, bad] of [
  ['a flag', aFlag, [true, false], [0, 'true', null, undefined, 1n]],
  ['a duration', aDuration, ['0s', '250ms', '1h'], ['', '10', 10, '-1s', '1d', '600h', undefined, circle]],
  ['a size', aSize, ['0B', '64KB'], ['', '64', 64, '1TB', '-1B', undefined]],
  ['a whole number', whole(), [0, 7], [-1, 0.5, '1', Number.NaN, 2 ** 53, 1n, undefined, Symbol('1')]],
  ['a whole number in a range', whole(2, 4), [2, 4], [1, 5]],
  ['one of a few', oneOf(['a', 1], 'thing'), ['a', 1], ['1', 'b', undefined, circle]],
  ['numbers in a list', list(whole(), 'a list'), [[], [1, 2]], [{ a: 1 }, {}, 'x', 1, [1, 'x'], new Array(1)]],
  ['numbers in a list or by name', each(whole(), 'a table'), [[], [1], { a: 1 }], ['x', null, /x/, [-1], { a: -1 }]],
  ['an object', object({ a: whole() }, ['a']), [{ a: 1 }], [{}, { a: -1 }, { a: 1, b: 1 }, [], null, /x/, 'x']],
  [
    'a path inside FRONT_ROOT',
    insideRoot,
    ['.', 'a', 'a/b', './a', '.a', 'a..b', '..a', 'a..'],
    ['', '/', '/a', '..', '../a', 'a/..', 'a/../b', 'a\\b', '\\a', 'a\0', 1, undefined],
  ],
] as const satisfies [string, Check, readonly unknown[], readonly unknown[]][]) {
  for (const value of good) test(`${show(value)} is ${what}`, () => assert.equal(check(value), undefined));
  for (const value of bad) test(`${show(value)} is not ${what}`, () => assert.equal(typeof check(value), 'string'));
}

test('a complaint names the value, and what there might have been', () => {
  assert.equal(oneOf(['a', 'b'], 'thing')('c'), '"c" is no thing (known: a, b)');
  assert.equal(whole()('x'), '"x" is not a whole number');
  assert.equal(whole(1)(0), '0 is not a whole number from 1 on');
  assert.equal(whole(0, 9)(10n), '10n is not a whole number from 0 to 9');
  assert.equal(list(whole(), 'a list')([1, -1, -2]), '1: -1 is not a whole number');
  assert.equal(each(whole(), 'a table')({ a: 1, b: -1 }), 'b: -1 is not a whole number');
  assert.equal(list(whole(), 'a list')({}), 'is a list');
});

test('all problems of an object are told with their places: unknown keys, wrong values, and what is missing', () => {
  const checks = { a: whole(), b: aFlag, c: aFlag };
  assert.deepEqual(problemsOf('x', { a: -1, d: 1 }, checks, ['b']), [
    'x: there is no "d" (known: a, b, c)',
    'x.a: -1 is not a whole number',
    'x.b: undefined is not true or false',
  ]);
  assert.deepEqual(problemsOf('x', [], checks), ['x: is an object of a, b, c']);
  assert.deepEqual(problemsOf('x', { a: undefined, b: true }, checks), []);
});

test('an object inside another tells its problems without a place of its own', () => {
  const inner = object({ a: whole(), o: object({ b: aFlag }) });
  assert.equal(
    inner({ a: -1, o: { b: 1, z: 1 } }),
    'a: -1 is not a whole number; o: there is no "z" (known: b); b: 1 is not true or false',
  );
  assert.equal(inner(1), 'is an object of a, o');
});

for (const [value, expected] of [
  ['a"b', '"a\\"b"'],
  [undefined, 'undefined'],
  [/a\/b/g, '/a\\/b/g'],
  [10n, '10n'],
  [{ a: [1] }, '{"a":[1]}'],
] as const) {
  test(`${expected} is shown as it is written`, () => assert.equal(show(value), expected));
}
