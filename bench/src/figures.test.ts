import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, percentile, ratioOf } from './figures.ts';

for (const [values, expected] of [
  [[3], 3],
  [[9, 1, 5], 5],
  [[10, 9, 100], 10],
  [[4, 1, 3, 2], 2.5],
  [[], Number.NaN],
] as const) {
  test(`the median of [${values}] is ${expected}`, () => {
    assert.equal(median(values), expected);
  });
}

for (const [share, expected] of [
  [0, 1],
  [0.5, 5],
  [0.51, 6],
  [0.99, 10],
  [1, 10],
] as const) {
  test(`${share * 100} % of 1 to 10 are not above ${expected}`, () => {
    assert.equal(percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], share), expected);
  });
}

test('there is no percentile of nothing', () => {
  assert.equal(percentile([], 0.99), Number.NaN);
});

test('a ratio is taken within each round, so that a slow round of both is no outlier', () => {
  assert.deepEqual(ratioOf([10, 100, 30], [20, 200, 40]), { median: 0.5, least: 0.5, most: 0.75 });
});

test('a round that the peer did not run has no ratio', () => {
  assert.deepEqual(ratioOf([10, 20], [20]), { median: 0.5, least: 0.5, most: 0.5 });
});
