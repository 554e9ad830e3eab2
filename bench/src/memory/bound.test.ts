import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bound, boundsTable, holds, megabyte, mostForStore } from './bound.ts';

const bound = (of: Bound['of'], [before, peak, most]: readonly [number, number, number]): Bound => ({
  what: 'edge',
  before: before * megabyte,
  peak: peak * megabyte,
  of,
  most: most * megabyte,
});

for (const [of, sizes, expected] of [
  ['peak', [100, 208, 208], true],
  ['peak', [100, 209, 208], false],
  ['growth', [100, 132, 32], true],
  ['growth', [100, 133, 32], false],
] as const) {
  test(`${of} from ${sizes[0]} to ${sizes[1]} MB ${expected ? 'keeps' : 'breaks'} a bound of ${sizes[2]} MB`, () => {
    assert.equal(holds(bound(of, sizes)), expected);
  });
}

test('a store of 64 MB may cost 208 MB', () => {
  assert.equal(mostForStore(64 * megabyte), 208 * megabyte);
});

test('the table tells what was seen, what was promised and whether it holds', () => {
  assert.deepEqual(
    boundsTable([bound('growth', [100, 140, 32])])
      .split('\n')
      .slice(2),
    ['| edge | 100 MB | 140 MB | 40 MB | growth ≤ 32 MB | **no** |'],
  );
});
