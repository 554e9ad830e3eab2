import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Barrier } from './barrier.ts';

test('a barrier opens when the last party arrives and not before', async () => {
  const barrier = new Barrier(2);
  let isOpen = false;
  const seen = barrier.passed.then(() => {
    isOpen = true;
  });
  barrier.arrive();
  await new Promise(setImmediate);
  assert.equal(isOpen, false);
  barrier.arrive();
  await seen;
  assert.equal(isOpen, true);
});

test('those who come late pass', async () => {
  const barrier = new Barrier(1);
  barrier.arrive();
  barrier.arrive();
  await barrier.passed;
});

test('a barrier for nobody is open', () => new Barrier(0).passed);
