import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markdownTable } from './table.ts';

test('a table has a header, a rule and its rows; a pipe in a cell divides nothing', () => {
  assert.equal(
    markdownTable(
      ['what', 'µs'],
      [
        ['a|b', '1'],
        ['c', '2'],
      ],
    ),
    '| what | µs |\n| --- | ---: |\n| a\\|b | 1 |\n| c | 2 |',
  );
});
