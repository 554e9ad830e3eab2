import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from './clock.ts';

test('the clock moves when the test moves it, and read follows without its object', () => {
  const clock = new ManualClock(1000);
  const { read } = clock;
  assert.equal(read(), 1000);
  clock.advance(250);
  assert.equal(read(), 1250);
  clock.now = 5;
  assert.equal(read(), 5);
});
