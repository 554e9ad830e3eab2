import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selecting, variantOf } from './vary.ts';

const named: readonly [vary: string[], expected: '*' | string[]][] = [
  [[], []],
  [['Foo'], ['foo']],
  [
    ['Foo, bar', 'FOO'],
    ['bar', 'foo'],
  ],
  [['*'], '*'],
  [['Foo, *'], '*'],
  [['', '*'], '*'],
  [[', *'], '*'],
  [[''], []],
];
for (const [vary, expected] of named) {
  test(`Vary ${JSON.stringify(vary)} selects by ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(selecting(vary.flatMap((line) => ['Vary', line])), expected);
  });
}

const same: readonly [name: string, a: string[], b: string[]][] = [
  ['foo', ['1, 2'], ['1', '2']],
  ['foo', ['1,2'], [' 1,  2 ']],
  ['accept-encoding', ['gzip, br'], ['BR,gzip']],
  ['accept-encoding', ['gzip;q=1.0, br;q=0.50'], ['br; q=0.5', 'x-gzip']],
  ['accept-language', ['en, de'], ['de , eN']],
  ['user-agent', ['a/1 (x, y)'], [' a/1 (x, y) ']],
];
const different: readonly [name: string, a: string[], b: string[]][] = [
  ['foo', ['1'], ['2']],
  ['foo', ['1, 2'], ['2, 1']],
  ['foo', [], ['']],
  ['foo', ['a'], ['A']],
  ['accept-encoding', ['gzip'], ['gzip;q=0']],
  ['accept-encoding', [], ['gzip']],
  ['user-agent', ['a,b'], ['a, b']],
];
const variant = (name: string, values: string[]) =>
  variantOf(
    [name],
    values.flatMap((value) => [name, value]),
  );

for (const [name, a, b] of same) {
  test(`${name}: ${JSON.stringify(a)} and ${JSON.stringify(b)} select the same variant`, () => {
    assert.equal(variant(name, a), variant(name, b));
  });
}
for (const [name, a, b] of different) {
  test(`${name}: ${JSON.stringify(a)} and ${JSON.stringify(b)} select different variants`, () => {
    assert.notEqual(variant(name, a), variant(name, b));
  });
}

test('a value cannot pass for the value of another field', () => {
  assert.notEqual(variantOf(['a', 'b'], ['a', '1']), variantOf(['a', 'b'], ['b', '1']));
});
