import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileTree } from '../testing/file-tree.ts';
import { Root } from './root.ts';

async function whatIs(root: Root, name: string): Promise<string> {
  const opened = await root.open(name);
  if (opened.is === 'file') await opened.handle.close();
  return opened.is === 'withheld' ? opened.why : opened.is;
}

test('what a name leads to is opened only inside the root', async () => {
  await using tree = await fileTree({
    'public/f.txt': 'f',
    'public/sub/g.txt': 'g',
    'public/inside': { link: 'sub/g.txt' },
    'public/up-and-back': { link: '../public/f.txt' },
    'public/secret': { link: '../secret.txt' },
    'public/absolute': { link: '/etc/hostname' },
    'public/out': { link: '..' },
    'public/circle': { link: 'circle' },
    'public/dangling': { link: 'nowhere' },
    'public-not/f.txt': 'a neighbour whose name begins like the root',
    'public/neighbour': { link: '../public-not/f.txt' },
    'secret.txt': 's',
  });
  const root = await Root.open(join(tree.path, 'public'), 'FRONT_ROOT');
  for (const [name, what] of [
    ['f.txt', 'file'],
    ['sub', 'folder'],
    ['sub/', 'folder'],
    ['', 'folder'],
    ['inside', 'file'],
    ['up-and-back', 'file'],
    ['secret', 'outside the root'],
    ['absolute', 'outside the root'],
    ['out', 'outside the root'],
    ['out/secret.txt', 'outside the root'],
    ['neighbour', 'outside the root'],
    ['circle', 'outside the root'],
    ['dangling', 'missing'],
    ['nothing', 'missing'],
    ['f.txt/', 'missing'],
    ['f.txt/x', 'missing'],
    ['x'.repeat(300), 'missing'],
    ['x/'.repeat(4000), 'missing'],
  ] as const) {
    assert.equal(await whatIs(root, name), what, name.slice(0, 40));
  }
});

test('what is no file is not read', async () => {
  await using tree = await fileTree({ 'f.txt': 'f' });
  const root = await Root.open(tree.path, 'FRONT_ROOT');
  execFileSync('mkfifo', [join(tree.path, 'pipe')]);
  const server = createServer().listen(join(tree.path, 'socket'));
  await once(server, 'listening');
  try {
    assert.equal(await whatIs(root, 'pipe'), 'not a regular file');
    assert.equal(await whatIs(root, 'socket'), 'not a regular file');
  } finally {
    server.close();
  }
});

test('an open file stays the version it was when another is renamed over it', async () => {
  await using tree = await fileTree({ 'f.txt': 'old', 'next.txt': 'newer' });
  const root = await Root.open(tree.path, 'FRONT_ROOT');
  const opened = await root.open('f.txt');
  assert.ok(opened.is === 'file');
  await rename(join(tree.path, 'next.txt'), join(tree.path, 'f.txt'));
  assert.equal(opened.version.size, 3n);
  assert.equal(await opened.handle.readFile('utf8'), 'old');
  await opened.handle.close();
});

test('a root that is a link follows it to the next release', async () => {
  await using tree = await fileTree({ 'one/f.txt': '1', 'two/f.txt': 'zwei', current: { link: 'one' } });
  const root = await Root.open(join(tree.path, 'current'), 'FRONT_ROOT');
  assert.equal(await whatIs(root, 'f.txt'), 'file');
  await symlink('two', join(tree.path, 'next'));
  await rename(join(tree.path, 'next'), join(tree.path, 'current'));
  const opened = await root.open('f.txt');
  assert.ok(opened.is === 'file');
  assert.equal(opened.version.size, 4n);
  await opened.handle.close();
});

test('a root is ready as long as it can be read', async () => {
  await using tree = await fileTree({ 'public/f.txt': 'f' });
  const path = join(tree.path, 'public');
  const root = await Root.open(path, 'FRONT_ROOT');
  assert.equal(root.ready(), true);
  await rm(path, { recursive: true });
  assert.match(String(root.ready()), /there is no folder/);
  await writeFile(path, '');
  assert.match(String(root.ready()), /is not a folder/);
});

test('a root that is not there is what the user must mend', async () => {
  await assert.rejects(Root.open('/nowhere/at/all', 'FRONT_ROOT'), {
    name: 'StartProblem',
    message: 'FRONT_ROOT: there is no folder /nowhere/at/all',
  });
});

test('what this user may not read is withheld', async () => {
  await using tree = await fileTree({ 'f.txt': 'f' });
  await chmod(tree.path, 0o755);
  await chmod(join(tree.path, 'f.txt'), 0);
  await mkdir(join(tree.path, 'closed'), 0);
  const root = await Root.open(tree.path, 'FRONT_ROOT');
  const user = process.geteuid?.();
  // The superuser may read everything, so somebody else asks.
  if (user === 0) process.seteuid?.(65_534);
  try {
    assert.equal(await whatIs(root, 'f.txt'), 'not readable');
    assert.equal(await whatIs(root, 'closed/x'), 'not readable');
  } finally {
    if (user === 0) process.seteuid?.(0);
  }
});
