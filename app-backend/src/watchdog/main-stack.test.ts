import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mainStack } from './main-stack.ts';

test('the main thread is not to stop itself: why there is no stack is told in its place', async () => {
  const lines = await mainStack();
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /^not known: .*not a worker/);
});
