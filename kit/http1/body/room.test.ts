import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Room } from './room.ts';

test('what is taken up to the last byte is there, and one more takes nothing', () => {
  const room = new Room(10);
  assert.deepEqual([room.take(4), room.take(7), room.taken], [true, false, 4]);
  assert.deepEqual([room.take(6), room.take(1), room.taken], [true, false, 10]);
});

test('what is given back may be taken again', () => {
  const room = new Room(10);
  room.take(10);
  room.giveBack(3);
  assert.deepEqual([room.take(4), room.take(3), room.taken], [false, true, 10]);
});

test('where there is no room nothing still fits', () => {
  const room = new Room(0);
  assert.deepEqual([room.take(0), room.take(1), room.taken], [true, false, 0]);
});
