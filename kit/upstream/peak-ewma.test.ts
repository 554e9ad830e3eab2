import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { afterAnswer, afterNoAnswer, costOf, type Peak, peakAt } from './peak-ewma.ts';

const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-6 * expected + 1e-9, `${actual}, not ${expected}`);

describe('the peak of the time to the first byte', () => {
  test('is the first answer, and a slower one at once', () => {
    const first = afterAnswer(undefined, 20, 100);
    assert.deepEqual(first, { ms: 20, at: 100 });
    assert.deepEqual(afterAnswer(first, 500, 101), { ms: 500, at: 101 });
  });

  test('goes down to faster answers by e in ten seconds', () => {
    near(afterAnswer({ ms: 100, at: 0 }, 10, 10_000).ms, 10 + 90 / Math.E);
    near(afterAnswer({ ms: 100, at: 0 }, 10, 0).ms, 100);
  });

  test('fades when nobody asks', () => {
    near(peakAt({ ms: 100, at: 0 }, 10_000), 100 / Math.E);
    near(peakAt({ ms: 100, at: 50 }, 20), 100);
  });

  test('goes up by a failure that took long, and not down by one that was fast', () => {
    const before: Peak = { ms: 100, at: 0 };
    assert.deepEqual(afterNoAnswer(before, 5_000, 0), { ms: 5_000, at: 0 });
    assert.equal(afterNoAnswer(before, 1, 0), before);
    assert.deepEqual(afterNoAnswer(undefined, 1, 7), { ms: 1, at: 7 });
  });

  test('is never above the slowest answer nor below the fastest as they fade', () => {
    const answers = fc.array(fc.tuple(fc.integer({ min: 1, max: 1e5 }), fc.nat(30_000)), { minLength: 1 });
    fc.assert(
      fc.property(answers, (all) => {
        let peak: Peak | undefined;
        let now = 0;
        for (const [ms, later] of all) {
          now += later;
          peak = afterAnswer(peak, ms, now);
          assert.ok(peak.ms >= ms * (1 - 1e-9), 'at least the last');
        }
        assert.ok((peak?.ms ?? 0) <= Math.max(...all.map(([ms]) => ms)) * (1 + 1e-9));
      }),
    );
  });
});

describe('one more request costs', () => {
  test('the peak for each that is in flight, and for itself', () => {
    assert.equal(costOf({ ms: 30, at: 5 }, 0, 5), 30);
    assert.equal(costOf({ ms: 30, at: 5 }, 3, 5), 120);
  });

  test('nothing where nobody was asked, and more than anywhere else where the first answer is awaited', () => {
    assert.equal(costOf(undefined, 0, 5), 0);
    assert.ok(costOf(undefined, 1, 5) > costOf({ ms: 3_600_000, at: 5 }, 500, 5));
    assert.ok(costOf(undefined, 2, 5) > costOf(undefined, 1, 5));
  });
});
