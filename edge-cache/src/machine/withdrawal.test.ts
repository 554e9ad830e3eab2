import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draftOf } from '../store/store-contract.ts';
import { Withdrawal } from './withdrawal.ts';

const tagged = draftOf({ tags: ['a', 'x'] });

for (const [what, known, purged, expected] of [
  ['a tag purged before the head came', 'after', ['a'], true],
  ['a tag purged after the head came', 'before', ['a'], true],
  ['another tag purged before', 'after', ['b'], false],
  ['another tag purged after', 'before', ['b'], false],
] as const) {
  test(`${what} withdraws it: ${expected}`, () => {
    const withdrawal = new Withdrawal();
    if (known === 'before') withdrawal.arrived(tagged);
    withdrawal.purgeTags(new Set<string>(purged));
    if (known === 'after') assert.equal(withdrawal.arrived(tagged), expected);
    assert.equal(withdrawal.isWithdrawn, expected);
    assert.equal(withdrawal.isJoinable, !expected);
  });
}

test('while nobody knows whether it is meant, nobody joins', () => {
  const withdrawal = new Withdrawal();
  assert.equal(withdrawal.isJoinable, true);
  withdrawal.withdrawIf(({ status }) => status === 404);
  assert.deepEqual([withdrawal.isWithdrawn, withdrawal.isJoinable], [false, false]);
  withdrawal.arrived(tagged);
  assert.deepEqual([withdrawal.isWithdrawn, withdrawal.isJoinable], [false, true]);
});

test('withdrawn once, it stays withdrawn', () => {
  const withdrawal = new Withdrawal();
  withdrawal.withdraw();
  withdrawal.withdrawIf(() => false);
  assert.equal(withdrawal.arrived(tagged), true);
});

test('what has more open questions than can be kept is withdrawn', () => {
  const withdrawal = new Withdrawal();
  for (let i = 0; i < 1000; i++) withdrawal.withdrawIf(() => false);
  assert.equal(withdrawal.isWithdrawn, false);
  withdrawal.withdrawIf(() => false);
  assert.equal(withdrawal.isWithdrawn, true);
});

test('overtaken in one variant it may be stored as another, withdrawn as none', () => {
  const withdrawal = new Withdrawal();
  withdrawal.overtakenBy('a');
  assert.deepEqual([withdrawal.allows('a'), withdrawal.allows('b')], [false, true]);
  withdrawal.withdraw();
  assert.equal(withdrawal.allows('b'), false);
});
