import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectsOf } from './objects.ts';

test('objects are distinct, of mixed sizes, and together as large as asked', () => {
  const asked = 64 * 1024 * 1024;
  const targets = objectsOf(asked);
  const sizes = targets.map((target) => Number(target.split('/')[2]));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  assert.equal(new Set(targets).size, targets.length);
  assert.deepEqual(
    [...new Set(sizes)].sort((a, b) => a - b),
    [1, 4, 16, 64, 256, 1024].map((kilobytes) => kilobytes * 1024),
  );
  assert.ok(total >= asked && total < asked * 1.05, `${total} bytes`);
});
