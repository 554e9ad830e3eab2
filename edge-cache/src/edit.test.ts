import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applied } from './edit.ts';

test('an edit removes every line of a name, and sets one in place of all', () => {
  const fields = ['A', '1', 'b', '2', 'B', '3', 'C', '4'];
  assert.deepEqual(applied({ remove: ['c'], set: { B: 'x', D: 'y' } }, fields), ['A', '1', 'B', 'x', 'D', 'y']);
  assert.deepEqual(applied({}, fields), fields);
});
