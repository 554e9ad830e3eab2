import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { passage, type Rate } from './rate.ts';

const start = Date.UTC(2026, 0, 1);

/** What becomes of one after the other; `at` in milliseconds from the start. */
function walk(at: readonly number[], rate: Rate): ('go' | number)[] {
  let dueAt = 0;
  return at.map((ms) => {
    const verdict = passage(dueAt, start + ms, rate);
    if (verdict.verdict === 'wait') return Math.round(verdict.ms);
    dueAt = verdict.dueAt;
    return 'go';
  });
}

const walks: readonly [what: string, rate: Rate, at: readonly number[], expected: readonly ('go' | number)[]][] = [
  ['one a second, one at once', { perSecond: 1, burst: 1 }, [0, 0, 999, 1000, 1001], ['go', 1000, 1, 'go', 999]],
  ['a burst, then the pace', { perSecond: 10, burst: 3 }, [0, 0, 0, 0, 100, 100], ['go', 'go', 'go', 100, 'go', 100]],
  [
    'a pause gives the burst back',
    { perSecond: 10, burst: 2 },
    [0, 0, 0, 5000, 5000, 5000],
    ['go', 'go', 100, 'go', 'go', 100],
  ],
  ['an even pace for ever', { perSecond: 4, burst: 1 }, [0, 250, 500, 750, 1000], ['go', 'go', 'go', 'go', 'go']],
  ['who waits is not punished', { perSecond: 1, burst: 1 }, [0, 1, 2, 3, 1000], ['go', 999, 998, 997, 'go']],
];
for (const [what, rate, at, expected] of walks) {
  test(`the rate lets through: ${what}`, () => assert.deepEqual(walk(at, rate), expected));
}

test('a clock that was set back by an hour closes no door', () => {
  const first = passage(0, start, { perSecond: 1, burst: 1 });
  assert.equal(first.verdict, 'go');
  const dueAt = first.verdict === 'go' ? first.dueAt : 0;
  assert.equal(passage(dueAt, start - 3_600_000, { perSecond: 1, burst: 1 }).verdict, 'go');
});

test('no more pass within any time than the burst and the pace allow, and who waits as told gets through', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 200 }),
      (perSecond, burst, gaps) => {
        let dueAt = 0;
        let now = start;
        let passed = 0;
        for (const gap of gaps) {
          now += gap;
          const verdict = passage(dueAt, now, { perSecond, burst });
          if (verdict.verdict === 'go') {
            passed += 1;
            dueAt = verdict.dueAt;
          } else {
            assert.equal(passage(dueAt, now + verdict.ms + 0.01, { perSecond, burst }).verdict, 'go');
          }
          assert.ok(passed <= burst + ((now - start) / 1000) * perSecond + 0.01);
        }
      },
    ),
  );
});
