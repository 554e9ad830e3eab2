import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { forbidsTransforming, isText, knownCoding, preferredCoding, takesCoding } from './content-coding.ts';
import type { Fields } from './fields.ts';

const types: readonly [type: string, isText: boolean][] = [
  ['text/plain', true],
  ['TEXT/CSS;charset=utf-8', true],
  ['application/json', true],
  ['application/problem+json', true],
  ['application/javascript', true],
  ['text/javascript', true],
  ['image/svg+xml', true],
  ['application/xhtml+xml; charset=utf-8', true],
  ['application/rss+xml', true],
  ['application/wasm', true],
  ['font/ttf', true],
  ['font/woff2', false],
  ['image/jpeg', false],
  ['video/mp4', false],
  ['application/zip', false],
  ['application/octet-stream', false],
  ['Text/Event-Stream; charset=utf-8', false],
  ['text/event-streams', true],
  ['x-text/plain', false],
  ['image/vnd.microsoft.icon', true],
  ['application/json-seq', false],
  ['application/x+json+own', false],
  ['application/x-own;note="+json"', false],
  ['; charset=utf-8', false],
  ['', false],
];
for (const [type, expected] of types) {
  test(`${type || 'no type'} is ${expected ? '' : 'not '}worth compressing`, () =>
    assert.equal(isText(type), expected));
}

const wishes: readonly [acceptEncoding: string | undefined, coding: string | undefined][] = [
  [undefined, undefined],
  ['', undefined],
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['GZip', 'gzip'],
  ['gzip, deflate, br, zstd', 'zstd'],
  ['gzip, br', 'br'],
  ['gzip;q=1, br;q=0.9, zstd;q=0.8', 'gzip'],
  ['br;q=0, gzip', 'gzip'],
  ['zstd;q=0, *', 'br'],
  ['*', 'zstd'],
  ['*;q=0', undefined],
  ['identity', undefined],
  ['identity;q=1, gzip;q=0.5', undefined],
  ['identity;q=0.5, gzip;q=0.5', 'gzip'],
  ['identity;q=0, gzip;q=0.1', 'gzip'],
  ['identity;q=0', undefined],
  ['gzip;q=nonsense', undefined],
];
for (const [acceptEncoding, coding] of wishes) {
  test(`[case 51] "${acceptEncoding}" asks for ${coding ?? 'none'}`, () => {
    assert.equal(preferredCoding(acceptEncoding), coding);
    if (coding === 'gzip') assert.equal(takesCoding(acceptEncoding, 'gzip'), true);
    if (coding === undefined) assert.equal(takesCoding(acceptEncoding, 'gzip'), false);
  });
}

describe('a coding is taken by who', () => {
  for (const [acceptEncoding, taken] of [
    ['gzip, br', ['br', 'gzip']],
    ['gzip;q=0.1, br', ['br', 'gzip']],
    ['*', ['zstd', 'br', 'gzip']],
    ['*, br;q=0', ['zstd', 'gzip']],
    ['identity;q=0.5, gzip;q=0.4, br;q=0.5', ['br']],
    ['deflate', []],
    ['', []],
    [undefined, []],
  ] as const) {
    test(`"${acceptEncoding}" takes ${taken.join(' and ') || 'none'}, asked once or twice`, () => {
      const takes = () => (['zstd', 'br', 'gzip'] as const).filter((coding) => takesCoding(acceptEncoding, coding));
      assert.deepEqual([takes(), takes()], [taken, taken]);
    });
  }
});

describe('the coding of a content', () => {
  for (const [contentEncoding, coding] of [
    ['gzip', 'gzip'],
    ['x-gzip', 'gzip'],
    [' X-GZip ', 'gzip'],
    ['BR', 'br'],
    ['zstd', 'zstd'],
    // RFC 9110 §8.4.1 has no such names.
    ['x-br', undefined],
    ['x-x-gzip', undefined],
    ['deflate', undefined],
    ['gzip, br', undefined],
    ['identity', undefined],
    ['', undefined],
    [undefined, undefined],
  ] as const) {
    test(`"${contentEncoding}" is ${coding ?? 'none that is known'}`, () => {
      assert.equal(knownCoding(contentEncoding), coding);
    });
  }
});

const said: readonly [fields: Fields, isForbidden: boolean][] = [
  [[], false],
  [['Cache-Control', ''], false],
  [['Cache-Control', 'no-transform'], true],
  [['cache-control', 'max-age=5 , NO-Transform'], true],
  [['Cache-Control', 'max-age=5', 'Cache-Control', 'no-transform'], true],
  [['Cache-Control', 'x="a, no-transform"'], false],
  [['Cache-Control', 'x-no-transform, no-transformation'], false],
  [['Surrogate-Control', 'no-transform'], false],
];
for (const [fields, isForbidden] of said) {
  test(`${JSON.stringify(fields)} ${isForbidden ? 'forbids' : 'does not forbid'} to transform a content`, () => {
    assert.equal(forbidsTransforming(fields), isForbidden);
  });
}
