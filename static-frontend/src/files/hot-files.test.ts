import assert from 'node:assert/strict';
import { chmod, cp, mkdir, rename, rm, stat, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { fileTree, writeAt } from '@trivet/kit/testing/file-tree.ts';
import type { Site } from '../define-site.ts';
import { agree, inboundFor, twoLanes } from '../testing/two-lanes.ts';

const site: Site = {
  routes: [
    { path: '/shop/', files: '.', otherwise: { file: 'shop/index.html' } },
    { path: '/', files: '.' },
  ],
};
const entries = { 'a.txt': 'plain', 'a.txt.br': 'br' };
const browser = ['Accept-Encoding', 'gzip, deflate, br, zstd'];

test('a file is hot when it was asked twice within a second', async () => {
  await using tree = await fileTree(entries);
  const lanes = await twoLanes({ root: tree.path, site });
  const asked = { target: '/a.txt' };
  for (let i = 0; i < 5; i++) {
    await lanes.slow(asked);
    await lanes.hotFiles.idle();
    assert.equal(lanes.fast(asked), undefined);
    lanes.clock.advance(1000);
  }
  await lanes.warm(asked);
  await agree(lanes, asked);
});

test('a hot file answers for less than a second, unless it was looked at meanwhile', async () => {
  await using tree = await fileTree(entries);
  const lanes = await twoLanes({ root: tree.path, site });
  const asked = { target: '/a.txt', fields: browser };
  await lanes.warm(asked);
  lanes.clock.advance(999);
  for (let i = 0; i < 5; i++) {
    // This one has the disk looked at, beside its way.
    await agree(lanes, asked);
    await lanes.hotFiles.idle();
    lanes.clock.advance(999);
  }
  lanes.clock.advance(1);
  assert.equal(lanes.fast(asked), undefined);
  assert.deepEqual([lanes.hotFiles.stats().looks, lanes.hotFiles.stats().changes], [5, 0]);
  await lanes.warm(asked);
  await agree(lanes, asked);
  assert.equal(lanes.hotFiles.stats().looks, 6);
});

const late = new Date('2026-01-02T03:04:06Z');

/** What somebody does to the folder `now/`, which the root, a link, leads to. */
const changes: Readonly<Record<string, (path: string) => Promise<void>>> = {
  'is written anew': (path) => writeAt(join(path, 'now/a.txt'), 'other', late),
  'is written anew with its old time': (path) =>
    writeAt(join(path, 'now/a.txt'), 'another', new Date('2026-01-02T03:04:05Z')),
  'has another renamed over it': async (path) => {
    await writeAt(join(path, 'next'), 'other', new Date('2026-01-02T03:04:05Z'));
    await rename(join(path, 'next'), join(path, 'now/a.txt'));
  },
  'is deleted': (path) => unlink(join(path, 'now/a.txt')),
  'gets a sibling': (path) => writeAt(join(path, 'now/a.txt.zst'), 'zst', late),
  'loses its sibling': (path) => unlink(join(path, 'now/a.txt.br')),
  'becomes newer than its sibling': (path) => writeAt(join(path, 'now/a.txt'), 'plain', late),
  'becomes a link out of the root': async (path) => {
    await unlink(join(path, 'now/a.txt.br'));
    await symlink('/etc/hostname', join(path, 'now/a.txt.br'));
  },
  'becomes a folder': async (path) => {
    await unlink(join(path, 'now/a.txt'));
    await mkdir(join(path, 'now/a.txt'));
  },
  'moves with its folder': (path) => rename(join(path, 'now'), join(path, 'then')),
  'belongs to the release before': async (path) => {
    await cp(join(path, 'now'), join(path, 'other'), { recursive: true, preserveTimestamps: true });
    await symlink('other', join(path, 'link'));
    await rename(join(path, 'link'), join(path, 'root'));
  },
  'gets other rights': async (path) => {
    const file = join(path, 'now/a.txt');
    const { ctimeNs } = await stat(file, { bigint: true });
    // Again where the clock of the file system has not moved meanwhile.
    await eventually(async () => {
      await chmod(file, 0o600);
      assert.notEqual((await stat(file, { bigint: true })).ctimeNs, ctimeNs);
    });
  },
};

for (const [what, change] of Object.entries(changes)) {
  test(`within a second nobody gets a file as it was before it ${what}`, async () => {
    await using tree = await fileTree({ 'now/a.txt': 'plain', 'now/a.txt.br': 'br', root: { link: 'now' } });
    const lanes = await twoLanes({ root: join(tree.path, 'root'), site });
    const asked = { target: '/a.txt', fields: browser };
    await lanes.warm(asked);
    await agree(lanes, asked);
    await change(tree.path);
    // Asked all the time: the look at the disk comes before the second is over.
    lanes.clock.advance(500);
    assert.ok(lanes.fast(asked));
    await lanes.hotFiles.idle();
    const { changes: changed, failures } = lanes.hotFiles.stats();
    assert.equal(changed + failures, 1);
    assert.equal(lanes.fast(asked), undefined);
    lanes.clock.advance(500);
    await lanes.warm(asked);
    const fast = lanes.fast(asked);
    if (fast !== undefined) assert.deepEqual(fast, await lanes.slow(asked));
    // Asked once in a while: what is old does not answer at all.
    await rm(tree.path, { recursive: true });
    lanes.clock.advance(1000);
    assert.equal(lanes.fast(asked), undefined);
  });
}

test('an index that appears takes the place of the one behind it', async () => {
  await using tree = await fileTree({ 'd/second.html': 'second' });
  const lanes = await twoLanes({
    root: tree.path,
    site: { routes: [{ path: '/', files: '.', index: ['first.html', 'second.html'] }] },
  });
  const asked = { target: '/d/' };
  await lanes.warm(asked);
  await agree(lanes, asked);
  await writeAt(join(tree.path, 'd/first.html'), 'first', late);
  lanes.clock.advance(999);
  assert.match(lanes.fast(asked)?.text ?? '', /second$/);
  await lanes.hotFiles.idle();
  assert.equal(lanes.fast(asked), undefined);
  lanes.clock.advance(1);
  await lanes.warm(asked);
  await agree(lanes, asked);
  assert.match(lanes.fast(asked)?.text ?? '', /first$/);
});

test('a file that was changed between the loading of its codings is as it is now in each', async () => {
  await using tree = await fileTree(entries);
  const lanes = await twoLanes({ root: tree.path, site });
  const plain = { target: '/a.txt' };
  await lanes.warm(plain);
  await agree(lanes, plain);
  await writeAt(join(tree.path, 'a.txt'), 'changed', new Date('2026-01-02T03:04:05Z'));
  await lanes.warm({ ...plain, fields: browser });
  await agree(lanes, { ...plain, fields: browser });
  assert.equal(lanes.fast(plain), undefined);
});

test('what is loaded goes by the disk, not by what the slow lane remembers of it', async () => {
  await using tree = await fileTree(entries);
  const lanes = await twoLanes({ root: tree.path, site });
  const asked = { target: '/a.txt', fields: browser };
  await lanes.slow(asked);
  lanes.clock.advance(1);
  await writeAt(join(tree.path, 'a.txt.zst'), 'zst', late);
  lanes.clock.advance(998);
  assert.match((await lanes.slow(asked)).text, /br$/);
  await lanes.hotFiles.idle();
  assert.match(lanes.fast(asked)?.text ?? '', /zst$/);
});

test('a time to come is no Last-Modified, and what was just written is not kept', async () => {
  await using tree = await fileTree({ 'f.txt': 'f' });
  const lanes = await twoLanes({ root: tree.path, site });
  const asked = { target: '/f.txt' };
  const { now } = lanes.wall;
  await writeAt(join(tree.path, 'f.txt'), 'g', new Date(now + 5000));
  await lanes.warm(asked);
  assert.equal(lanes.fast(asked), undefined);
  lanes.wall.advance(6000);
  await lanes.warm(asked);
  await agree(lanes, asked);
  lanes.wall.now = now;
  assert.equal(lanes.fast(asked), undefined, 'the clock was set back');
  const fresh = await twoLanes({ root: tree.path, site });
  fresh.wall.now = 0;
  await fresh.warm(asked);
  assert.equal(fresh.fast(asked), undefined, 'written at this very moment');
});

test('memory is bounded: what is old makes room, what still answers does not', async () => {
  await using tree = await fileTree(
    Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${i}.txt`, String(i % 10).repeat(10_000)])),
  );
  const maxBytes = 70_000;
  const lanes = await twoLanes({ root: tree.path, site, maxBytes });
  const isHot = (i: number) => lanes.fast({ target: `/f${i}.txt` }) !== undefined;
  for (let i = 0; i < 10; i++) await lanes.warm({ target: `/f${i}.txt` });
  const first = Array.from({ length: 10 }, (_, i) => i).filter(isHot);
  assert.deepEqual(first, [0, 1, 2, 3, 4]);
  assert.ok(lanes.hotFiles.stats().bytes <= maxBytes);
  lanes.clock.advance(1000);
  for (let i = 10; i < 20; i++) await lanes.warm({ target: `/f${i}.txt` });
  const second = Array.from({ length: 20 }, (_, i) => i).filter(isHot);
  assert.deepEqual(second, [10, 11, 12, 13, 14]);
  assert.ok(lanes.hotFiles.stats().bytes <= maxBytes);
});

test('many paths to one file hold its bytes once', async () => {
  await using tree = await fileTree({ 'shop/index.html': 'x'.repeat(60_000) });
  const lanes = await twoLanes({ root: tree.path, site, maxBytes: 120_000 });
  const targets = Array.from({ length: 10 }, (_, i) => ({ target: `/shop/${i}` }));
  for (const asked of targets) await lanes.warm(asked);
  for (const asked of targets) await agree(lanes, asked);
  assert.ok(lanes.hotFiles.stats().bytes < 120_000);
});

test('an answer whose file is dropped meanwhile keeps its bytes', async () => {
  await using tree = await fileTree({ 'f.txt': 'before' });
  const lanes = await twoLanes({ root: tree.path, site });
  const asked = { target: '/f.txt' };
  await lanes.warm(asked);
  const held = lanes.lane.answer(inboundFor(asked));
  await writeAt(join(tree.path, 'f.txt'), 'behind', late);
  lanes.clock.advance(500);
  lanes.fast(asked);
  await lanes.hotFiles.idle();
  await lanes.warm(asked);
  assert.match(lanes.fast(asked)?.text ?? '', /behind$/);
  assert.equal(String(held?.body[0]), 'before');
});

test('a disk in trouble is counted, and the slow lane is asked', async () => {
  await using tree = await fileTree(entries);
  const lanes = await twoLanes({ root: tree.path, site });
  const asked = { target: '/a.txt' };
  await lanes.warm(asked);
  await lanes.warm({ ...asked, fields: browser });
  await rm(tree.path, { recursive: true });
  lanes.clock.advance(500);
  assert.ok(lanes.fast(asked));
  await lanes.hotFiles.idle();
  const { paths, bytes, failures } = lanes.hotFiles.stats();
  assert.deepEqual({ paths, bytes, failures }, { paths: 0, bytes: 0, failures: 1 });
  assert.equal(lanes.fast(asked), undefined);
});
