import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync, gzipSync, zstdDecompressSync } from 'node:zlib';
import { fileTree, writeAt } from '@trivet/kit/testing/file-tree.ts';
import { compressFolder } from './compress-folder.ts';

const text = 'Trivet stands on three legs.\n'.repeat(40);
const other = 'Trivet stood on four legs.\n'.repeat(40);
const noise = createHash('shake256', { outputLength: 4096 }).update('seed').digest();
const late = new Date('2026-03-01T00:00:00Z');

async function names(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return files.map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1)).sort();
}

test('each text of some size gets siblings that hold the same, and nothing else does', async () => {
  await using tree = await fileTree({
    'a.html': text,
    'sub/deep/b.css': text,
    'font.TTF': text,
    '.well-known/c.json': text,
    'small.txt': text.slice(0, 255),
    'noise.txt': noise,
    'picture.png': text,
    'bundle.tar': text,
    'bundle.tar.gz': 'a download',
    '.git/x.txt': text,
    '.hidden.txt': text,
    'link.txt': { link: 'a.html' },
  });
  const before = await names(tree.path);
  const summary = await compressFolder(tree.path, 2);
  const added = (await names(tree.path)).filter((name) => !before.includes(name));
  const withSiblings = ['.well-known/c.json', 'a.html', 'font.TTF', 'sub/deep/b.css'];
  assert.deepEqual(added, withSiblings.flatMap((name) => [`${name}.br`, `${name}.gz`, `${name}.zst`]).sort());
  for (const name of withSiblings) {
    assert.equal(String(brotliDecompressSync(await readFile(join(tree.path, `${name}.br`)))), text);
    assert.equal(String(gunzipSync(await readFile(join(tree.path, `${name}.gz`)))), text);
    assert.equal(String(zstdDecompressSync(await readFile(join(tree.path, `${name}.zst`)))), text);
  }
  const { files, made, small, bytes, failures } = summary;
  assert.deepEqual({ files, made, small, failures }, { files: 6, made: 12, small: 1, failures: [] });
  assert.equal(bytes, 4 * text.length);
});

test('a sibling is never older than its original, to the nanosecond, and has its rights', async () => {
  await using tree = await fileTree({ 'a.html': text });
  const path = join(tree.path, 'a.html');
  execFileSync('touch', ['-d', '2026-01-02 03:04:05.123456789', path]);
  await chmod(path, 0o640);
  await compressFolder(tree.path);
  const original = await stat(path, { bigint: true });
  assert.equal(original.mtimeNs % 1_000_000n, 456_789n);
  for (const suffix of ['.br', '.gz', '.zst']) {
    const sibling = await stat(path + suffix, { bigint: true });
    assert.ok(sibling.mtimeNs >= original.mtimeNs && sibling.mtimeNs < original.mtimeNs + 1_000_000n);
    assert.equal(Number(sibling.mode) & 0o777, 0o640);
  }
});

test('what is up to date is left alone, what is not is made anew', async () => {
  await using tree = await fileTree({ 'a.html': text, 'b.html': text });
  await compressFolder(tree.path);
  await writeAt(join(tree.path, 'a.html.gz'), 'made by somebody else', late);
  const inodes = async () =>
    Promise.all((await names(tree.path)).map(async (name) => (await stat(join(tree.path, name))).ino));
  const before = await inodes();
  const second = await compressFolder(tree.path);
  assert.deepEqual([second.made, second.current, await inodes()], [0, 2, before]);
  await writeAt(join(tree.path, 'b.html'), other, late);
  await rm(join(tree.path, 'a.html.br'));
  const third = await compressFolder(tree.path);
  assert.deepEqual([third.made, third.current], [4, 0]);
  assert.equal(String(gunzipSync(await readFile(join(tree.path, 'b.html.gz')))), other);
  assert.equal(await readFile(join(tree.path, 'a.html.gz'), 'utf8'), 'made by somebody else');
});

test('siblings that are stale and no longer worth having go', async () => {
  await using tree = await fileTree({ 'a.html': text, 'b.txt': text });
  await compressFolder(tree.path);
  await writeAt(join(tree.path, 'a.html'), 'short now', late);
  await writeAt(join(tree.path, 'b.txt'), noise, late);
  const { removed } = await compressFolder(tree.path);
  assert.deepEqual([removed, await names(tree.path)], [6, ['a.html', 'b.txt']]);
});

test('siblings of files that went go, downloads stay', async () => {
  await using tree = await fileTree({
    'a.html': text,
    'b.html': text,
    'c.css.br': 'x',
    'data.csv.gz': gzipSync(text),
    'dump.json.zst': 'x',
    'archive.tar.gz': 'x',
    'notes.gz': 'x',
    'd.html/': '',
    'd.html.br': 'x',
  });
  await compressFolder(tree.path);
  for (const name of ['a.html', 'b.html', 'b.html.br', 'b.html.zst']) await rm(join(tree.path, name));
  const { removed, left } = await compressFolder(tree.path);
  assert.deepEqual(await names(tree.path), ['archive.tar.gz', 'd.html.br', 'data.csv.gz', 'dump.json.zst', 'notes.gz']);
  assert.deepEqual([removed, [...left].sort()], [4, ['data.csv.gz', 'dump.json.zst']]);
});

test('a file that fails is named, and the others are done', async () => {
  await using tree = await fileTree({ 'a.html': text, 'b.html': text, 'b.html.gz/x': 'in the way' });
  await utimes(join(tree.path, 'b.html.gz'), 0, 0);
  const { failures, made } = await compressFolder(tree.path);
  assert.equal(made, 3);
  assert.match(failures.join(), /^b\.html: .*b\.html\.gz/);
  assert.ok(!(await names(tree.path)).some((name) => name.includes('draft')));
});

test('as a command it says what it did, and fails where it could not', async () => {
  await using tree = await fileTree({ 'a.html': text });
  const command = join(import.meta.dirname, 'compress.ts');
  const run = (folder: string) => spawnSync(process.execPath, [command, folder], { encoding: 'utf8' });
  const first = run(tree.path);
  assert.equal(first.status, 0);
  assert.match(
    first.stdout,
    /^1 files that may .* 0 up to date, 0 too small\n3 siblings written \(1160 bytes, at best \d+\), 0 removed\n$/,
  );
  assert.match(run(tree.path).stdout, /1 up to date.*\n0 siblings written, 0 removed\n$/);
  const nowhere = run(join(tree.path, 'nowhere'));
  assert.deepEqual([nowhere.status, nowhere.stdout], [1, '']);
  assert.match(nowhere.stderr, /ENOENT/);
});
