import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Withdrawal } from './withdrawal.ts';

for (const [what, known, purged, expected] of [
  ['a tag purged before the head came', 'after', ['a'], true],
  ['a tag purged after the head came', 'before', ['a'], true],
  ['another tag purged before', 'after', ['b'], false],
  ['another tag purged after', 'before', ['b'], false],
] as const) {
  test(`${what} withdraws it: ${expected}`, () => {
    const withdrawal = new Withdrawal();
    if (known === 'before') withdrawal.tagged(['a', 'x']);
    withdrawal.purgeTags(purged);
    if (known === 'after') withdrawal.tagged(['a', 'x']);
    assert.equal(withdrawal.isWithdrawn, expected);
  });
}

test('withdrawn once, it stays withdrawn', () => {
  const withdrawal = new Withdrawal();
  withdrawal.withdraw();
  withdrawal.tagged(['a']);
  assert.equal(withdrawal.isWithdrawn, true);
});
