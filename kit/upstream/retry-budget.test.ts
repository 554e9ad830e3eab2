import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { alwaysGranted, budgetMs, RetryBudget } from './retry-budget.ts';

/** So many requests and retries at a time. */
function filled(requests: number, retries: number, now: number): RetryBudget {
  const budget = new RetryBudget();
  for (let i = 0; i < requests; i++) budget.asked(now);
  for (let i = 0; i < retries; i++) budget.retried(now);
  return budget;
}

describe('the budget of retries', () => {
  for (const [requests, retries, percent, isGranted, what] of [
    [1, 0, 10, true, 'the first request may be retried'],
    [1, 9, 10, true, 'ten retries are granted whatever the traffic is'],
    [20, 10, 10, false, 'the eleventh is not, with little traffic'],
    [109, 10, 10, false, 'the eleventh of 109 requests is more than a tenth'],
    [110, 10, 10, true, 'the eleventh of 110 requests is a tenth'],
    [1_000, 99, 10, true, 'the hundredth of 1000 is a tenth'],
    [1_000, 100, 10, false, 'one more is not'],
    [1_000, 999, 100, true, 'all may be retried with 100'],
    [1_000, 0, 0, false, 'none with 0'],
  ] as const) {
    test(what, () => assert.equal(filled(requests, retries, 5_000).allows(percent, 5_000), isGranted));
  }

  test('forgets what is older than 10 s', () => {
    const budget = filled(20, alwaysGranted, 5_000);
    assert.equal(budget.allows(10, 5_000 + budgetMs - 1), false);
    assert.equal(budget.allows(10, 5_000 + budgetMs), true);
  });

  test('is not confused by a clock that stands still for long', () => {
    const budget = filled(20, alwaysGranted, 0);
    assert.equal(budget.allows(10, 1e9), true);
    for (let i = 0; i < alwaysGranted; i++) budget.retried(1e9);
    assert.equal(budget.allows(10, 1e9), false);
  });
});

test('the budget counts as a list of what happened in this second and the nine before it does', () => {
  const event = fc.record({ does: fc.constantFrom('asked' as const, 'retried' as const), afterMs: fc.nat(1_500) });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 120 }), fc.integer({ min: 1, max: 100 }), (events, percent) => {
      const budget = new RetryBudget();
      const list: { does: string; second: number }[] = [];
      let now = 0;
      for (const { does, afterMs } of events) {
        now += afterMs;
        const second = Math.floor(now / 1_000);
        budget[does](now);
        list.push({ does, second });
        const recent = list.filter((each) => each.second > second - 10);
        const retries = recent.filter((each) => each.does === 'retried').length;
        const most = Math.max(alwaysGranted, ((recent.length - retries) * percent) / 100);
        assert.equal(budget.allows(percent, now), retries + 1 <= most);
      }
    }),
  );
});
