import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from './clock.ts';
import { ManualTimers } from './manual-timers.ts';

test('timers run when their time comes, in its order, also those that others set on the way', () => {
  const timers = new ManualTimers(new ManualClock(0));
  const ran: string[] = [];
  const note = (what: string) => () => void ran.push(`${what} ${timers.clock.now}`);
  timers.set(note('late'), 30);
  timers.set(() => timers.set(note('inner'), 10), 10);
  timers.set(note('never'), 20)[Symbol.dispose]();
  timers.advance(25);
  assert.deepEqual([ran, timers.clock.now, timers.count], [['inner 20'], 25, 1]);
  timers.advance(5);
  assert.deepEqual([ran, timers.count], [['inner 20', 'late 30'], 0]);
});
