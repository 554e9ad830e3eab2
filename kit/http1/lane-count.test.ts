import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LaneCount } from './lane-count.ts';

describe('the last request of a connection', () => {
  for (const [most, ends] of [
    [0, [false, false, false]],
    [1, [true, true, true]],
    [2, [false, true, true]],
  ] as const) {
    test(`is by the limit of ${most}: ${ends.join()}`, () => {
      const count = new LaneCount(most);
      const found = ends.map(() => {
        count.came();
        return count.endsWith({ isLast: false });
      });
      assert.deepEqual(found, ends);
    });
  }

  test('is the one that says so', () => {
    const count = new LaneCount(0);
    count.came();
    assert.deepEqual([count.endsWith({ isLast: true }), count.isSaidLast, count.isAtEnd], [true, true, true]);
    assert.deepEqual([count.endsWith({ isLast: false }), count.isSaidLast], [false, false]);
  });

  test('by the limit was not said to be the last', () => {
    const count = new LaneCount(1);
    count.came();
    assert.deepEqual([count.endsWith({ isLast: false }), count.isSaidLast], [true, false]);
  });
});

test('those that came and those that were answered are counted apart', () => {
  const count = new LaneCount(0);
  assert.equal(count.isFirst, true);
  count.came();
  assert.deepEqual([count.isFirst, count.answered], [false, 0]);
  count.isAnswered();
  assert.equal(count.answered, 1);
});
