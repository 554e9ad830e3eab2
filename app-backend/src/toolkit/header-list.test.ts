import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeaderList } from './header-list.ts';

const some = () =>
  new HeaderList([
    ['A', '1'],
    ['Set-Cookie', 'x'],
    ['B', '2'],
    ['set-cookie', 'y'],
  ]);

test('headers are asked for without case, repeats and all', () => {
  const list = some();
  assert.equal(list.get('a'), '1');
  assert.equal(list.get('SET-COOKIE'), 'x');
  assert.deepEqual(list.getAll('Set-Cookie'), ['x', 'y']);
  assert.equal(list.get('none'), undefined);
  assert.deepEqual([list.has('b'), list.has('none')], [true, false]);
});

test('set puts one line in the place of the first, or at the end', () => {
  const list = some();
  list.set('Set-Cookie', 'z');
  list.set('C', '3');
  assert.deepEqual(list.toList(), [
    ['A', '1'],
    ['Set-Cookie', 'z'],
    ['B', '2'],
    ['C', '3'],
  ]);
});

test('append adds, delete takes every line', () => {
  const list = some();
  list.append('A', '4');
  list.delete('set-cookie');
  assert.deepEqual(list.toList(), [
    ['A', '1'],
    ['B', '2'],
    ['A', '4'],
  ]);
});

test('the list that is given away is a list of its own', () => {
  const list = some();
  list.toList().pop();
  assert.equal(list.toList().length, 4);
});
