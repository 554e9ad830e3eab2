import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { alwaysGranted, budgetMs } from './retry-budget.ts';
import { Tally } from './tally.ts';

const nothing = { requests: 0, redials: 0, replays: 0, retries: 0, unaffordable: 0 };
const NOW = 5_000;

/** What was counted, once this was done. */
function counted(does: (tally: Tally) => void) {
  const tally = new Tally();
  does(tally);
  return tally.counts;
}

function spent(): Tally {
  const tally = new Tally();
  for (let i = 0; i < alwaysGranted; i++) tally.retried(NOW);
  return tally;
}

describe('the counts of an upstream', () => {
  for (const [what, does, expected] of [
    ['begin with nothing', () => undefined, {}],
    ['know a request that came', (tally: Tally) => tally.asked(NOW), { requests: 1 }],
    ['know one that another member got', (tally: Tally) => tally.redialled(), { redials: 1 }],
    ['know one that a reused connection lost', (tally: Tally) => tally.replayed(), { replays: 1 }],
    ['know one that was retried', (tally: Tally) => tally.retried(NOW), { retries: 1 }],
    ['know one that could not be afforded', (tally: Tally) => void tally.affords(0, NOW), { unaffordable: 1 }],
    ['do not take the question for a retry', (tally: Tally) => void tally.affords(10, NOW), {}],
  ] as const) {
    test(what, () => assert.deepEqual(counted(does), { ...nothing, ...expected }));
  }

  test('are what they were when they were taken', () => {
    const tally = new Tally();
    const before = tally.counts;
    tally.redialled();
    tally.redialled();
    assert.deepEqual([before.redials, tally.counts.redials], [0, 2]);
  });
});

describe('what is left for retries', () => {
  test('is spent by retries, and each that is refused is counted', () => {
    const tally = spent();
    assert.deepEqual([tally.affords(10, NOW), tally.affords(10, NOW)], [false, false]);
    assert.deepEqual(tally.counts, { ...nothing, retries: alwaysGranted, unaffordable: 2 });
  });

  test('is not spent by redials and replays', () => {
    const tally = new Tally();
    for (let i = 0; i < 2 * alwaysGranted; i++) {
      tally.redialled();
      tally.replayed();
    }
    assert.equal(tally.affords(10, NOW), true);
  });

  test('grows with the requests, by the percentage', () => {
    const tally = spent();
    for (let i = 0; i < 22; i++) tally.asked(NOW);
    assert.deepEqual([tally.affords(49, NOW), tally.affords(50, NOW)], [false, true]);
    assert.equal(tally.counts.unaffordable, 1);
  });

  test('is whole again when the time of the retries is over, and the counts stay', () => {
    const tally = spent();
    assert.equal(tally.affords(10, NOW + budgetMs), true);
    assert.equal(tally.counts.retries, alwaysGranted);
  });
});
