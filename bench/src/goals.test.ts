import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cpuRatio, isReached } from './goals.ts';
import { outcome, side } from './testing/outcomes.ts';

for (const [what, more, expected] of [
  ['above the ratio', { goal: 0.51 }, true],
  ['at the ratio', { goal: 0.5 }, true],
  ['below the ratio', { goal: 0.49 }, false],
  ['that is not there', {}, undefined],
  ['without figures of ours', { goal: 1, ours: side('edge', []) }, undefined],
  ['without figures of the peer', { goal: 1, peer: side('Varnish', []) }, undefined],
] as const) {
  test(`a goal ${what} is reached: ${expected}`, () => assert.equal(isReached(outcome(more)), expected));
}

test('without a peer there is no ratio', () => {
  const { peer: _, ...floor } = outcome();
  assert.equal(cpuRatio(floor), undefined);
});
