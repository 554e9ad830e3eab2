import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorLines } from './errors.ts';

function written(...pieces: string[]): string[] {
  const lines: string[] = [];
  const errors = new ErrorLines((line) => void lines.push(line));
  for (const piece of pieces) errors.write(piece);
  errors.flush();
  return lines;
}

for (const [pieces, lines] of [
  [['one\ntwo\n'], ['one', 'two']],
  [['one\r\ntwo\rthree\n'], ['one', 'two', 'three']],
  [
    ['on', 'e\r', '\ntwo'],
    ['one', 'two'],
  ],
  [
    ['one\r', 'two'],
    ['one', 'two'],
  ],
  [['\n\none\n\n'], ['one']],
  [['one\r'], ['one']],
  [[''], []],
] as const) {
  test(`${JSON.stringify(pieces)} is logged as ${JSON.stringify(lines)}`, () => {
    assert.deepEqual(written(...pieces), lines);
  });
}

test('a line waits for its end, or for a flush', () => {
  const lines: string[] = [];
  const errors = new ErrorLines((line) => void lines.push(line));
  errors.write('half');
  assert.deepEqual(lines, []);
  errors.flush();
  assert.deepEqual(lines, ['half']);
});

test('a line without an end is not kept without an end', () => {
  const lines: string[] = [];
  const errors = new ErrorLines((line) => void lines.push(line));
  for (let i = 0; i < 100; i++) errors.write('x'.repeat(1000));
  assert.equal(lines.length, 1);
});

test('writelines writes each, and text is all it takes', () => {
  const lines: string[] = [];
  const errors = new ErrorLines((line) => void lines.push(line));
  errors.writelines(['a\n', 'b\n']);
  assert.deepEqual(lines, ['a', 'b']);
  assert.throws(() => errors.write(Buffer.from('x') as unknown as string), TypeError);
});
