import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock } from '../testing/clock.ts';
import { Merit } from './merit.ts';
import type { AddressRule, Settings } from './options.ts';
import { firstTurn } from './smooth.ts';

const address: AddressRule = { kind: 'tcp', host: '192.0.2.1', port: 80 };

/** A member of weight 10, in a world that the test changes by parts. */
function given(over: Partial<Pick<Settings, 'balance' | 'slowStartMs' | 'ejection'>> = {}) {
  const clock = new ManualClock(0);
  const ejection = { maxFails: 1, failMs: 1_000, longestMs: 4_000 };
  const world = { balance: 'peak-ewma' as const, slowStartMs: 0, ejection, clock: clock.read, ...over };
  return { clock, world, merit: new Merit({ ...address, weight: 10 }, world) };
}

describe('the weight of a member', () => {
  test('is 1 where it was told none, at first and later', () => {
    const { world, merit } = given();
    assert.equal(new Merit(address, world).weight, 1);
    merit.change(address, world);
    assert.deepEqual([merit.weight, merit.share], [1, 1]);
  });

  test('counts in full for who was there from the start', () => {
    assert.equal(given({ slowStartMs: 1_000 }).merit.share, 10);
  });

  test('counts in full for who comes where nobody starts slowly, though they do by and by', () => {
    const { world, merit } = given();
    merit.rise();
    merit.change({ ...address, weight: 10 }, { ...world, slowStartMs: 1_000 });
    assert.equal(merit.share, 10);
  });

  test('grows from a tenth to the whole for who comes, and itself stays what it is', () => {
    const { clock, merit } = given({ slowStartMs: 1_000 });
    merit.rise();
    const shares = [0, 500, 499, 1, 5_000].map((ms) => {
      clock.advance(ms);
      return [Math.round(merit.share * 100) / 100, merit.weight];
    });
    assert.deepEqual(shares, [
      [1, 10],
      [5.5, 10],
      [9.99, 10],
      [10, 10],
      [10, 10],
    ]);
  });

  test('that has grown does not shrink when others are to start more slowly', () => {
    const { clock, world, merit } = given({ slowStartMs: 1_000 });
    merit.rise();
    clock.advance(1_000);
    assert.equal(merit.share, 10);
    merit.change({ ...address, weight: 10 }, { ...world, slowStartMs: 10_000 });
    assert.equal(merit.share, 10);
  });

  test('grows as it is told by now while it grows', () => {
    const { clock, world, merit } = given({ slowStartMs: 1_000 });
    merit.rise();
    clock.advance(500);
    merit.change({ ...address, weight: 20 }, { ...world, slowStartMs: 500 });
    assert.equal(merit.share, 20);
  });

  test('grows anew each time that it comes back', () => {
    const { clock, merit } = given({ slowStartMs: 1_000 });
    merit.rise();
    clock.advance(900);
    merit.rise();
    assert.equal(merit.share, 1);
  });
});

describe('the turn of a member', () => {
  test('is the one that it was given', () => {
    const { merit } = given();
    assert.equal(merit.turn, firstTurn);
    merit.took({ current: -3, lowered: 2 });
    assert.deepEqual(merit.turn, { current: -3, lowered: 2 });
  });

  test('begins anew without what was saved up, and failures stay', () => {
    const { merit } = given();
    merit.took({ current: -3, lowered: 2 });
    merit.forgetTurns();
    assert.deepEqual(merit.turn, { current: 0, lowered: 2 });
  });

  for (const [maxFails, lowered] of [
    [1, 10],
    [3, 3],
    [100, 0],
  ] as const) {
    test(`is worth ${lowered} less after a failure of the ${maxFails} that take it out`, () => {
      const { merit } = given({ ejection: { maxFails, failMs: 1, longestMs: 1 } });
      merit.took({ current: 4, lowered: 0 });
      merit.failed(undefined);
      assert.deepEqual(merit.turn, { current: 4, lowered });
    });
  }

  test('is made less by a failure by what the weight is now', () => {
    const { world, merit } = given();
    merit.change({ ...address, weight: 4 }, world);
    merit.failed(undefined);
    assert.equal(merit.turn.lowered, 4);
  });
});

describe('how fast a member is', () => {
  test('nobody knows before it answered', () => {
    const { merit } = given();
    assert.equal(merit.asked(), 0);
    assert.equal(merit.peak, undefined);
  });

  test('is how long an answer took to begin', () => {
    const { clock, merit } = given();
    clock.advance(100);
    const askedAt = merit.asked();
    clock.advance(30);
    merit.answered(askedAt);
    assert.deepEqual(merit.peak, { ms: 30, at: 130 });
  });

  test('is how long a failure took, and no better for one that came fast', () => {
    const { clock, merit } = given();
    clock.advance(50);
    merit.failed(0);
    assert.deepEqual(merit.peak, { ms: 50, at: 50 });
    clock.advance(10);
    merit.failed(59);
    assert.deepEqual(merit.peak, { ms: 50, at: 50 });
  });

  test('is a little better for an answer that came fast', () => {
    const { clock, merit } = given();
    clock.advance(50);
    merit.answered(0);
    clock.advance(10);
    merit.answered(59);
    const { ms = 0, at } = merit.peak ?? {};
    assert.equal(at, 60);
    assert.ok(ms > 49 && ms < 50, `${ms}`);
  });

  test('is not told by a request whose beginning was not noted', () => {
    const { clock, merit } = given();
    clock.advance(50);
    merit.answered(undefined);
    merit.failed(undefined);
    assert.equal(merit.peak, undefined);
  });

  test('is not measured where the balance does not look at it', () => {
    const { clock, merit } = given({ balance: 'round-robin' });
    assert.equal(merit.asked(), undefined);
    clock.advance(50);
    merit.answered(0);
    merit.failed(0);
    assert.equal(merit.peak, undefined);
  });

  test('is kept, and not told, while another balance is in force', () => {
    const { clock, world, merit } = given();
    clock.advance(30);
    merit.answered(0);
    merit.change(address, { ...world, balance: 'random' });
    merit.answered(0);
    assert.equal(merit.peak, undefined);
    merit.change(address, world);
    assert.deepEqual(merit.peak, { ms: 30, at: 30 });
  });
});
