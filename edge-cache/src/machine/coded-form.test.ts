import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fields, field } from '@trivet/kit/semantics/fields.ts';
import { packFields, unpackFields } from '../store/packed-fields.ts';
import { draftOf } from '../store/store-contract.ts';
import { decodableDraft, encodedDraft, madeHere, plainFields, receivedFields, withPlainLength } from './coded-form.ts';

const received = [
  ...['Content-Type', 'text/plain', 'ETag', '"a"', 'Vary', 'X', 'Repr-Digest', 'sha-256=:YQ==:'],
  ...['Content-MD5', 'm', 'Accept-Ranges', 'bytes'],
];

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
