import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualTimers } from '@trivet/kit/testing/manual-timers.ts';
import { Deadlines, type Mortal } from './deadlines.ts';

class One implements Mortal {
  expiredAfter: number | undefined;
  readonly #then: () => void;

  constructor(then: () => void = () => undefined) {
    this.#then = then;
  }

  expire(mostMs: number): void {
    this.expiredAfter = mostMs;
    this.#then();
  }
}

function stand() {
  const timers = new ManualTimers();
  const deadlines = new Deadlines<One>({ mostMs: 100, clock: timers.clock.read, timer: timers.set });
  return { timers, deadlines };
}

test('each expires when its time has come, not before, and once', () => {
  const { timers, deadlines } = stand();
  const [first, second] = [new One(), new One()];
  deadlines.add(first);
  timers.advance(60);
  deadlines.add(second);
  timers.advance(39);
  assert.equal(first.expiredAfter, undefined);
  timers.advance(1);
  assert.deepEqual([first.expiredAfter, second.expiredAfter], [100, undefined]);
  first.expiredAfter = undefined;
  timers.advance(59);
  assert.equal(second.expiredAfter, undefined);
  timers.advance(1);
  assert.deepEqual([first.expiredAfter, second.expiredAfter], [undefined, 100]);
});

test('who is removed does not expire, and one timer does for all', () => {
  const { timers, deadlines } = stand();
  const all = Array.from({ length: 50 }, () => new One());
  for (const one of all) {
    deadlines.add(one);
    deadlines.remove(one);
    assert.equal(timers.count, 1);
  }
  timers.advance(1000);
  assert.ok(all.every(({ expiredAfter }) => expiredAfter === undefined));
  assert.equal(timers.count, 0);
});

test('who comes after all have gone has all of its time', () => {
  const { timers, deadlines } = stand();
  const [first, second] = [new One(), new One()];
  deadlines.add(first);
  deadlines.remove(first);
  timers.advance(50);
  deadlines.add(second);
  timers.advance(99);
  assert.equal(second.expiredAfter, undefined);
  timers.advance(1);
  assert.equal(second.expiredAfter, 100);
});

test('who comes while another expires, in its place, has all of its time', () => {
  const { timers, deadlines } = stand();
  const next = new One();
  deadlines.add(new One(() => deadlines.add(next)));
  timers.advance(100);
  assert.equal(timers.count, 1);
  timers.advance(99);
  assert.equal(next.expiredAfter, undefined);
  timers.advance(1);
  assert.equal(next.expiredAfter, 100);
});
