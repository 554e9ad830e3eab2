import assert from 'node:assert/strict';
import { test } from 'node:test';
import { list, type Targets, targetsOf } from './targets.ts';

const first = (targets: Targets, many: number): string[] => {
  const next = targetsOf(targets);
  return Array.from({ length: many }, next);
};

test('a list is asked in turn, from the first again after the last', () => {
  assert.deepEqual(first(list('/a', '/b'), 5), ['/a', '/b', '/a', '/b', '/a']);
});

test('an empty list is refused', () => {
  assert.throws(() => targetsOf(list()), /no target/);
});

test('distinct targets count up from where they are told to', () => {
  assert.deepEqual(first({ rule: 'distinct', prefix: '/o/' }, 3), ['/o/0', '/o/1', '/o/2']);
  assert.deepEqual(first({ rule: 'distinct', prefix: '/o/', from: 1_000 }, 2), ['/o/1000', '/o/1001']);
});

test('spread targets are the same for the same seed, others for another', () => {
  const spread = (seed: number) => first({ rule: 'spread', prefix: '/o/', count: 1_000_000, seed }, 100);
  assert.deepEqual(spread(7), spread(7));
  assert.notDeepEqual(spread(7), spread(8));
});

test('spread targets are below the count, and each is about as likely as another', () => {
  const times = new Map<string, number>();
  for (const target of first({ rule: 'spread', prefix: '/o/', count: 10, seed: 1 }, 10_000)) {
    times.set(target, (times.get(target) ?? 0) + 1);
  }
  assert.deepEqual(
    [...times.keys()].sort(),
    Array.from({ length: 10 }, (_, n) => `/o/${n}`),
  );
  for (const [target, seen] of times) assert.ok(seen > 850 && seen < 1_150, `${target}: ${seen} of 10000`);
});

test('the new ones among spread targets are as many as wanted, and none comes again with another seed', () => {
  const newOnes = (seed: number) =>
    first({ rule: 'spread', prefix: '/o/', count: 10, seed, newShare: 0.05 }, 10_000).filter((target) =>
      target.includes('new'),
    );
  const [one, two] = [newOnes(1), newOnes(2)];
  assert.ok(one.length > 420 && one.length < 580, `${one.length} of 10000`);
  assert.equal(new Set([...one, ...two]).size, one.length + two.length);
});
