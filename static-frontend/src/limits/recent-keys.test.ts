import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentKeys } from './recent-keys.ts';

/** Of these keys, those that are remembered, in the order given. */
function kept(keys: RecentKeys, names: readonly string[]): string {
  return names.filter((name) => keys.get(name) !== undefined).join(' ');
}

test('a key is due when it was last set to be, and one that was never set has no past', () => {
  const keys = new RecentKeys(10);
  assert.equal(keys.get('a'), undefined);
  keys.set('a', 5, 0);
  keys.set('b', 7, 0);
  keys.set('a', 6, 0);
  assert.deepEqual([keys.get('a'), keys.get('b'), keys.size], [6, 7, 2]);
});

test('a due of 0 is a past', () => {
  const keys = new RecentKeys(10);
  keys.set('a', 0, 0);
  keys.giveBack('a', 3);
  assert.equal(keys.get('a'), -3);
});

test('keys whose time has passed are let go as others come, two for each that comes', () => {
  const keys = new RecentKeys(100);
  for (let i = 0; i < 10; i++) keys.set(`old ${i}`, 5, 0);
  const sizes: number[] = [];
  for (let i = 0; i < 10; i++) {
    keys.set(`new ${i}`, 20, 10);
    sizes.push(keys.size);
  }
  assert.deepEqual(sizes, [9, 8, 7, 6, 5, 6, 7, 8, 9, 10]);
});

for (const [now, size] of [
  [4, 2],
  [5, 1],
] as const) {
  test(`a key that is due at 5 is ${size === 1 ? 'let go' : 'kept'} when another comes at ${now}`, () => {
    const keys = new RecentKeys(100);
    keys.set('a', 5, 0);
    keys.set('b', 20, now);
    assert.equal(keys.size, size);
  });
}

test('beyond the limit the one that goes is the one not asked for the longest, whoever owes most', () => {
  const keys = new RecentKeys(3);
  for (const [name, due] of [
    ['a', 900],
    ['b', 100],
    ['c', 500],
  ] as const) {
    keys.set(name, due, 0);
  }
  assert.equal(kept(keys, ['a']), 'a');
  keys.set('d', 50, 0);
  assert.equal(keys.size, 3);
  assert.equal(kept(keys, ['a', 'b', 'c', 'd']), 'a c d');
});

test('a key that comes again at the limit pushes nobody out', () => {
  const keys = new RecentKeys(2);
  keys.set('a', 100, 0);
  keys.set('b', 100, 0);
  keys.set('a', 200, 0);
  assert.equal(kept(keys, ['a', 'b']), 'a b');
});

test('what is given back is due earlier; a key that was let go meanwhile stays so', () => {
  const keys = new RecentKeys(10);
  keys.set('a', 100, 0);
  keys.giveBack('a', 30);
  keys.giveBack('b', 30);
  assert.deepEqual([keys.get('a'), keys.size], [70, 1]);
});

test('what is owed stays so many requests at another rate, and so does what had passed', () => {
  const keys = new RecentKeys(10);
  keys.set('owes', 1300, 1000);
  keys.set('owed', 900, 0);
  keys.rescale(0.1, 1000);
  assert.deepEqual([keys.get('owes'), keys.get('owed')], [1030, 990]);
});

test('all are forgotten at once', () => {
  const keys = new RecentKeys(10);
  keys.set('a', 5, 0);
  keys.clear();
  assert.deepEqual([keys.get('a'), keys.size], [undefined, 0]);
});
