import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './eventually.ts';

test('the probe is asked again until it no longer throws', async () => {
  let asked = 0;
  const value = await eventually(() => {
    asked += 1;
    assert.equal(asked, 3);
    return 'done';
  });
  assert.equal(value, 'done');
});

test('after the deadline the last complaint is told', async () => {
  const complaint = new Error('two of three workers are up');
  await assert.rejects(
    eventually(() => Promise.reject(complaint), 20),
    (error: Error) => /not so after 20 ms: two of three/.test(error.message) && error.cause === complaint,
  );
});
