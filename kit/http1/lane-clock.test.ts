import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LaneClock } from './lane-clock.ts';

test('a client is silent once it was not heard of for so long', (t) => {
  let now = 1_000;
  t.mock.method(performance, 'now', () => now);
  const clock = new LaneClock();
  assert.deepEqual(
    [1_099, 1_100].map((then) => clock.isSilent(100, then)),
    [false, true],
  );
  now = 1_050;
  clock.heard();
  assert.deepEqual([clock.heardAt, clock.isSilent(100, 1_100), clock.isSilent(100, 1_150)], [1_050, false, true]);
});

test('a client whose head has begun is not silent until the head came, however long that takes', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const clock = new LaneClock();
  const later = clock.heardAt + 1_000;
  clock.awaitHead(10_000, () => assert.fail('it came in time'));
  assert.equal(clock.isSilent(100, later), false);
  clock.headCame();
  assert.equal(clock.isSilent(100, later), true);
  t.mock.timers.tick(20_000);
});

test('the time of a head is counted from its first byte, and anew for the next', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const clock = new LaneClock();
  const late: string[] = [];
  clock.awaitHead(100, () => late.push('first'));
  t.mock.timers.tick(99);
  clock.awaitHead(100, () => late.push('the same'));
  t.mock.timers.tick(1);
  t.mock.timers.tick(1_000);
  assert.deepEqual(late, ['first']);
  clock.headCame();
  clock.headCame();
  clock.awaitHead(100, () => late.push('next'));
  t.mock.timers.tick(100);
  assert.deepEqual(late, ['first', 'next']);
});
