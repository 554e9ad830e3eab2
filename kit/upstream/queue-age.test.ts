import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ManualTimers } from '../testing/manual-timers.ts';
import { Queue, type Waiting } from './queue.ts';

type Heavy = Waiting & { readonly weight: readonly number[] };

function oldBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')?.space_used_size ?? 0;
}

test('what waited in a queue that is never empty is freed as young', () => {
  setFlagsFromString('--expose-gc');
  const collect: (options: { type: 'minor' }) => void = runInNewContext('gc');
  const { set: timer, clock } = new ManualTimers();
  const queue = new Queue<Heavy>('app', { queue: 16, queueWaitMs: 100, timer, clock: clock.read });
  const pass = (times: number) => {
    for (let i = 0; i < times; i++) {
      queue.enter({ weight: new Array(100).fill(i), turnAway: () => undefined });
      let left = queue.waiting - 15;
      queue.serve(() => (left-- > 0 ? 'served' : 'stop'));
      if (i % 500 === 0) collect({ type: 'minor' });
    }
  };
  pass(16);
  // What the queue is made of becomes old itself.
  for (let i = 0; i < 4; i++) collect({ type: 'minor' });
  const before = oldBytes();
  pass(20_000);
  const megabytes = (oldBytes() - before) / 1024 / 1024;
  // Of 16 MB.
  assert.ok(megabytes < 1, `${megabytes.toFixed(1)} MB became old`);
});
