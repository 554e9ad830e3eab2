import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UncacheableMemory } from './uncacheable.ts';

test('a key is remembered for two minutes, or until an answer could be stored', () => {
  const memory = new UncacheableMemory();
  memory.note('a', 'set-cookie', 0);
  assert.equal(memory.recall('a', 119_999)?.why, 'set-cookie');
  assert.equal(memory.recall('b', 0), undefined);
  assert.equal(memory.recall('a', 120_000), undefined);
  memory.note('a', 'private', 0);
  memory.forget('a');
  assert.equal(memory.recall('a', 1), undefined);
});

test('the number of remembered keys is bounded', () => {
  const memory = new UncacheableMemory();
  for (let i = 0; i < 25_000; i++) memory.note(`${i}`, 'private', 0);
  assert.equal(memory.size, 10_000);
  assert.equal(memory.recall('24999', 1)?.why, 'private');
});
