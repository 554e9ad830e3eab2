import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodedFields, weakened, withVary } from '@trivet/kit/semantics/encoded-fields.ts';
import { type Fields, field } from '@trivet/kit/semantics/fields.ts';
import { packFields, unpackFields } from '../store/packed-fields.ts';
import { draftOf } from '../store/store-contract.ts';
import { decodableDraft, encodedDraft, madeHere, plainFields, receivedFields, withPlainLength } from './coded-form.ts';

const tags: readonly [etag: string, weak: string][] = [
  ['"a"', 'W/"a"'],
  [' "a"', 'W/"a"'],
  ['W/"a"', 'W/"a"'],
  ['""', 'W/""'],
  ['no tag', 'no tag'],
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
];
for (const [before, after] of varied) {
  test(`[case 51] Vary of ${JSON.stringify(before)} becomes ${after}`, () => {
    assert.deepEqual(withVary(['A', 'b', ...before]), ['A', 'b', 'Vary', after]);
  });
}

const received = [
  ...['Content-Type', 'text/plain', 'ETag', '"a"', 'Vary', 'X', 'Repr-Digest', 'sha-256=:YQ==:'],
  ...['Content-MD5', 'm', 'Accept-Ranges', 'bytes'],
];

test('what speaks of the bytes does not go with other bytes', () => {
  assert.deepEqual(encodedFields([...received, 'Content-Length', '5'], 'br'), [
    ...['Content-Type', 'text/plain', 'Accept-Ranges', 'bytes', 'ETag', 'W/"a"'],
    ...['Vary', 'X, Accept-Encoding', 'Content-Encoding', 'br'],
  ]);
});

const sorted = (fields: Fields) => packFields(fields).split('\r\n').sort();

test('an encoded draft knows what the origin sent, and what a client gets that decodes nothing', () => {
  const draft = draftOf({ sent: packFields(received), held: packFields(['Age', '5']) });
  const { sent, held } = withPlainLength(encodedDraft(draft, 'zstd'), 77);
  const [fields, kept] = [unpackFields(sent), unpackFields(held)];
  assert.equal(madeHere(kept), 'zstd');
  assert.deepEqual(sorted(receivedFields(fields, kept)), sorted([...received, 'Age', '5', 'Content-Length', '77']));
  const plain = plainFields(fields, kept);
  assert.deepEqual(
    sorted(plain),
    sorted([...received, 'Vary', 'X, Accept-Encoding'].filter((_, i) => i !== 4 && i !== 5)),
  );
});

test('a length that the origin announced is the length', () => {
  const draft = draftOf({ held: packFields(['Content-Length', '5']) });
  assert.equal(withPlainLength(draft, 5), draft);
});

test('a response that came compressed gets a Vary, which is not taken for the origin’s', () => {
  const coded = ['ETag', '"a"', 'Content-Encoding', 'gzip', 'Content-MD5', 'm'];
  const { sent, held } = decodableDraft(draftOf({ sent: packFields(coded), held: '' }));
  const [fields, kept] = [unpackFields(sent), unpackFields(held)];
  assert.deepEqual(fields, [...coded, 'Vary', 'Accept-Encoding']);
  assert.deepEqual(receivedFields(fields, kept), coded);
  assert.equal(madeHere(kept), undefined);
  assert.deepEqual(plainFields(fields, kept), ['ETag', 'W/"a"', 'Vary', 'Accept-Encoding']);
});

for (const fields of [['Content-Encoding', 'gzip', 'Cache-Control', 'no-transform'], ['Content-Encoding', 'a'], []]) {
  test(`a draft stays what it is: ${JSON.stringify(fields)}`, () => {
    const draft = draftOf({ sent: packFields(fields) });
    assert.equal(decodableDraft(draft), draft);
    assert.equal(field(fields, 'vary'), undefined);
  });
}
