import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDirectives } from './directives.ts';
import { ageAt, reuse, ttlAt } from './reuse.ts';

const life = { born: 0, freshUntil: 60_000, graceUntil: 70_000, errorUntil: 90_000, keepUntil: 100_000 };
const strict = { born: 0, freshUntil: 60_000, graceUntil: 60_000, errorUntil: 60_000, keepUntil: 100_000 };

for (const [now, verdict] of [
  [0, 'serve'],
  [59_999, 'serve'],
  [60_000, 'serve-and-refresh'],
  [69_999, 'serve-and-refresh'],
  [70_000, 'revalidate'],
  [99_999, 'revalidate'],
  [100_000, 'gone'],
] as const) {
  test(`at ${now} the verdict is ${verdict}`, () => assert.equal(reuse(life, now).verdict, verdict));
}

for (const [asked, now, of, verdict, why] of [
  ['no-cache', 1000, life, 'revalidate', 'request'],
  ['no-store', 1000, life, 'revalidate', 'request'],
  ['max-age=0', 0, life, 'serve', 'fresh'],
  ['max-age=0', 1, life, 'revalidate', 'request'],
  ['max-age=10', 10_000, life, 'serve', 'fresh'],
  ['max-age=10', 10_001, life, 'revalidate', 'request'],
  ['max-age=10, max-stale', 10_001, life, 'serve', 'fresh'],
  ['min-fresh=60', 0, life, 'serve', 'fresh'],
  ['min-fresh=60', 1, life, 'revalidate', 'request'],
  ['max-stale=20', 79_000, life, 'serve', 'max-stale'],
  ['max-stale=20', 80_001, life, 'revalidate', 'expired'],
  ['max-stale', 99_000, life, 'serve', 'max-stale'],
  ['max-stale', 61_000, strict, 'revalidate', 'expired'],
  ['no-cache', 65_000, life, 'revalidate', 'request'],
] as const) {
  test(`a request that says ${asked} at ${now} gets: ${verdict}, ${why}`, () => {
    assert.deepEqual(reuse(of, now, parseDirectives(asked.split(', '))), { verdict, why });
  });
}

test('age is whole seconds, never negative', () => {
  assert.deepEqual(
    [-5, 0, 999, 1000, 61_500].map((now) => ageAt(life, now)),
    [0, 0, 0, 1, 61],
  );
});

test('what is left of the lifetime is negative once it is stale', () => {
  assert.deepEqual(
    [0, 59_001, 60_000, 60_001, 65_000].map((now) => ttlAt(life, now)),
    [60, 1, 0, -1, -5],
  );
});
