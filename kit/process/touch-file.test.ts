import assert from 'node:assert/strict';
import { mkdtempDisposable, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { touchFile } from './touch-file.ts';

test('a file is touched when its time, its content or the file itself is another; not when it is gone', async () => {
  await using tree = await mkdtempDisposable(join(tmpdir(), 'trivet-touch-'));
  const path = join(tree.path, 'f');
  for (const name of ['f', 'other']) await writeFile(join(tree.path, name), 'one');
  let touched = 0;
  const file = touchFile(path, () => touched++);
  assert.deepEqual([file.paths, file.isOutdated()], [[path], false]);
  for (const [what, change] of [
    ['its time', () => utimes(path, 1, 1)],
    ['its content', () => writeFile(path, 'longer')],
    ['another file', () => rename(join(tree.path, 'other'), path)],
  ] as const) {
    await change();
    assert.equal(file.isOutdated(), true, what);
    const before = touched;
    await file.reload();
    assert.deepEqual([touched, file.isOutdated()], [before + 1, false], what);
  }
  await rm(path);
  assert.equal(file.isOutdated(), false);
  await writeFile(path, 'back');
  assert.equal(file.isOutdated(), true);
});

test('one that is not there yet is touched when it comes', async () => {
  await using tree = await mkdtempDisposable(join(tmpdir(), 'trivet-touch-'));
  const path = join(tree.path, 'reload.txt');
  const file = touchFile(path, () => undefined);
  assert.equal(file.isOutdated(), false);
  await writeFile(path, '');
  assert.equal(file.isOutdated(), true);
});
