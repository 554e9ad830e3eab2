import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LastWords } from './last-words.ts';

test('the last 4 KiB are kept, however they came', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 6000 }), { maxLength: 8 }), (lengths) => {
      const words = new LastWords();
      const text = lengths.map((length, at) => String(at).repeat(length)).join('');
      let from = 0;
      for (const length of lengths) {
        words.add(Buffer.from(text.slice(from, from + length)));
        from += length;
      }
      assert.equal(words.lines.join('\n'), text.slice(-4096));
    }),
  );
});

test('they are told by lines', () => {
  const words = new LastWords();
  assert.deepEqual(words.lines, []);
  words.add(Buffer.from('one\ntwo\n'));
  assert.deepEqual(words.lines, ['one', 'two']);
});
