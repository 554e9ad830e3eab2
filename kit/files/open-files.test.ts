import assert from 'node:assert/strict';
import { chmod, cp, mkdir, rename, symlink, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '../testing/clock.ts';
import { fileTree, textOf, writeAt } from '../testing/file-tree.ts';
import { OpenFiles } from './open-files.ts';
import type { OpenFile } from './opened.ts';
import { type Opens, Root } from './root.ts';

const time = new Date('2026-01-02T03:04:05Z');

async function openFiles(path: string, options: { most?: number; leastBytes?: number } = {}) {
  const clock = new ManualClock(0);
  const root = await Root.open(path, 'FRONT_ROOT', clock.read);
  const files = new OpenFiles({ root, most: 8, leastBytes: 0, clock: clock.read, ...options });
  return { clock, root, files, [Symbol.dispose]: () => files[Symbol.dispose]() };
}

async function open(files: Opens, name: string): Promise<OpenFile> {
  const opened = await files.open(name);
  assert.ok(opened.is === 'file', opened.is);
  return opened;
}

/** What a request for `name` gets, and the descriptor that it reads from. */
async function read(files: Opens, name: string): Promise<{ text: string; fd: number }> {
  const opened = await files.open(name);
  if (opened.is !== 'file') return { text: opened.is === 'withheld' ? opened.why : opened.is, fd: -1 };
  try {
    return { text: await textOf(opened), fd: opened.handle.fd };
  } finally {
    await opened.handle.close();
  }
}

async function keepOpen(files: Opens, name: string): Promise<void> {
  for (let i = 0; i < 2; i++) await read(files, name);
}

test('a file that is asked for twice within a second stays open, one that is asked for now and then does not', async () => {
  await using tree = await fileTree({ 'a.txt': 'a', 'b.txt': 'b' });
  using kept = await openFiles(tree.path);
  const { files, clock } = kept;
  for (let i = 0; i < 3; i++) {
    await read(files, 'a.txt');
    clock.advance(1000);
  }
  assert.equal(files.stats().files, 0);
  await keepOpen(files, 'a.txt');
  const first = await open(files, 'a.txt');
  const second = await open(files, 'a.txt');
  assert.equal(first.handle.fd, second.handle.fd);
  assert.deepEqual([files.stats().files, files.stats().answers], [1, 2]);
  await first.handle.close();
  await first.handle.close();
  assert.equal(await textOf(second), 'a');
  await second.handle.close();
  assert.equal((await read(files, 'a.txt')).text, 'a');
});

test('small files and what is no file do not stay open', async () => {
  await using tree = await fileTree({ 'small.txt': '1234', 'large.txt': '12345', 'd/x': 'x' });
  using kept = await openFiles(tree.path, { leastBytes: 5 });
  for (const name of ['small.txt', 'd', 'nothing', 'large.txt']) await keepOpen(kept.files, name);
  await keepOpen(kept.files, 'large.txt');
  assert.equal(kept.files.stats().files, 1);
});

test('a name is looked at again after half a second, once for all who ask at that moment', async () => {
  await using tree = await fileTree({ 'a.txt': 'a' });
  using kept = await openFiles(tree.path);
  const { files, clock } = kept;
  await keepOpen(files, 'a.txt');
  const { fd } = await read(files, 'a.txt');
  for (const [after, looks] of [
    [499, 0],
    [1, 1],
    [499, 1],
    [1, 2],
  ] as const) {
    clock.advance(after);
    const all = await Promise.all(Array.from({ length: 5 }, () => read(files, 'a.txt')));
    assert.deepEqual(
      all,
      Array.from({ length: 5 }, () => ({ text: 'a', fd })),
    );
    assert.equal(files.stats().looks, looks);
  }
});

type Change = readonly [expected: string, change: (path: string) => Promise<void>];

/** Changes to the file itself, seen at once. */
const touches: Readonly<Record<string, Change>> = {
  'is written anew with its old time and length': [
    'after!',
    (path) => writeAt(join(path, 'now/a.txt'), 'after!', time),
  ],
  grows: ['longer than before', (path) => writeAt(join(path, 'now/a.txt'), 'longer than before', time)],
  'is cut': ['be', (path) => truncate(join(path, 'now/a.txt'), 2)],
  'is deleted': ['missing', (path) => unlink(join(path, 'now/a.txt'))],
  'has another renamed over it': [
    'after!',
    async (path) => {
      await writeAt(join(path, 'next'), 'after!', time);
      await rename(join(path, 'next'), join(path, 'now/a.txt'));
    },
  ],
  'becomes a link out of the root': [
    'outside the root',
    async (path) => {
      await unlink(join(path, 'now/a.txt'));
      await symlink('/etc/hostname', join(path, 'now/a.txt'));
    },
  ],
  'moves away': ['missing', (path) => rename(join(path, 'now/a.txt'), join(path, 'now/b.txt'))],
};

/** Changes to the way that leads there, seen when the name is looked at. */
const detours: Readonly<Record<string, Change>> = {
  'moves with its folder': ['missing', (path) => rename(join(path, 'now'), join(path, 'then'))],
  'is in a folder that is exchanged': [
    'after!',
    async (path) => {
      await mkdir(join(path, 'next'));
      await writeAt(join(path, 'next/a.txt'), 'after!', time);
      await rename(join(path, 'now'), join(path, 'then'));
      await rename(join(path, 'next'), join(path, 'now'));
    },
  ],
  'belongs to the release before': [
    'before',
    async (path) => {
      await cp(join(path, 'now'), join(path, 'other'), { recursive: true, preserveTimestamps: true });
      await symlink('other', join(path, 'link'));
      await rename(join(path, 'link'), join(path, 'root'));
    },
  ],
  'is a link from this release into the one before': [
    'outside the root',
    async (path) => {
      await mkdir(join(path, 'other'));
      await symlink('../now/a.txt', join(path, 'other/a.txt'));
      await symlink('other', join(path, 'link'));
      await rename(join(path, 'link'), join(path, 'root'));
    },
  ],
};

for (const [changes, ms] of [
  [touches, 0],
  [detours, 500],
] as const) {
  for (const [what, [expected, change]] of Object.entries(changes)) {
    test(`${ms} ms later nobody gets a file as it was before it ${what}`, async () => {
      await using tree = await fileTree({ 'now/a.txt': 'before', root: { link: 'now' } });
      using kept = await openFiles(join(tree.path, 'root'));
      const { files, clock } = kept;
      await keepOpen(files, 'a.txt');
      clock.advance(499);
      const { text, fd } = await read(files, 'a.txt');
      assert.deepEqual([text, files.stats().answers], ['before', 1]);
      const inUse = await open(files, 'a.txt');
      await change(tree.path);
      clock.advance(ms);
      const later = await read(files, 'a.txt');
      assert.equal(later.text, expected);
      // The old file is still open for whoever has not finished with it.
      assert.notEqual(later.fd, fd);
      assert.equal(files.stats().changes, 1);
      await inUse.handle.close();
    });
  }
}

test('a change of rights is a change', async () => {
  await using tree = await fileTree({ 'a.txt': 'a' });
  using kept = await openFiles(tree.path);
  await keepOpen(kept.files, 'a.txt');
  await chmod(join(tree.path, 'a.txt'), 0o600);
  await read(kept.files, 'a.txt');
  assert.equal(kept.files.stats().changes, 1);
});

test('who reads from a file may go on when it is let go, and it is closed behind the last of them', async () => {
  await using tree = await fileTree({ 'a.txt': 'before' });
  using kept = await openFiles(tree.path);
  const { files } = kept;
  await keepOpen(files, 'a.txt');
  const [first, second] = [await open(files, 'a.txt'), await open(files, 'a.txt')];
  await unlink(join(tree.path, 'a.txt'));
  assert.equal((await read(files, 'a.txt')).text, 'missing');
  await first.handle.close();
  assert.equal(await textOf(second), 'before');
  await second.handle.close();
  await assert.rejects(second.handle.read(Buffer.alloc(1), 0, 1, 0), { code: 'EBADF' });
});

test('no more files stay open than the limit says: the one not asked for longest makes room', async () => {
  const names = Array.from({ length: 5 }, (_, i) => `${i}.txt`);
  await using tree = await fileTree(Object.fromEntries(names.map((name) => [name, name])));
  using kept = await openFiles(tree.path, { most: 3 });
  const { files } = kept;
  for (const name of names.slice(0, 3)) await keepOpen(files, name);
  await read(files, '0.txt');
  for (const name of names.slice(3)) await keepOpen(files, name);
  assert.equal(files.stats().files, 3);
  const before = files.stats().answers;
  assert.equal((await read(files, '0.txt')).text, '0.txt');
  assert.equal(files.stats().answers, before + 1);
  assert.equal((await read(files, '1.txt')).text, '1.txt');
  assert.equal((await read(files, '2.txt')).text, '2.txt');
  assert.equal(files.stats().files, 3);
});

test('what nobody asks for any more is closed within a second', async () => {
  await using tree = await fileTree({ 'a.txt': 'a', 'b.txt': 'b' });
  using kept = await openFiles(tree.path);
  const { files, clock } = kept;
  for (const name of ['a.txt', 'b.txt']) await keepOpen(files, name);
  clock.advance(500);
  await read(files, 'b.txt');
  clock.advance(500);
  files.sweep();
  assert.equal(files.stats().files, 1);
  clock.advance(500);
  files.sweep();
  assert.equal(files.stats().files, 0);
});
