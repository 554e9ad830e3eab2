import assert from 'node:assert/strict';
import { test } from 'node:test';
import { treeOf } from './process-tree.ts';

const all = [
  [1, 0],
  [10, 1],
  [11, 10],
  [12, 10],
  [13, 12],
  [20, 1],
  [21, 20],
].map(([pid = 0, parent = 0]) => ({ pid, parent }));

for (const [root, expected] of [
  [10, [10, 11, 12, 13]],
  [20, [20, 21]],
  [13, [13]],
  [99, []],
] as const) {
  test(`the tree of ${root} is [${expected}]`, () => {
    assert.deepEqual(
      treeOf(root, all).map(({ pid }) => pid),
      expected,
    );
  });
}
