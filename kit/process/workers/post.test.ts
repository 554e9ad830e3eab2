import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPost, writePost } from './post.ts';

test('a worker reads the post that was written for it, and nothing else', () => {
  const post = { number: 2, of: 4, admin: '/tmp/x/2.sock' };
  assert.deepEqual(readPost(writePost(post)), post);
  assert.equal(readPost(undefined), undefined);
  for (const text of ['{}', 'null', '{"number":"1","of":2,"admin":"x"}'])
    assert.throws(() => readPost(text), TypeError);
});
