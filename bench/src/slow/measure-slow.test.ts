import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimOf } from './measure-slow.ts';

test('a figure is a row, with a goal where there is one', () => {
  const what = 'x: an honest request beside 4 clients, idle';
  assert.deepEqual(claimOf('x', 'idle', 12.34, true), { what, seen: '12.3 ms', goal: '≤ 100 ms', isReached: true });
  assert.deepEqual(claimOf('x', 'idle', undefined, true), {
    what,
    seen: '> 5000 ms',
    goal: '≤ 100 ms',
    isReached: false,
  });
  assert.deepEqual(claimOf('x', 'idle', undefined, false), { what, seen: '> 5000 ms' });
});

test('a goal is reached up to its figure', () => {
  assert.deepEqual(
    [100, 100.1].map((ms) => claimOf('x', 'half a head', ms, true).isReached),
    [true, false],
  );
});
