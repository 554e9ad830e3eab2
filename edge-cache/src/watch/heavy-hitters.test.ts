import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HeavyHitters } from './heavy-hitters.ts';

test('as long as there is room the sums are exact, the largest first', () => {
  const hitters = new HeavyHitters(3);
  for (const [name, weight] of [
    ['a', 1],
    ['b', 5],
    ['a', 1],
    ['c', 3],
  ] as const) {
    hitters.add(name, weight);
  }
  assert.deepEqual(hitters.top(2), [
    { name: 'b', count: 5, over: 0 },
    { name: 'c', count: 3, over: 0 },
  ]);
});

test('a new name takes the place of the least once it may come to more, and tells by how much it may be too high', () => {
  const hitters = new HeavyHitters(2);
  hitters.add('a', 10);
  hitters.add('b', 4);
  hitters.add('c', 3);
  const before = hitters.top(9).map(({ name }) => name);
  hitters.add('c', 2);
  assert.deepEqual(before, ['a', 'b']);
  assert.deepEqual(hitters.top(9), [
    { name: 'a', count: 10, over: 0 },
    { name: 'c', count: 5, over: 3 },
  ]);
});

test('names that come once each do not drive out one that comes again and again', () => {
  const hitters = new HeavyHitters(10);
  for (let i = 0; i < 10_000; i++) hitters.add(i % 20 === 0 ? 'often' : `/${i}`, 1);
  const [first] = hitters.top(1);
  assert.equal(first?.name, 'often');
  assert.equal(first?.count, 500);
});

const additions = fc.array(fc.tuple(fc.nat({ max: 60 }), fc.integer({ min: 1, max: 1000 })), { maxLength: 400 });

/** What both say of the same additions. */
function both(given: readonly (readonly [number, number])[], capacity: number) {
  const exact = new Map<string, number>();
  const hitters = new HeavyHitters(capacity);
  let sum = 0;
  for (const [n, weight] of given) {
    const name = `/${n}`;
    exact.set(name, (exact.get(name) ?? 0) + weight);
    hitters.add(name, weight);
    sum += weight;
  }
  return { exact, sum, top: hitters.top(Number.POSITIVE_INFINITY) };
}

test('for any additions the bounds of every sum hold, in the room that was given', () => {
  fc.assert(
    fc.property(additions, fc.integer({ min: 1, max: 20 }), (given, capacity) => {
      const { exact, sum, top } = both(given, capacity);
      assert.ok(top.length <= capacity);
      for (const { name, count, over } of top) {
        const really = exact.get(name) ?? 0;
        assert.ok(really <= count && count - over <= really, `${name}: ${count - over} <= ${really} <= ${count}`);
        assert.ok(over <= sum / capacity);
      }
    }),
  );
});

test('for any additions no name with more than its share is missed', () => {
  fc.assert(
    fc.property(additions, fc.integer({ min: 1, max: 20 }), (given, capacity) => {
      const { exact, sum, top } = both(given, capacity);
      const found = new Set(top.map(({ name }) => name));
      for (const [name, really] of exact) assert.ok(found.has(name) || really <= sum / capacity, name);
    }),
  );
});
