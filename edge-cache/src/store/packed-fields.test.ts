import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { flat, packFields, unpackFields } from './packed-fields.ts';

test('fields are packed as they stand on the wire', () => {
  assert.equal(packFields(['A', '1', 'b', 'x: y', 'C', '']), 'A: 1\r\nb: x: y\r\nC: \r\n');
  assert.equal(packFields([]), '');
});

const name = fc.string({ unit: fc.constantFrom(...'aZ-09!~'), minLength: 1 });
const value = fc.string({ unit: fc.constantFrom(...'a ,:;="\\\t\u00ff') });

test('unpacked, they are what they were', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), (lines) => {
      const fields = lines.flat();
      assert.deepEqual(unpackFields(packFields(fields)), fields);
    }),
  );
});

test('a flat text is the same text', () => {
  for (const text of ['', 'h/a?b', 'gr\u00fc\u00df \u{1f600}']) assert.equal(flat(text), text);
});
