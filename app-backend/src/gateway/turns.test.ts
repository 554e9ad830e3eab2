import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasTurn } from './turns.ts';

test('every sixteenth block waits for a turn of the event loop, and no other does', async () => {
  const waits = Array.from({ length: 33 }, (_, i) => i + 1).filter((blocks) => hasTurn(blocks) !== undefined);
  assert.deepEqual(waits, [16, 32]);
});

test('the turn is one of the loop: what is in its queue already comes first', async () => {
  const order: string[] = [];
  setImmediate(() => order.push('another'));
  await hasTurn(16);
  order.push('the application');
  assert.deepEqual(order, ['another', 'the application']);
});
