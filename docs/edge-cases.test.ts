import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { edgeCases, inapplicable } from '../edge-cache/edge-cases.ts';
import { edgeCasesPage, shownBy } from './edge-cases.ts';

const files = shownBy();
const count = edgeCases.reduce((sum, { cases }) => sum + cases.length, 0);
const numbers = Array.from({ length: count }, (_, i) => i + 1);

test('there are 72 edge cases', () => assert.equal(count, 72));

test('every edge case is shown by a test that names it, or it is said why it is not', () => {
  assert.deepEqual(
    numbers.filter((number) => !files.has(number) && !(number in inapplicable)),
    [],
  );
});

test('no test names an edge case that is none, or one that does not apply', () => {
  const unknown = [...files.keys()].filter((number) => !numbers.includes(number) || number in inapplicable);
  assert.deepEqual(unknown, []);
});

test('docs/edge-cases.md is as the list and the tests are (npm run docs)', () => {
  const page = readFileSync(new URL('edge-cases.md', import.meta.url), 'utf8');
  assert.equal(page, edgeCasesPage(files));
});
