import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Slots } from './slots.ts';

/** Slots of which so many are taken, and how often it was said that one came free. */
function given(limit: number, taken: number) {
  const heard = { times: 0, taken: -1 };
  const slots: Slots = new Slots(limit, () => {
    heard.times += 1;
    heard.taken = slots.taken;
  });
  for (let i = 0; i < taken; i++) slots.take();
  return { slots, heard };
}

describe('the connections of a member', () => {
  for (const [limit, taken, isFree] of [
    [1, 0, true],
    [1, 1, false],
    [2, 1, true],
    [2, 2, false],
    [0, 0, false],
    [1, 2, false],
  ] as const) {
    test(`${taken} of ${limit} taken: ${isFree ? 'one is' : 'none is'} free`, () => {
      const { slots } = given(limit, taken);
      assert.deepEqual([slots.taken, slots.isFree], [taken, isFree]);
    });
  }

  test('one that is left is free before it is said so', () => {
    const { slots, heard } = given(2, 2);
    slots.leave();
    assert.deepEqual([heard, slots.isFree], [{ times: 1, taken: 1 }, true]);
  });

  test('each that is left is told, whether or not others were free before', () => {
    const { slots, heard } = given(3, 2);
    slots.leave();
    slots.leave();
    assert.deepEqual(heard, { times: 2, taken: 0 });
  });

  test('below what is taken by now nothing is free, and nothing is told, until enough have left', () => {
    const { slots, heard } = given(3, 3);
    slots.change(1);
    const seen = [1, 2, 3].map(() => {
      slots.leave();
      return [slots.isFree, heard.times];
    });
    assert.deepEqual(seen, [
      [false, 0],
      [false, 0],
      [true, 1],
    ]);
  });

  test('a higher limit frees some at once; who raises it sees to those that wait', () => {
    const { slots, heard } = given(1, 1);
    slots.change(2);
    assert.deepEqual([slots.isFree, heard.times], [true, 0]);
  });

  test('with a limit of 0 nobody is told that one came free', () => {
    const { slots, heard } = given(1, 1);
    slots.change(0);
    slots.leave();
    assert.deepEqual([slots.isFree, heard.times], [false, 0]);
  });
});
