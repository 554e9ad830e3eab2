import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../testing/eventually.ts';
import { silentLog } from '../../testing/silent.ts';
import { Heartbeat } from './heartbeat.ts';
import type { ToWorker } from './messages.ts';

/** Long enough that the test makes the rounds. */
const LONG_MS = 1_000_000;

function worker(number: number) {
  const heard: ToWorker[] = [];
  const worker = {
    post: { number },
    pid: 100 + number,
    heard,
    kills: 0,
    send: (message: ToWorker) => void heard.push(message),
    kill: () => {
      worker.kills += 1;
    },
  };
  return worker;
}

function stand(timeoutMs = LONG_MS) {
  const [one, other] = [worker(1), worker(2)];
  const heartbeat = new Heartbeat({ timeoutMs, log: silentLog, workers: () => [one, other] });
  const rounds = (times: number) => {
    for (let i = 0; i < times; i++) heartbeat.round();
  };
  return { one, other, heartbeat, rounds, [Symbol.dispose]: () => heartbeat[Symbol.dispose]() };
}

test('a worker that leaves ten questions unanswered is killed in the next round, and once', () => {
  using s = stand();
  for (const each of [s.one, s.other]) s.heartbeat.heard(each);
  for (let round = 1; round <= 10; round++) {
    s.rounds(1);
    s.heartbeat.heard(s.other);
  }
  assert.deepEqual([s.one.heard.length, s.one.heard[0], s.one.kills], [10, { trivet: 'ping' }, 0]);
  s.rounds(30);
  assert.equal(s.one.kills, 1);
});

test('one that ends by itself when it hangs has the time for that, whenever the rounds are', () => {
  const one = worker(1);
  using heartbeat = new Heartbeat({ timeoutMs: 2 * LONG_MS, graceMs: LONG_MS, log: silentLog, workers: () => [one] });
  heartbeat.heard(one);
  for (let round = 1; round <= 16; round++) heartbeat.round();
  assert.equal(one.kills, 0);
  heartbeat.round();
  assert.equal(one.kills, 1);
});

test('one that says a word in time has the whole time again', () => {
  using s = stand();
  s.heartbeat.heard(s.one);
  for (let i = 0; i < 5; i++) {
    s.rounds(10);
    s.heartbeat.heard(s.one);
  }
  assert.equal(s.one.kills, 0);
});

test('one that has not been heard yet is loading its code, however long that takes', () => {
  using s = stand();
  s.rounds(50);
  assert.deepEqual([s.one.kills, s.one.heard.length], [0, 50]);
});

test('rounds are made by themselves, and with a time of 0 there are none', async () => {
  using never = stand(0);
  using s = stand(10);
  s.heartbeat.heard(s.one);
  await eventually(() => assert.equal(s.one.kills, 1));
  assert.deepEqual(never.one.heard, []);
});
