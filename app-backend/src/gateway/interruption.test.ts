import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { Interruption } from './interruption.ts';

const left = new Fault('client-left', 'gone');
const late = new Fault('timeout-first-byte', 'late');
const never = new Promise<never>(() => undefined);

test('what is waited for comes through', async () => {
  const interruption = new Interruption();
  assert.equal(await interruption.wait(Promise.resolve(5)), 5);
  await assert.rejects(interruption.wait(Promise.reject(new Error('own'))), /own/);
});

test('every waiter is woken with the cause, later ones too', async () => {
  const interruption = new Interruption();
  const waits = [interruption.wait(never), interruption.wait(never)];
  interruption.interrupt(left);
  for (const wait of [...waits, interruption.wait(never), interruption.wait(Promise.resolve(1))]) {
    await assert.rejects(wait, (error) => error === left);
  }
});

test('the first cause stays, and it is the reason of the signal', () => {
  const interruption = new Interruption();
  assert.equal(interruption.signal.aborted, false);
  interruption.interrupt(left);
  interruption.interrupt(late);
  assert.equal(interruption.cause, left);
  assert.equal(interruption.signal.reason, left);
});
