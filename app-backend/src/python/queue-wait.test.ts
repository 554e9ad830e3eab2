import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueueWait } from './queue-wait.ts';

test('nobody has waited yet', () => {
  const wait = new QueueWait();
  assert.deepEqual([wait.cumulative(), wait.sum()], [Array(wait.bounds.length + 1).fill(0), 0]);
});

const rows: readonly [ms: number, le: number][] = [
  [0, 0.001],
  [1, 0.001],
  [1.1, 0.005],
  [500, 0.5],
  [501, 1],
  [30_000, 30],
  [30_001, Number.POSITIVE_INFINITY],
];

for (const [ms, le] of rows) {
  test(`${ms} ms count up from ${le} s, as a bound of Prometheus includes its own`, () => {
    const wait = new QueueWait();
    wait.observe(ms);
    const counted = [...wait.bounds, Number.POSITIVE_INFINITY].filter((_, i) => wait.cumulative()[i] === 1);
    assert.equal(counted[0], le);
    assert.equal(counted.at(-1), Number.POSITIVE_INFINITY);
    assert.equal(wait.sum(), ms / 1000);
  });
}

test('all that waited are counted, and their time together', () => {
  const wait = new QueueWait();
  for (const ms of [0.5, 3, 3, 60_000]) wait.observe(ms);
  assert.deepEqual(wait.cumulative(), [1, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4]);
  assert.ok(Math.abs(wait.sum() - 60.0065) < 1e-9);
});
