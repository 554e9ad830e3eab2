import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { afterAnswer, afterFailure, afterHead, calm, type Ejection, isEjected, onTrial } from './ejection.ts';

const rule = { maxFails: 3, failMs: 10, longestMs: 35 };

/** Fails at each of these times. */
const failing = (times: readonly number[], from: Ejection = calm) =>
  times.reduce((ejection, now) => afterFailure(ejection, rule, now), from);

describe('a member', () => {
  for (const [what, times, now, isOut] of [
    ['without a failure is in', [], 0, false],
    ['that failed less often than it may is in', [1, 2], 3, false],
    ['that failed too often in a row is out', [1, 2, 3], 4, true],
    ['is in again when its time is over', [1, 2, 3], 13, false],
    ['is not out for longer because of requests that were under way', [1, 2, 3, 4, 5, 12], 13, false],
    ['that fails again is out at once, and for twice as long', [1, 2, 3, 13], 32, true],
    ['and no longer than that', [1, 2, 3, 13], 33, false],
    ['is never out for longer than the longest', [1, 2, 3, 13, 33, 68], 102, true],
    ['and then in again', [1, 2, 3, 13, 33, 68], 103, false],
  ] as const) {
    test(what, () => assert.equal(isEjected(failing(times), now), isOut));
  }

  test('on trial stays out for the others, and a trial that fails counts', () => {
    const trial = onTrial(failing([1, 2, 3]), rule, 13);
    assert.ok(isEjected(trial, 14));
    const failed = failing([14], trial);
    assert.deepEqual([isEjected(failed, 33), isEjected(failed, 34)], [true, false]);
  });

  describe('that failed too many, not in a row,', () => {
    const out = afterFailure(calm, rule, 3, true);
    const answering = (at: number, before = out) => afterAnswer(afterHead(before, rule, at), at);

    for (const [what, ejection, now, isOut] of [
      ['is out though it answers others', answering(4), 12, true],
      ['and in again when its time is over', answering(4), 13, false],
      [
        'is out when that is found while it is out already',
        answering(5, afterFailure(failing([1, 2, 3]), rule, 4, true)),
        12,
        true,
      ],
      ['is in once its trial is answered', answering(15, onTrial(out, rule, 14)), 16, false],
      ['is in by an answer behind its time', answering(13), 14, false],
      ['is out for longer when its trial fails', failing([15], onTrial(out, rule, 14)), 34, true],
    ] as const) {
      test(what, () => assert.equal(isEjected(ejection, now), isOut));
    }
  });

  test('whose trial is never decided gets another one', () => {
    assert.ok(!isEjected(onTrial(failing([1, 2, 3]), rule, 13), 23));
  });
});
