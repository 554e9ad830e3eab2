import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Board, type Waiting } from './board.ts';

const someone: Waiting = { fd: 20, isHead: false, id: 'a' };

test('another view of the same memory sees who waits, once', () => {
  const board = new Board();
  const watched = new Board(board.shared);
  const head: Waiting = { fd: 0, isHead: true, id: 'é'.repeat(3) };
  board.enter(someone);
  board.enter(head);
  assert.deepEqual(watched.takeAll(), [someone, head]);
  assert.deepEqual(watched.takeAll(), []);
});

test('who has left is not seen, and leaves the place to the next', () => {
  const board = new Board();
  const entry = board.enter(someone);
  assert.ok(entry !== undefined);
  board.leave(entry);
  assert.deepEqual(board.takeAll(), []);
  assert.equal(board.enter({ ...someone, id: 'b' }), entry);
  assert.deepEqual(board.takeAll(), [{ ...someone, id: 'b' }]);
});

test('an id that is too long is cut, not written over the next', () => {
  const board = new Board();
  board.enter({ ...someone, id: 'x'.repeat(200) });
  board.enter({ ...someone, id: 'y' });
  assert.deepEqual(
    board.takeAll().map(({ id }) => id),
    ['x'.repeat(63), 'y'],
  );
});

test('there is room for so many, and then for none until one leaves', () => {
  const board = new Board();
  const entries = Array.from({ length: 1_024 }, () => board.enter(someone));
  assert.ok(entries.every((entry) => entry !== undefined));
  assert.equal(board.enter(someone), undefined);
  board.leave(entries[0] ?? 0);
  assert.equal(board.enter(someone), entries[0]);
});

test('beats are seen by the other view', () => {
  const board = new Board();
  const watched = new Board(board.shared);
  assert.equal(watched.beats, 0);
  board.beat();
  assert.equal(watched.beats, 1);
});
