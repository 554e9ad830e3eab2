import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { openFile } from './opened-file.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

test('a file is read from where it stands, and stands behind what was read', async () => {
  await using tree = await fileTree({ f: 'abcdefgh' });
  await using file = await openFile(join(tree.path, 'f'));
  assert.deepEqual([file.size, file.position], [8, 0]);
  assert.equal(file.lastModified, Date.parse('2026-01-02T03:04:05Z'));
  assert.deepEqual([text(await file.read(3)), file.position], ['abc', 3]);
  assert.deepEqual([text(await file.read(100)), file.position], ['defgh', 8]);
  assert.deepEqual([text(await file.read(1)), file.position], ['', 8]);
  file.seek(6);
  assert.equal(text(await file.read(1)), 'g');
});

for (const position of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
  test(`${position} is no position, and the file stays where it stands`, async () => {
    await using tree = await fileTree({ f: 'abc' });
    await using file = await openFile(join(tree.path, 'f'));
    file.seek(1);
    assert.throws(() => file.seek(position), RangeError);
    assert.equal(file.position, 1);
  });
}

for (const [position, first, length] of [
  [0, 0, 8],
  [5, 5, 3],
  [8, 8, 0],
  [20, 20, 0],
] as const) {
  test(`a server reads from ${position} what is left: ${length} bytes`, async () => {
    await using tree = await fileTree({ f: 'abcdefgh' });
    await using file = await openFile(join(tree.path, 'f'));
    file.seek(position);
    const { source } = file;
    assert.deepEqual([source.first, source.length], [first, length]);
    const { bytesRead } = await source.file.read(Buffer.alloc(20), 0, 20, source.first);
    assert.equal(bytesRead, length);
    assert.equal(file.position, position);
  });
}

test('the length is that of the time when it was opened: who cuts it is found out by who sends it', async () => {
  await using tree = await fileTree({ f: 'abcdefgh' });
  await using file = await openFile(join(tree.path, 'f'));
  await truncate(join(tree.path, 'f'), 2);
  assert.equal(file.source.length, 8);
});

test('a FIFO is refused at once, though nobody writes to it', async () => {
  await using tree = await fileTree({ f: '' });
  const fifo = join(tree.path, 'fifo');
  execFileSync('mkfifo', [fifo]);
  await assert.rejects(openFile(fifo), /is not a regular file/);
});

test('what is not there is refused as the system does', async () => {
  await assert.rejects(openFile('/nowhere/f'), { code: 'ENOENT' });
});

test('a closed file is closed', async () => {
  await using tree = await fileTree({ f: 'abc' });
  const file = await openFile(join(tree.path, 'f'));
  await file.close();
  await assert.rejects(file.read(1), { code: 'EBADF' });
});
