import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restart } from './restart.ts';

test('a process that keeps falling is started again after longer and longer waits, up to a limit', () => {
  const delays: number[] = [];
  let quickFalls = 0;
  for (let i = 0; i < 9; i++) {
    const next = restart({ quickFalls, livedMs: 10 });
    delays.push(next.delayMs);
    quickFalls = next.quickFalls;
  }
  assert.deepEqual(delays, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
});

test('one that had lived a while is started again at once', () => {
  assert.deepEqual(restart({ quickFalls: 7, livedMs: 10_000 }), { delayMs: 100, quickFalls: 1 });
});
