import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Asking } from '../route.ts';
import { type Plan, planOf } from './plan.ts';

const defaults = { bodyLimit: 100, compress: true };
const usual: Plan = {
  ...{ takesBodyFirst: true, bodyLimit: 100, isBuffered: true, swap: undefined },
  ...{ intercept: new Set(), moves: undefined, compresses: true },
};

const table: readonly [said: Partial<Asking>, expected: Partial<Plan>][] = [
  [{}, {}],
  [{ requestBuffering: 'full', buffering: 'on' }, {}],
  [{ requestBuffering: 'stream' }, { takesBodyFirst: false }],
  [{ buffering: 'off' }, { isBuffered: false }],
  [{ bodyLimit: '1KB' }, { bodyLimit: 1024 }],
  [{ bodyLimit: '0B' }, { bodyLimit: 0 }],
  [{ base: '/a/', to: '/' }, { swap: { base: '/a/', to: '/' } }],
  [{ base: '/a/' }, {}],
  [{ to: '/' }, {}],
  [{ intercept: [404, 500, 404] }, { intercept: new Set([404, 500]) }],
  [{ location: { 'http://a/': '/' } }, { moves: { location: [['http://a/', '/']], domain: [], path: [] } }],
  [{ cookies: { path: { '/a': '/' } } }, { moves: { location: [], domain: [], path: [['/a', '/']] } }],
  [{ location: {}, cookies: {} }, {}],
  [{ compress: false }, { compresses: false }],
];

for (const [said, expected] of table) {
  test(`${JSON.stringify(said)} means ${JSON.stringify(expected)} beside what goes for all`, () => {
    assert.deepEqual(planOf({ proxy: 'app', base: undefined, ...said }, defaults), { ...usual, ...expected });
  });
}

test('a route may compress where the others do not', () => {
  const quiet = { bodyLimit: 0, compress: false };
  const asked = { proxy: 'app', base: undefined };
  assert.equal(planOf({ ...asked, compress: true }, quiet).compresses, true);
  assert.deepEqual([planOf(asked, quiet).compresses, planOf(asked, quiet).bodyLimit], [false, 0]);
});

test('a limit that the site’s check would have named is no limit that is guessed', () => {
  assert.throws(() => planOf({ proxy: 'app', base: undefined, bodyLimit: '1 potato' }, defaults));
});
