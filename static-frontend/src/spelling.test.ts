import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedPath } from '@trivet/kit/files/asked-path.ts';
import { spellingOf } from './spelling.ts';

/** Each character of the path (UTF-16 unit) with the part of the target that it was written as. */
function spelled(target: string): string {
  const asked = askedPath(target);
  const spelling = spellingOf(asked);
  return Array.from(asked.path.split(''), (_, at) => spelling(at, at + 1)).join(' ');
}

for (const [target, expected] of [
  ['/', '/'],
  ['/ab', '/ a b'],
  ['/%61b%2d', '/ %61 b %2d'],
  ['/a%20b', '/ a %20 b'],
  ['/%C3%A4x', '/ %C3%A4 x'],
  ['/%e2%82%ac%C3%a4x', '/ %e2%82%ac %C3%a4 x'],
  ['/%f0%9f%98%80', '/  %f0%9f%98%80'],
  ['/a%2Fb', '/ a %2F b'],
  ['/a%2fb%5Cc', '/ a %2f b %5C c'],
  ['/a//b', '/ a / b'],
  ['/a/./%62', '/ a / b'],
  ['/a/../b%20c', '/ b %20 c'],
] as const) {
  test(`${target} is ${expected}`, () => assert.equal(spelled(target), expected));
}

test('a character of two units is written once, from its beginning to its end', () => {
  const spelling = spellingOf(askedPath('/a%F0%9F%98%80b'));
  assert.deepEqual([spelling(1, 4), spelling(2, 4), spelling(4, 5)], ['a%F0%9F%98%80', '%F0%9F%98%80', 'b']);
});

test('a part without characters is empty, and the whole is all that was written', () => {
  for (const target of ['/ab', '/%61%C3%A4']) {
    const { path } = askedPath(target);
    const spelling = spellingOf(askedPath(target));
    assert.deepEqual([spelling(0, path.length), spelling(1, 1)], [target, '']);
  }
});

for (const target of ['/a//b%2Fc', '/a/../b%5cc', '/x/./%2F']) {
  test(`${target} is refused: a slash that was text would be one no more`, () => {
    assert.throws(() => spellingOf(askedPath(target)), { name: 'Fault', reason: 'bad-path', status: 400 });
  });
}
