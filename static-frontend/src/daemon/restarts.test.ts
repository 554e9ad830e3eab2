import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Restarts } from './restarts.ts';

const soon = 10;
const long = 3_600_000;

test('who falls once is replaced at once, who falls again and again ever later, at his place alone', () => {
  const restarts = new Restarts(2);
  const delays = Array.from({ length: 12 }, () => restarts.fell(2, soon, 1000));
  assert.equal(delays[0], 0);
  assert.ok(delays.every((delay, at) => at === 0 || delay >= (delays[at - 1] ?? 0)));
  assert.equal(delays.at(-1), 30_000);
  assert.deepEqual(restarts.notBefore, [0, 31_000]);
});

test('who served for long before he fell is replaced at once', () => {
  const restarts = new Restarts(1);
  for (let i = 0; i < 5; i++) restarts.fell(1, soon, 0);
  assert.equal(restarts.fell(1, long, 500), 0);
  assert.deepEqual([restarts.notBefore, restarts.isHopeless], [[500], false]);
});

test('nobody is expected soon once three in a row fell quickly at each place', () => {
  const restarts = new Restarts(2);
  for (const place of [1, 1, 1, 2, 2]) restarts.fell(place, soon, 0);
  assert.equal(restarts.isHopeless, false);
  restarts.fell(2, soon, 0);
  assert.equal(restarts.isHopeless, true);
  restarts.forgive();
  assert.deepEqual([restarts.isHopeless, restarts.notBefore], [false, [0, 0]]);
  assert.equal(restarts.fell(1, soon, 0), 0);
});

test('a place that there is not is nobody’s', () => {
  const restarts = new Restarts(1);
  assert.deepEqual([restarts.fell(2, soon, 9), restarts.notBefore], [0, [0]]);
});

test('ends are counted by reason', () => {
  const restarts = new Restarts(1);
  for (const reason of ['crashed', 'reload', 'crashed']) restarts.count(reason);
  assert.deepEqual(restarts.byReason, { crashed: 2, reload: 1 });
});
