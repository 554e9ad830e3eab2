import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GrowingBuffer } from './growing-buffer.ts';

test('all pieces come out as one, in order, and once', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 40 }), (pieces) => {
      const buffer = new GrowingBuffer();
      const whole = Buffer.concat(pieces);
      for (const piece of pieces) buffer.add(Buffer.from(piece));
      assert.equal(buffer.length, whole.length);
      assert.deepEqual(buffer.take(), whole);
      assert.deepEqual([buffer.length, buffer.take().length], [0, 0]);
    }),
  );
});

test('a thousand pieces of one byte take up no more than twice their length', () => {
  const buffer = new GrowingBuffer();
  for (let i = 0; i < 1000; i++) buffer.add(Buffer.from('x'));
  assert.ok(buffer.take().buffer.byteLength <= 2000);
});

test('the only piece is not copied', () => {
  const piece = Buffer.from('whole');
  const buffer = new GrowingBuffer();
  buffer.add(piece);
  assert.equal(buffer.take().buffer, piece.buffer);
});
