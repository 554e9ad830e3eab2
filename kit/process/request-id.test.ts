import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRequestId, newRequestId } from './request-id.ts';

test('no two request ids are the same, and each is 32 hex digits', () => {
  const ids = Array.from({ length: 1_000 }, newRequestId);
  assert.equal(new Set(ids).size, 1_000);
  for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/);
});

test('what is made here may be handed on', () => {
  assert.ok(isRequestId(newRequestId()));
});

for (const [text, verdict] of [
  ['5f1c:req-7/a@b+c=', true],
  ['a'.repeat(128), true],
  ['', false],
  ['a'.repeat(129), false],
  ['a b', false],
  ['a\nb', false],
  ['a\n', false],
  ['a"b', false],
  ['é', false],
] as const) {
  test(`${JSON.stringify(text.slice(0, 20))} (${text.length}) ${verdict ? 'may' : 'may not'} be handed on as an id`, () => {
    assert.equal(isRequestId(text), verdict);
  });
}
