import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { dropped, passed } from './buffer-collector.ts';

const megabyte = 1024 * 1024;

function heldMegabytes(): number {
  return process.memoryUsage().arrayBuffers / megabyte;
}

test('two hundred megabytes of passing buffers never hold more than a fraction of that', () => {
  let most = 0;
  for (let i = 0; i < 3_200; i++) {
    passed(Buffer.allocUnsafeSlow(64 * 1024).length);
    most = Math.max(most, heldMegabytes());
  }
  assert.ok(most < 50, `${most.toFixed(0)} MB were held at once`);
});

test('long-lived buffers that were dropped are gone once enough of them were', async () => {
  let kept: Buffer[] = [];
  for (let i = 0; i < 512; i++) kept.push(Buffer.allocUnsafeSlow(64 * 1024));
  // The first collection makes them old: the second, of the young alone, would not find them.
  dropped(64 * megabyte, 64 * megabyte);
  assert.ok(heldMegabytes() >= 32);
  kept = [];
  dropped(32 * megabyte, 32 * megabyte);
  // What the collector found is freed behind it, by another thread.
  await eventually(() => assert.ok(heldMegabytes() < 8, `${heldMegabytes().toFixed(0)} MB are still held`));
});
