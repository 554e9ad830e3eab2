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

test('what waits for the time is called in order when it has come, once, unless it was called off', () => {
  const clock = new ManualClock();
  const called: string[] = [];
  clock.after(20, () => called.push('late'));
  const callOff = clock.after(10, () => called.push('never'));
  clock.after(5, () => {
    called.push('early');
    callOff();
  });
  clock.advance(4);
  assert.deepEqual(called, []);
  clock.advance(100);
  clock.advance(100);
  assert.deepEqual(called, ['early', 'late']);
});
