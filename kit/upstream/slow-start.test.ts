import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { slowShare } from './slow-start.ts';

describe('a member that starts in 10 s has', () => {
  for (const [weight, sinceMs, share] of [
    [10, 0, 1],
    [10, 5_000, 5.5],
    [10, 9_999, 9.9991],
    [10, 10_000, 10],
    [10, 60_000, 10],
    [1, 0, 0.1],
    [1, -5, 0.1],
  ] as const) {
    test(`${share} of its weight of ${weight} after ${sinceMs} ms`, () => {
      assert.ok(Math.abs(slowShare(weight, sinceMs, 10_000) - share) < 1e-9);
    });
  }
});
