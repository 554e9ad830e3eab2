import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { wordsOf } from './words.ts';

for (const [text, words] of [
  ['', []],
  [' -w  2\t--reload\n', ['-w', '2', '--reload']],
  [`--env 'A=b c' --env "D=e \\"f\\" \\g"`, ['--env', 'A=b c', '--env', 'D=e "f" \\g']],
  [`a\\ b'c'"d" ''`, ['a bcd', '']],
] as const) {
  test(`${JSON.stringify(text)} is ${JSON.stringify(words)}`, () => assert.deepEqual(wordsOf(text), words));
}

for (const text of [`'a`, `a "b`, 'a\\']) {
  test(`${text} is not closed`, () => assert.throws(() => wordsOf(text), /has nothing behind it/));
}

test('words are those of a shell', () => {
  const characters = fc.constantFrom('a', ' ', "'", '"', '\\', '=', '-');
  fc.assert(
    fc.property(fc.string({ unit: characters, maxLength: 12 }), (text) => {
      let words: string[];
      try {
        words = wordsOf(text);
      } catch {
        return;
      }
      const printed = execFileSync('/bin/sh', ['-c', `for w in ${text}; do printf '%s\\n' "$w"; done`]).toString();
      assert.deepEqual(words, printed.split('\n').slice(0, -1));
    }),
    { numRuns: 60 },
  );
});
