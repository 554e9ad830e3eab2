import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryFile } from '../testing/memory-file.ts';
import { fileBlocks, fileBody, fileSourceOf, inFile } from './file-source.ts';

const content = Buffer.from(Array.from({ length: 150_000 }, (_, at) => (at * 7) % 251));
const k64 = 64 * 1024;

const ranges: readonly [what: string, first: number, last: number, blocks: readonly number[]][] = [
  ['one byte', 5, 5, [1]],
  ['one block', 0, k64 - 1, [k64]],
  ['a byte more than a block', 0, k64, [k64, 1]],
  ['the end', 149_990, 149_999, [10]],
  ['beyond the end, as of a file that was cut', 149_990, 400_000, [10]],
  ['nothing', 5, 4, []],
];

for (const [what, first, last, blocks] of ranges) {
  test(`a part of a file comes block by block: ${what}`, async () => {
    const pieces = await Array.fromAsync(fileBlocks(new MemoryFile(content), { first, last }));
    assert.deepEqual(
      pieces.map(({ length }) => length),
      blocks,
    );
    assert.ok(Buffer.concat(pieces).equals(content.subarray(first, last + 1)));
  });
}

test('no more is asked of a file than the part has', async () => {
  const file = new MemoryFile(content);
  await Array.fromAsync(fileBlocks(file, { first: 10, last: 10 + k64 }));
  assert.deepEqual(file.asked, [
    [10, k64],
    [10 + k64, 1],
  ]);
});

test('a block that was given is not written over by the next', async () => {
  const [one, other] = await Array.fromAsync(fileBlocks(new MemoryFile(content), { first: 0, last: 2 * k64 - 1 }));
  assert.ok(one && other && Buffer.from(one).equals(content.subarray(0, k64)));
  assert.notEqual(one.buffer === other.buffer && one.byteOffset === other.byteOffset, true);
});

test('a body says where its bytes are, gives them all the same, and its close closes the file', async () => {
  const file = new MemoryFile(content);
  const body = fileBody(file, { first: 3, last: 9 });
  assert.deepEqual(await fileSourceOf(body)?.(), { file, first: 3, length: 7 });
  assert.ok(Symbol.asyncIterator in body);
  assert.ok(Buffer.concat(await Array.fromAsync(body)).equals(content.subarray(3, 10)));
  assert.equal(file.closed, 0);
  await body.close?.();
  assert.equal(file.closed, 1);
});

test('a body that is wrapped, or of which nobody said anything, has no file', () => {
  const body = fileBody(new MemoryFile(content), { first: 0, last: 1 });
  assert.equal(fileSourceOf({ ...body }), undefined);
  assert.equal(fileSourceOf([]), undefined);
});

test('where the bytes are is asked for when they are sent, and not before', () => {
  let asked = 0;
  const source = () => {
    asked += 1;
    return { file: new MemoryFile(content), first: 0, length: undefined };
  };
  const body = inFile([], source);
  assert.equal(asked, 0);
  void fileSourceOf(body)?.();
  assert.equal(asked, 1);
});
