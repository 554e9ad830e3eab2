import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Restarts } from './restarts.ts';

const soon = 10;
const long = 3_600_000;

test('who falls once is replaced at once, who falls again and again ever later, at his place alone', () => {
  const restarts = new Restarts();
  const delays = Array.from({ length: 12 }, () => restarts.fell(2, soon, 1000));
  assert.equal(delays[0], 0);
  assert.ok(delays.every((delay, at) => at === 0 || delay >= (delays[at - 1] ?? 0)));
  assert.equal(delays.at(-1), 30_000);
  assert.deepEqual(restarts.notBefore(2), [0, 31_000]);
});

test('who served for long before he fell is replaced at once', () => {
  const restarts = new Restarts();
  for (let i = 0; i < 5; i++) restarts.fell(1, soon, 0);
  assert.equal(restarts.fell(1, long, 500), 0);
  assert.deepEqual([restarts.notBefore(1), restarts.isHopeless(1)], [[500], false]);
});

test('nobody is expected soon once three in a row fell quickly at each place', () => {
  const restarts = new Restarts();
  for (const place of [1, 1, 1, 2, 2]) restarts.fell(place, soon, 0);
  assert.equal(restarts.isHopeless(2), false);
  restarts.fell(2, soon, 0);
  assert.equal(restarts.isHopeless(2), true);
  restarts.forgive();
  assert.deepEqual([restarts.isHopeless(2), restarts.notBefore(2)], [false, [0, 0]]);
  assert.equal(restarts.fell(1, soon, 0), 0);
});

test('of places that are not wanted nothing is told, and all is known when they are again', () => {
  const restarts = new Restarts();
  for (let i = 0; i < 3; i++) restarts.fell(2, soon, 9);
  assert.deepEqual([restarts.notBefore(1), restarts.isHopeless(1)], [[0], false]);
  assert.deepEqual(restarts.notBefore(3), [0, 509, 0]);
});

test('ends are counted by reason', () => {
  const restarts = new Restarts();
  for (const reason of ['crashed', 'reload', 'crashed']) restarts.count(reason);
  assert.deepEqual(restarts.byReason, { crashed: 2, reload: 1 });
});
