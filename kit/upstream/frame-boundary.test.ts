import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everySplit } from '../testing/every-split.ts';
import { FrameBoundary, goingAway } from './frame-boundary.ts';

function frame(payloadBytes: number, { masked = false } = {}): Buffer {
  const head = Buffer.alloc(payloadBytes < 126 ? 2 : payloadBytes < 65536 ? 4 : 10);
  head[0] = 0x82;
  head[1] = (masked ? 0x80 : 0) | (payloadBytes < 126 ? payloadBytes : payloadBytes < 65536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(payloadBytes, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(payloadBytes), 2);
  // Payload of 0xff: taken for a head it would lead far astray.
  return Buffer.concat([head, Buffer.alloc(masked ? 4 : 0, 0xff), Buffer.alloc(payloadBytes, 0xff)]);
}

for (const bytes of [0, 1, 125, 126, 65535, 65536]) {
  for (const masked of [false, true]) {
    test(`a ${masked ? 'masked ' : ''}frame of ${bytes} bytes ends with its last byte`, () => {
      const boundary = new FrameBoundary();
      const whole = frame(bytes, { masked });
      boundary.pass(whole.subarray(0, -1));
      assert.equal(boundary.isBetweenFrames, false);
      boundary.pass(whole.subarray(-1));
      assert.equal(boundary.isBetweenFrames, true);
    });
  }
}

test('it makes no difference how the frames are cut into chunks', () => {
  const frames = Buffer.concat([frame(3), frame(130, { masked: true }), frame(0)]);
  for (const chunks of everySplit(frames)) {
    const boundary = new FrameBoundary();
    for (const chunk of chunks) boundary.pass(chunk);
    assert.equal(boundary.isBetweenFrames, true);
  }
});

test('a stream begins between frames', () => {
  assert.equal(new FrameBoundary().isBetweenFrames, true);
});

test('the frame that says goodbye is one whole frame', () => {
  const boundary = new FrameBoundary();
  boundary.pass(goingAway);
  assert.equal(boundary.isBetweenFrames, true);
});
