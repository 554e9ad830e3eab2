import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodedFields, notInTheCoding, ofTheForm, variedBy, weakened, withVary } from './encoded-fields.ts';
import type { Fields } from './fields.ts';

const tags: readonly [etag: string, weak: string][] = [
  ['"a"', 'W/"a"'],
  [' "a"', 'W/"a"'],
  ['W/"a"', 'W/"a"'],
  ['""', 'W/""'],
  ['no tag', 'no tag'],
  ['w/"a"', 'w/"a"'],
  ['"a', '"a'],
  ['', ''],
];
for (const [etag, weak] of tags) {
  test(`[case 51] weakened, ${etag} is ${weak}`, () => assert.equal(weakened(etag), weak));
}

const varied: readonly [before: Fields, after: string][] = [
  [[], 'Accept-Encoding'],
  [['Vary', ''], 'Accept-Encoding'],
  [['Vary', 'X'], 'X, Accept-Encoding'],
  [['vary', 'X', 'Vary', 'Y'], 'X, Y, Accept-Encoding'],
  [['Vary', 'accept-encoding, X'], 'accept-encoding, X'],
  [['Vary', 'X, Accept-Encoding', 'Vary', 'Accept-Encoding'], 'X, Accept-Encoding, Accept-Encoding'],
  [['Vary', 'Accept-Encoding-Not'], 'Accept-Encoding-Not, Accept-Encoding'],
  [['Vary', '*'], '*'],
  [['Vary', 'X, *'], 'X, *'],
  [['Vary', ' , '], 'Accept-Encoding'],
  [['Vary', 'ACCEPT-ENCODING'], 'ACCEPT-ENCODING'],
];
for (const [before, after] of varied) {
  test(`[case 51] Vary of ${JSON.stringify(before)} becomes ${after}`, () => {
    assert.equal(variedBy(before), after);
    assert.deepEqual(withVary(['A', 'b', ...before]), ['A', 'b', 'Vary', after]);
  });
}

const received = ['Content-Type', 'text/plain', 'Accept-Ranges', 'bytes'];

describe('a response that is compressed', () => {
  for (const [what, more, expected] of [
    ['says so, and what selects it', [], ['Vary', 'Accept-Encoding']],
    ['has a tag equal in meaning', ['ETag', '"a"'], ['ETag', 'W/"a"', 'Vary', 'Accept-Encoding']],
    ['keeps a weak tag', ['etag', 'W/"a"'], ['ETag', 'W/"a"', 'Vary', 'Accept-Encoding']],
    ['varies by what it did, too', ['vary', 'X', 'Vary', 'Y'], ['Vary', 'X, Y, Accept-Encoding']],
    ['has another length', ['Content-Length', '5'], ['Vary', 'Accept-Encoding']],
    ['has one coding', ['content-encoding', 'identity'], ['Vary', 'Accept-Encoding']],
  ] as const) {
    test(what, () => {
      assert.deepEqual(encodedFields([...more, ...received], 'br'), [
        ...received,
        ...expected,
        'Content-Encoding',
        'br',
      ]);
    });
  }

  for (const name of ['Content-MD5', 'Digest', 'Repr-Digest', 'Content-Digest']) {
    test(`has no ${name}, which is of other bytes`, () => {
      const fields = encodedFields([name, 'sha-256=:YQ==:', ...received], 'zstd');
      assert.deepEqual(fields, [...received, 'Vary', 'Accept-Encoding', 'Content-Encoding', 'zstd']);
    });
  }

  test('leaves the fields that it was given as they were', () => {
    const fields = Object.freeze(['ETag', '"a"', 'Vary', 'X']);
    encodedFields(fields, 'gzip');
    assert.deepEqual(fields, ['ETag', '"a"', 'Vary', 'X']);
  });
});

test('what says how long and how coded a body is, is not of one form alone', () => {
  assert.deepEqual([...notInTheCoding.difference(ofTheForm)], ['content-length', 'content-encoding']);
});
