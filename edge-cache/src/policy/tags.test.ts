import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tagsOf } from './tags.ts';

for (const [what, fields, tags] of [
  ['Surrogate-Key', ['Surrogate-Key', ' a  b\tc '], ['a', 'b', 'c']],
  ['Cache-Tag', ['Cache-Tag', 'a,, b ,c d'], ['a', 'b', 'c d']],
  ['Cache-Groups', ['Cache-Groups', '"scripts", "a, b";x=1'], ['scripts', 'a, b']],
  ['several fields and lines', ['Surrogate-Key', 'a', 'surrogate-key', 'b', 'Cache-Tag', 'a'], ['a', 'b']],
  ['an empty field', ['Surrogate-Key', '', 'Cache-Tag', ''], []],
  ['no field', [], []],
] as const) {
  test(`tags from ${what}`, () => assert.deepEqual(tagsOf(fields), tags));
}
