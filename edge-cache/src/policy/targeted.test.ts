import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ordersOf } from './targeted.ts';

const table: readonly [what: string, fields: string[], from: string, maxAge: number | undefined][] = [
  ['Cache-Control alone', ['Cache-Control', 'max-age=1'], 'cache-control', 1],
  [
    'both targeted fields',
    ['Surrogate-Control', 'max-age=2', 'CDN-Cache-Control', 'max-age=3'],
    'cdn-cache-control',
    3,
  ],
  [
    'Surrogate-Control over Cache-Control',
    ['Cache-Control', 'no-store', 'Surrogate-Control', 'max-age=2'],
    'surrogate-control',
    2,
  ],
  ['an empty targeted field', ['Cache-Control', 'max-age=1', 'CDN-Cache-Control', ''], 'cache-control', 1],
  ['no dictionary', ['Cache-Control', 'max-age=1', 'CDN-Cache-Control', 'max-age=9, &&&'], 'cache-control', 1],
  ['a time that is a string', ['Cache-Control', 'max-age=1', 'CDN-Cache-Control', 'max-age="9"'], 'cache-control', 1],
  ['a key in upper case', ['Cache-Control', 'max-age=1', 'CDN-Cache-Control', 'Max-Age=9'], 'cache-control', 1],
  ['parameters', ['CDN-Cache-Control', 'foo, max-age=9;x=1; y'], 'cdn-cache-control', 9],
  ['a spaced equals sign', ['Cache-Control', 'max-age=1', 'CDN-Cache-Control', 'max-age =9'], 'cache-control', 1],
  ['a comma too many', ['Cache-Control', 'max-age=1', 'CDN-Cache-Control', 'max-age=9,'], 'cache-control', 1],
  ['an empty member', ['Cache-Control', 'max-age=1', 'CDN-Cache-Control', 'a,, max-age=9'], 'cache-control', 1],
  ['a decimal', ['Cache-Control', 'max-age=1', 'CDN-Cache-Control', 'max-age=9.0'], 'cache-control', 1],
  ['a decimal in a string', ['CDN-Cache-Control', 'a="max-age=9.0", max-age=9'], 'cdn-cache-control', 9],
  ['two times alike, the last', ['CDN-Cache-Control', 'max-age=8, max-age=9'], 'cdn-cache-control', 9],
  ['an inner list', ['CDN-Cache-Control', 'a=(b c);d', 'CDN-Cache-Control', 'max-age=9'], 'cdn-cache-control', 9],
  ['a date and a display string', ['CDN-Cache-Control', 'b=%"c", max-age=9, a=@1'], 'cdn-cache-control', 9],
  ['an unknown directive', ['Cache-Control', 'max-age=1', 'CDN-Cache-Control', 'none'], 'cdn-cache-control', undefined],
  [
    'content without a lifetime',
    ['Cache-Control', 'max-age=1', 'Surrogate-Control', 'content="ESI/1.0"'],
    'cache-control',
    1,
  ],
  ['a directive for us', ['Surrogate-Control', 'MaX-aGe=5;edge-cache'], 'surrogate-control', 5],
  [
    'a directive for another',
    ['Cache-Control', 'max-age=1', 'Surrogate-Control', 'max-age=5;other'],
    'cache-control',
    1,
  ],
  ['an extended lifetime', ['Surrogate-Control', 'max-age=600+60'], 'surrogate-control', 600],
];

for (const [what, fields, from, maxAge] of table) {
  test(`of ${what}, ${from} speaks`, () => {
    const orders = ordersOf(fields);
    assert.equal(orders.from, from);
    assert.equal(orders.directives.maxAge, maxAge);
  });
}

test('private and no-store are heard from a targeted field', () => {
  assert.equal(ordersOf(['CDN-Cache-Control', 'private', 'Cache-Control', 'max-age=9']).directives.isPrivate, true);
  assert.equal(ordersOf(['Surrogate-Control', 'no-store', 'Cache-Control', 'max-age=9']).directives.noStore, true);
});

test('the extension of an extended lifetime is time to revalidate', () => {
  assert.equal(ordersOf(['Surrogate-Control', 'max-age=600+60']).directives.staleWhileRevalidate, 60);
});

test('a directive that a targeted field calls false is not given', () => {
  const { directives } = ordersOf(['CDN-Cache-Control', 'no-store=?0, private="x-a", no-cache=?1']);
  assert.deepEqual([directives.noStore, directives.privateFields, directives.noCache], [false, ['x-a'], true]);
});
