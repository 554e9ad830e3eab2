import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '../testing/clock.ts';
import { eventually } from '../testing/eventually.ts';
import { fileTree, textOf, writeAt } from '../testing/file-tree.ts';
import { isSame } from './opened.ts';
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

test('a folder that keeps changing places with a link never leads out', async () => {
  await using tree = await fileTree({
    'public/d/f.txt': 'inside',
    'public/d/link.txt': { link: 'f.txt' },
    'secret/f.txt': 'outside',
    'secret/link.txt': { link: 'f.txt' },
    'public/way': { link: '../secret' },
  });
  const root = await Root.open(join(tree.path, 'public'), 'FRONT_ROOT');
  const [d, way, aside] = ['d', 'way', 'aside'].map((name) => join(tree.path, 'public', name)) as [
    string,
    string,
    string,
  ];
  const found = new Set<string>();
  const look = async (name: string) => {
    const opened = await root.openAfresh(name);
    if (opened.is !== 'file') return void found.add(opened.is);
    found.add(await textOf(opened));
    await opened.handle.close();
  };
  for (let i = 0; i < 300; i++) {
    const looking = ['d/link.txt', 'd/f.txt', 'd/link.txt'].map(look);
    await rename(d, aside);
    await rename(way, d);
    await rename(aside, way);
    await Promise.all(looking);
  }
  await look('d/link.txt');
  assert.ok(found.has('inside'), [...found].join());
  assert.ok(!found.has('outside'), [...found].join());
});

test('an open file stays the version it was when another is renamed over it', async () => {
  await using tree = await fileTree({ 'f.txt': 'old', 'next.txt': 'newer' });
  const root = await Root.open(tree.path, 'FRONT_ROOT');
  const opened = await root.open('f.txt');
  assert.ok(opened.is === 'file');
  await rename(join(tree.path, 'next.txt'), join(tree.path, 'f.txt'));
  assert.equal(opened.version.size, 3n);
  assert.equal(await textOf(opened), 'old');
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

test('a link into the release before is outside the root within a second', async () => {
  await using tree = await fileTree({
    'one/f.txt': '1',
    'two/f.txt': '2',
    'two/old.txt': { link: '../one/f.txt' },
    current: { link: 'one' },
  });
  const clock = new ManualClock();
  const root = await Root.open(join(tree.path, 'current'), 'FRONT_ROOT', clock.read);
  await symlink('two', join(tree.path, 'next'));
  await rename(join(tree.path, 'next'), join(tree.path, 'current'));
  clock.advance(1000);
  assert.equal(await whatIs(root, 'old.txt'), 'outside the root');
});

test('a glimpse says the same as opening, and tells every touch of a file', async () => {
  await using tree = await fileTree({
    'f.txt': 'f',
    'sub/g.txt': 'g',
    link: { link: 'f.txt' },
    out: { link: '/etc/hostname' },
    circle: { link: 'circle' },
  });
  const root = await Root.open(tree.path, 'FRONT_ROOT');
  for (const name of ['f.txt', 'sub', 'link', 'out', 'circle', 'nothing', 'f.txt/x']) {
    const glimpsed = await root.glimpse(name);
    assert.equal(glimpsed.is === 'withheld' ? glimpsed.why : glimpsed.is, await whatIs(root, name), name);
  }
  const path = join(tree.path, 'f.txt');
  const touches: Readonly<Record<string, () => Promise<void>>> = {
    'a write that sets the clock back': () => writeAt(path, 'F', new Date('2026-01-02T03:04:05Z')),
    'a change of rights': () => chmod(path, 0o600),
    'a copy put in its place': async () => {
      await copyFile(path, join(tree.path, 'copy'));
      await rename(join(tree.path, 'copy'), path);
    },
    'its going': () => rm(path, { force: true }),
  };
  for (const [name, touch] of Object.entries(touches)) {
    const before = await root.glimpse('f.txt');
    assert.ok(isSame(before, await root.glimpse('f.txt')));
    // Again where the clock of the file system has not moved meanwhile.
    await eventually(async () => {
      await touch();
      assert.ok(!isSame(before, await root.glimpse('f.txt')), name);
    });
  }
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
