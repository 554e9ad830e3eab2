import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Broadcast } from './broadcast.ts';
import type { ToWorker } from './messages.ts';

const LONG_MS = 60_000;

function members(broadcast: Broadcast, ...numbers: number[]) {
  const heard = new Map<number, ToWorker[]>();
  for (const number of numbers) {
    const messages: ToWorker[] = [];
    heard.set(number, messages);
    broadcast.join(number, (message) => messages.push(message));
  }
  return (number: number) => heard.get(number) ?? [];
}

async function isOpen(told: Promise<unknown>): Promise<boolean> {
  const open = {};
  return (await Promise.race([told, Promise.resolve(open)])) === open;
}

test('what is told is done when all have done it, and their answers come with it', async () => {
  const broadcast = new Broadcast(LONG_MS);
  const heard = members(broadcast, 1, 2);
  const told = broadcast.tell('x');
  assert.deepEqual(heard(1), [{ trivet: 'do', id: 1, what: 'x' }]);
  broadcast.done(1, 1, 'one');
  assert.ok(await isOpen(told));
  // Twice the same is once.
  broadcast.done(1, 1, 'one');
  assert.ok(await isOpen(told));
  broadcast.done(2, 1, 'two');
  assert.deepEqual(await told, { answers: ['one', 'two'], missing: [] });
});

test('nobody is told by himself, and without others it is done at once', async () => {
  const broadcast = new Broadcast(LONG_MS);
  const heard = members(broadcast, 1);
  assert.deepEqual(await broadcast.tell('x', 1), { answers: [], missing: [] });
  assert.deepEqual(heard(1), []);
});

test('one that leaves is not waited for, and one that joins is not either', async () => {
  const broadcast = new Broadcast(LONG_MS);
  members(broadcast, 1, 2);
  const told = broadcast.tell('x');
  const late = members(broadcast, 3);
  broadcast.done(1, 1, 'one');
  broadcast.leave(2);
  assert.deepEqual(await told, { answers: ['one'], missing: [] });
  assert.deepEqual(late(3), []);
  // Its place is taken by another, who is no member before he joins.
  const next = broadcast.tell('y');
  broadcast.done(1, 2, 'one');
  broadcast.done(3, 2, 'three');
  assert.deepEqual(await next, { answers: ['one', 'three'], missing: [] });
});

test('one that cannot do it, or not in time, is named', async () => {
  const failing = new Broadcast(LONG_MS);
  members(failing, 1, 2);
  const told = failing.tell('x');
  failing.undone(1, 1);
  failing.done(2, 1, 'two');
  assert.deepEqual(await told, { answers: ['two'], missing: [1] });
  const hasty = new Broadcast(1);
  members(hasty, 1, 2);
  const late = hasty.tell('x');
  hasty.done(1, 1, 'one');
  assert.deepEqual(await late, { answers: ['one'], missing: [2] });
  // Nobody waits any more.
  hasty.done(2, 1, 'two');
});
