import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileTree } from '../testing/file-tree.ts';
import { listFolder } from './list-folder.ts';
import { Root, type Symlinks } from './root.ts';

async function rootOf(entries: Parameters<typeof fileTree>[0], symlinks?: Symlinks) {
  const tree = await fileTree(entries);
  const root = await Root.open(tree.path, 'FRONT_ROOT', undefined, symlinks);
  const names = async (folder: string) => (await listFolder(root, folder))?.entries.map(({ name }) => name);
  return { root, names, path: tree.path, [Symbol.asyncDispose]: () => tree[Symbol.asyncDispose]() };
}

test('a file has size and time, a folder its time alone', async () => {
  await using it = await rootOf({ 'd/f': 'four', 'd/empty': '', 'd/sub/': '' });
  await utimes(join(it.path, 'd/sub'), 5, 5);
  const mtime = Date.UTC(2026, 0, 2, 3, 4, 5);
  assert.deepEqual(await listFolder(it.root, 'd'), {
    entries: [
      { name: 'sub', type: 'folder', mtime: 5000 },
      { name: 'empty', type: 'file', size: 0, mtime },
      { name: 'f', type: 'file', size: 4, mtime },
    ],
    isWhole: true,
  });
});

test('folders come first, each kind by the code of its letters', async () => {
  const entries = ['b', 'B', 'a', '10', '9', 'é', 'z/', 'A/'].map((name) => [name, ''] as const);
  await using it = await rootOf(Object.fromEntries(entries));
  assert.deepEqual(await it.names('.'), ['A', 'z', '10', '9', 'B', 'a', 'b', 'é']);
});

test('an empty folder is there, and what is no folder is not', async () => {
  await using it = await rootOf({ 'd/': '', f: 'f', out: { link: '/etc' } });
  assert.deepEqual(await listFolder(it.root, 'd'), { entries: [], isWhole: true });
  for (const name of ['nowhere', 'nowhere/below', 'f', 'f/below', 'out', '..']) {
    assert.equal(await listFolder(it.root, name), undefined, name);
  }
});

test('names that nobody can ask for are left out', async () => {
  await using it = await rootOf({
    ...{ '.env': '', '..data/x': '', '.well-known/x': '', 'a\\b': '', 'a\nb': '', 'a\x7f': '' },
    ...{ 'a.b': '', 'a b': '', 'a%2Fb': '', ä: '' },
  });
  await writeFile(Buffer.concat([Buffer.from(`${it.path}/no-utf8-`), Buffer.from([0xff])]), '');
  assert.deepEqual(await it.names('.'), ['a b', 'a%2Fb', 'a.b', 'ä']);
  assert.equal((await listFolder(it.root, '.', 4))?.isWhole, true);
});

test('what is neither file nor folder is left out, by whatever name', async () => {
  await using it = await rootOf({
    f: 'f',
    way: { link: 'pipe' },
    dangling: { link: 'nowhere' },
    loop: { link: 'loop' },
  });
  execFileSync('mkfifo', [join(it.path, 'pipe')]);
  assert.deepEqual(await it.names('.'), ['f']);
});

test('a link is told of as what it leads to', async () => {
  await using it = await rootOf({
    'd/sub/x': 'x',
    'd/f': 'four',
    'd/to-sub': { link: 'sub' },
    'd/to-f': { link: 'f' },
  });
  const listing = await listFolder(it.root, 'd');
  assert.deepEqual(
    listing?.entries.map(({ name, type, ...more }) => [name, type, 'size' in more ? more.size : undefined]),
    [
      ['sub', 'folder', undefined],
      ['to-sub', 'folder', undefined],
      ['f', 'file', 4],
      ['to-f', 'file', 4],
    ],
  );
});

for (const [symlinks, expected] of [
  ['never', ['f.txt']],
  ['inside', ['f.txt', 'in']],
  ['any', ['f.txt', 'in', 'out']],
] as const satisfies [Symlinks, string[]][]) {
  test(`a listing has the links that are followed: ${symlinks}`, async () => {
    const entries = { 'f.txt': 'f', in: { link: 'f.txt' }, out: { link: '/etc/hostname' } };
    await using it = await rootOf(entries, symlinks);
    assert.deepEqual(await it.names('.'), expected);
  });
}

for (const [most, expected] of [
  [99, [99, false]],
  [100, [100, true]],
  [101, [100, true]],
] as const) {
  test(`of 100 entries, not counting what is left out, ${expected[0]} are told where ${most} may be`, async () => {
    const names = Array.from(
      { length: 100 },
      (_, i) =>
        [
          [`d/${i}`, ''],
          [`d/.${i}`, ''],
        ] as const,
    ).flat();
    await using it = await rootOf(Object.fromEntries(names));
    const listing = await listFolder(it.root, 'd', most);
    assert.deepEqual([listing?.entries.length, listing?.isWhole], expected);
    assert.equal(new Set(listing?.entries.map(({ name }) => name)).size, expected[0]);
  });
}

test('who asks while a folder is read gets what is read; who asks later sees what has changed', async () => {
  await using it = await rootOf({ 'd/a': 'a', 'e/x': 'x' });
  const [one, other, another] = await Promise.all(['d', 'd', 'e'].map((name) => listFolder(it.root, name)));
  assert.equal(one, other);
  assert.deepEqual(
    another?.entries.map(({ name }) => name),
    ['x'],
  );
  await writeFile(join(it.path, 'd/b'), 'b');
  assert.deepEqual(await it.names('d'), ['a', 'b']);
  await rm(join(it.path, 'd'), { recursive: true });
  assert.equal(await it.names('d'), undefined);
  await mkdir(join(it.path, 'd'));
  assert.deepEqual(await it.names('d'), []);
});

test('two roots that have a folder of one name do not get each other’s', async () => {
  await using one = await rootOf({ 'd/a': 'a' });
  await using other = await rootOf({ 'd/b': 'b' });
  assert.deepEqual(await Promise.all([one.names('d'), other.names('d')]), [['a'], ['b']]);
});

test('a folder that may not be read is none', { skip: process.getuid?.() === 0 && 'root may read all' }, async () => {
  await using it = await rootOf({ 'd/a': 'a' });
  await chmod(join(it.path, 'd'), 0);
  assert.equal(await it.names('d'), undefined);
  await chmod(join(it.path, 'd'), 0o700);
});
