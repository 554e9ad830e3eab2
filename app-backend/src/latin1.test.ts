import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeLatin1, encodeLatin1, utf8OfLatin1 } from './latin1.ts';

test('any bytes come back as they were', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.deepEqual(new Uint8Array(encodeLatin1(decodeLatin1(bytes))), bytes);
    }),
  );
});

test('a byte is the character of the same number', () => {
  assert.equal(decodeLatin1(Uint8Array.of(0x41, 0xe9, 0x80)), 'A\u00e9\u0080');
});

for (const text of ['€', 'a\u0100', '😀']) {
  test(`${text} is refused, not cut`, () => {
    assert.throws(() => encodeLatin1(text), RangeError);
  });
}

test('the bytes of a native string are read as UTF-8', () => {
  assert.equal(utf8OfLatin1('caf\u00c3\u00a9 \u00e2\u0082\u00ac'), 'café €');
  assert.equal(utf8OfLatin1('\u00ff'), '\ufffd');
});
