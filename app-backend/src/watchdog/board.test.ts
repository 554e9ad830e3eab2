import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Board, type Waiting } from './board.ts';

const someone: Waiting = { fd: 20, isHead: false, id: 'a' };

/** Somebody enters. */
const enter = (board: Board, { fd, isHead, id }: Waiting) => board.enter(fd, isHead, id);

test('another view of the same memory sees who waits, once', () => {
  const board = new Board();
  const watched = new Board(board.shared);
  const head: Waiting = { fd: 0, isHead: true, id: 'é'.repeat(3) };
  enter(board, someone);
  enter(board, head);
  assert.deepEqual(watched.takeAll(), [someone, head]);
  assert.deepEqual(watched.takeAll(), []);
});

test('who has left is not seen, and leaves the place to the next', () => {
  const board = new Board();
  const entry = enter(board, someone);
  assert.ok(entry !== undefined);
  board.leave(entry);
  assert.deepEqual(board.takeAll(), []);
  assert.equal(enter(board, { ...someone, id: 'b' }), entry);
  assert.deepEqual(board.takeAll(), [{ ...someone, id: 'b' }]);
});

test('an id that is too long is cut, not written over the next', () => {
  const board = new Board();
  enter(board, { ...someone, id: 'x'.repeat(200) });
  enter(board, { ...someone, id: 'y' });
  assert.deepEqual(
    board.takeAll().map(({ id }) => id),
    ['x'.repeat(63), 'y'],
  );
});

test('there is room for so many, and then for none until one leaves', () => {
  const board = new Board();
  const entries = Array.from({ length: 1_024 }, () => enter(board, someone));
  assert.ok(entries.every((entry) => entry !== undefined));
  assert.equal(enter(board, someone), undefined);
  board.leave(entries[0] ?? 0);
  assert.equal(enter(board, someone), entries[0]);
});

test('beats are seen by the other view, and that it is armed', () => {
  const board = new Board();
  const watched = new Board(board.shared);
  assert.deepEqual([watched.beats, watched.isArmed], [0, false]);
  board.beat();
  board.arm();
  assert.deepEqual([watched.beats, watched.isArmed], [1, true]);
});
