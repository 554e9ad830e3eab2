import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../testing/clock.ts';
import { RecentNames } from './recent-names.ts';

test('what was in question is remembered for less than a second', () => {
  const clock = new ManualClock();
  const recent = new RecentNames(clock.read);
  recent.add('a');
  clock.advance(999);
  assert.equal(recent.has('a'), true);
  assert.equal(recent.has('b'), false);
  clock.advance(1);
  assert.equal(recent.has('a'), false);
});

test('no more names are kept than the limit', () => {
  const recent = new RecentNames(() => 0);
  for (let i = 0; i <= 10_000; i++) recent.add(`${i}`);
  assert.equal(recent.has('9999'), true);
  assert.equal(recent.has('10000'), false);
});
