import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bodies } from './bodies.ts';

test('a body counts once, and until the last who uses it lets go', () => {
  const bodies = new Bodies();
  const body = Buffer.from('12345');
  bodies.hold('a', body);
  bodies.hold('a', Buffer.from('12345'));
  bodies.hold('b', Buffer.alloc(0));
  assert.equal(bodies.bytes, 5);
  bodies.release('a');
  assert.equal(bodies.get('a'), body);
  bodies.release('a');
  bodies.release('a');
  bodies.release('c');
  assert.deepEqual([bodies.get('a'), bodies.bytes], [undefined, 0]);
});
