import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OutcomeMemory } from './outcome-memory.ts';

const miss = {
  at: 1,
  status: 200,
  cacheStatus: 'edge-cache; fwd=uri-miss; stored',
  trail: ['receive', 'lookup', 'fetch', 'deliver'],
  requestId: 'm',
};
const hit = {
  at: 2,
  status: 304,
  cacheStatus: 'edge-cache; hit; ttl=31',
  trail: ['receive', 'lookup', 'deliver'],
  requestId: 'h',
};

test('of misses and plain hits the last one is known, whichever it was', () => {
  const memory = new OutcomeMemory();
  assert.equal(memory.of('a'), undefined);
  memory.note('a', miss);
  assert.deepEqual(memory.of('a'), miss);
  memory.noteHit('a', { at: 2, status: 304, ttl: 31, requestId: 'h' });
  assert.deepEqual(memory.of('a'), hit);
  memory.note('a', miss);
  assert.deepEqual(memory.of('a'), miss);
});

test('the object in which a hit is told may be used again for another key', () => {
  const memory = new OutcomeMemory();
  const told = { at: 2, status: 304, ttl: 31, requestId: 'h' };
  memory.noteHit('a', told);
  Object.assign(told, { at: 3, status: 200, ttl: 5, requestId: 'i' });
  memory.noteHit('b', told);
  assert.deepEqual(memory.of('a'), hit);
  assert.deepEqual(memory.of('b'), {
    ...hit,
    at: 3,
    status: 200,
    cacheStatus: 'edge-cache; hit; ttl=5',
    requestId: 'i',
  });
});

test('what was decided on the last answer stays known when hits follow it', () => {
  const memory = new OutcomeMemory();
  memory.admitted('a', 200, { verdict: 'store', why: 'max-age' } as Parameters<OutcomeMemory['admitted']>[2], 1);
  memory.stored('a');
  memory.noteHit('a', { at: 2, status: 200, ttl: 1, requestId: 'h' });
  assert.deepEqual(memory.arrivalOf('a'), { at: 1, status: 200, verdict: 'store', why: 'max-age', isStored: true });
});

test('a key that is hit again and again is not forgotten for those that are asked for once', () => {
  const memory = new OutcomeMemory();
  for (let i = 0; i < 10_000; i++) {
    memory.noteHit('often', { at: i, status: 200, ttl: 1, requestId: 'h' });
    memory.note(`/${i}`, miss);
  }
  assert.equal(memory.of('often')?.at, 9_999);
  assert.equal(memory.of('/1'), undefined);
});
