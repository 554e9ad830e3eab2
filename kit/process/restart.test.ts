import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restart } from './restart.ts';

const LONGEST_MS = 30_000;

test('a process that falls is started again at once, and ever later when it keeps falling, up to a limit', () => {
  let quickFalls = 0;
  const delays = Array.from({ length: 11 }, () => {
    const next = restart({ quickFalls, livedMs: 500 }, LONGEST_MS);
    quickFalls = next.quickFalls;
    return next.delayMs;
  });
  assert.deepEqual(delays, [0, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test('the limit holds after any number of falls', () => {
  assert.equal(restart({ quickFalls: 10_000, livedMs: 500 }, LONGEST_MS).delayMs, LONGEST_MS);
});

test('one that was well for a while is started again at once', () => {
  assert.deepEqual(restart({ quickFalls: 9, livedMs: 10_000 }, LONGEST_MS), { delayMs: 0, quickFalls: 0 });
});
