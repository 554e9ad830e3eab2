import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldRecord } from './field-record.ts';

test('lines of one name become an array under the first spelling', () => {
  const record = fieldRecord(['X-A', '1', 'X-B', '2', 'x-a', '3', 'X-A', '4']);
  assert.deepEqual(Object.entries(record), [
    ['X-A', ['1', '3', '4']],
    ['X-B', '2'],
  ]);
});

test('keys can be asked for in lower case', () => {
  assert.deepEqual(Object.keys(fieldRecord(['X-A', '1'], 'lower case')), ['x-a']);
});

test('a field called __proto__ is a field like any other', () => {
  assert.deepEqual(Object.entries(fieldRecord(['__proto__', '1', 'constructor', '2'])), [
    ['__proto__', '1'],
    ['constructor', '2'],
  ]);
});
