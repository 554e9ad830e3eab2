import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteQueue } from './byte-queue.ts';

test('bytes come out in the order they went in, whatever the pieces', () => {
  const step = fc.oneof(fc.uint8Array({ maxLength: 3000 }), fc.nat(4000));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const queue = new ByteQueue();
      let model = Buffer.alloc(0);
      for (const each of steps) {
        if (typeof each === 'number') {
          assert.deepEqual(queue.take(each), model.subarray(0, each));
          model = model.subarray(each);
        } else {
          queue.push(each);
          model = Buffer.concat([model, each]);
        }
        assert.equal(queue.length, model.length);
      }
    }),
  );
});

test('what was taken stays as it was when more is pushed', () => {
  const queue = new ByteQueue();
  queue.push(Buffer.from('first'));
  const taken = queue.take(5);
  queue.push(Buffer.from('other'));
  assert.equal(taken.toString(), 'first');
});

test('a line is as long as its line feed says, searched from where the last search ended', () => {
  const queue = new ByteQueue();
  queue.push(Buffer.from('ab'));
  assert.equal(queue.lineLength(0), undefined);
  queue.push(Buffer.from('c\nd\n'));
  assert.equal(queue.lineLength(2), 4);
  queue.take(4);
  assert.equal(queue.lineLength(0), 2);
});
