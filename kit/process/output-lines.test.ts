import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { eachLine, Tail } from './output-lines.ts';

async function linesOf(chunks: readonly Buffer[], longest?: number): Promise<string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  eachLine(stream, (line) => lines.push(line), longest);
  const ended = once(stream, 'end');
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await ended;
  return lines;
}

test('lines come whole, however their bytes came', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.stringMatching(/^[^\r\n]{1,20}$/)), fc.array(fc.nat(30)), async (lines, cuts) => {
      const bytes = Buffer.from(lines.join('\n'));
      const at = cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b);
      const chunks = [0, ...at].map((from, index) => bytes.subarray(from, at[index]));
      assert.deepEqual(await linesOf(chunks), lines);
    }),
  );
});

test('empty lines are left out, and so is the carriage return', async () => {
  assert.deepEqual(await linesOf([Buffer.from('a\r\n\n\r\nb')]), ['a', 'b']);
});

test('one that does not end is cut', async () => {
  assert.deepEqual(await linesOf([Buffer.from('12345'), Buffer.from('678901\nx')], 4), ['1234', '5678', '901', 'x']);
});

test('the tail has the last lines, and not all of a long one', () => {
  const tail = new Tail(2);
  for (const line of ['a', 'b', 'c'.repeat(1000)]) tail.add(line);
  assert.deepEqual(tail.lines, ['b', 'c'.repeat(400)]);
});
