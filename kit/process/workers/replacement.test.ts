import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPost, writePost } from './post.ts';
import { replacement } from './replacement.ts';

test('a worker is replaced at once, and ever later when the next ones die soon', () => {
  let quickDeaths = 0;
  const delays = Array.from({ length: 11 }, () => {
    const next = replacement({ quickDeaths, livedMs: 500 });
    quickDeaths = next.quickDeaths;
    return next.delayMs;
  });
  assert.deepEqual(delays, [0, 250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('one that was well for a while is replaced at once again', () => {
  assert.deepEqual(replacement({ quickDeaths: 9, livedMs: 10_000 }), { delayMs: 0, quickDeaths: 0 });
});

test('a worker reads the post that was written for it, and nothing else', () => {
  const post = { number: 2, of: 4, admin: '/tmp/x/2.sock' };
  assert.deepEqual(readPost(writePost(post)), post);
  assert.equal(readPost(undefined), undefined);
  for (const text of ['{}', 'null', '{"number":"1","of":2,"admin":"x"}'])
    assert.throws(() => readPost(text), TypeError);
});
