import assert from 'node:assert/strict';
import { mkdir, mkdtempDisposable, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { TempFolder } from './temp-folder.ts';

const PREFIX = 'trivet-some-bodies-';
const someFolder = () => mkdtempDisposable(join(tmpdir(), 'trivet-some-'));

test('the folder is its owner’s alone, and goes when it is disposed of', async () => {
  await using base = await someFolder();
  await mkdir(`${base.path}/a`);
  {
    await using folder = await TempFolder.open(base.path, PREFIX);
    assert.equal((await stat(folder.path ?? '')).mode & 0o777, 0o700);
  }
  assert.deepEqual(await readdir(base.path), ['a']);
});

test('a file has no name: it is gone with its process, however that ends', async () => {
  await using base = await someFolder();
  await using folder = await TempFolder.open(base.path, PREFIX);
  const file = await folder.create();
  try {
    await file.write('kept');
    assert.deepEqual(await readdir(folder.path ?? ''), []);
    assert.deepEqual([(await file.stat()).nlink, (await file.stat()).mode & 0o777], [0, 0o600]);
  } finally {
    await file.close();
  }
});

test('a folder that was tidied away is made anew', async () => {
  await using base = await someFolder();
  await using folder = await TempFolder.open(base.path, PREFIX);
  await rm(folder.path ?? '', { recursive: true });
  await (await folder.create()).close();
  assert.equal((await readdir(base.path)).length, 1);
});

test('empty folders of processes that are no more are swept away, others stay', async () => {
  await using base = await someFolder();
  await mkdir(`${base.path}/trivet-some-bodies-4194305-kept`);
  await writeFile(`${base.path}/trivet-some-bodies-4194305-kept/f`, 'f');
  // No process has so large an id: Linux gives none beyond 2^22.
  for (const name of ['trivet-some-bodies-4194305-a', `trivet-some-bodies-${process.pid}-a`, 'trivet-some-x']) {
    await mkdir(`${base.path}/${name}`);
  }
  await using folder = await TempFolder.open(base.path, PREFIX);
  const own = folder.path?.slice(base.path.length + 1) ?? '';
  assert.deepEqual(
    (await readdir(base.path)).sort(),
    [`trivet-some-bodies-${process.pid}-a`, 'trivet-some-bodies-4194305-kept', 'trivet-some-x', own].sort(),
  );
});

test('a base that is not there is said at once', async () => {
  await assert.rejects(TempFolder.open('/nonexistent/temp', PREFIX), { code: 'ENOENT' });
});
