import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressesOf } from './places.ts';

test('requests go to who is ready, wait for who is expected, and fail at once if nobody is', () => {
  const nobody = '/s/none';
  const [a, b] = ['/s/1', '/s/2'];
  assert.deepEqual(addressesOf({ ready: [a, b], nobody, isExpected: false }, 4), [
    { kind: 'unix', path: a, maxConnections: 4 },
    { kind: 'unix', path: b, maxConnections: 4 },
  ]);
  for (const isExpected of [true, false]) {
    const [only] = addressesOf({ ready: [], nobody, isExpected }, 4);
    assert.deepEqual(only, { kind: 'unix', path: nobody, maxConnections: 0, down: !isExpected });
  }
});
