import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRange } from './send.ts';
import type { Readable } from './stream-file.ts';

function fileOf(...reads: readonly number[]): Readable {
  const left = [...reads];
  const read = (buffer: Buffer) => Promise.resolve({ bytesRead: left.shift() ?? 0, buffer });
  return { read } as unknown as Readable;
}

test('short reads are put together', async () => {
  assert.equal((await readRange(fileOf(3, 1, 6), { first: 0, last: 9 })).length, 10);
});

test('a small file cut before its head is out is an error, not half an answer', async () => {
  await assert.rejects(readRange(fileOf(3), { first: 0, last: 9 }), { name: 'Fault', reason: 'internal' });
});
