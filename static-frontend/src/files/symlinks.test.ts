import assert from 'node:assert/strict';
import { rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isSame, unopened } from '@trivet/kit/files/opened.ts';
import { Root, type Symlinks } from '@trivet/kit/files/root.ts';
import { fileTree, textOf, writeAt } from '@trivet/kit/testing/file-tree.ts';
import { agree, twoLanes } from '../testing/two-lanes.ts';

const entries = {
  'public/f.txt': 'f',
  'public/sub/g.txt': 'g',
  'public/file-link': { link: 'f.txt' },
  'public/sub-link': { link: 'sub' },
  'public/up': { link: '../public/f.txt' },
  'public/secret': { link: '../secret.txt' },
  'public/out': { link: '../outer' },
  'public/absolute': { link: '/etc/hostname' },
  'public/circle': { link: 'circle' },
  'public/dangling': { link: 'nowhere' },
  'public/.env': 'e',
  'public/.git/config': 'c',
  'public/.well-known/w.txt': 'w',
  'public/.well-known/.w': 'w',
  'public/.site/a.txt': 'a',
  'public/.site/a-link': { link: 'a.txt' },
  'public/.site/env-link': { link: '../.env' },
  'public/env': { link: '.env' },
  'public/env-again': { link: 'env' },
  'public/git': { link: '.git' },
  'public/known': { link: '.well-known' },
  'public/volume/..2026/k.txt': 'k',
  'public/volume/..data': { link: '..2026' },
  'public/volume/k.txt': { link: '..data/k.txt' },
  'outer/h.txt': 'h',
  'secret.txt': 's',
  'root-link': { link: 'public' },
};

const table: readonly (readonly [name: string, never: string, inside: string, any: string])[] = [
  ['f.txt', 'file', 'file', 'file'],
  ['./f.txt', 'file', 'file', 'file'],
  ['./sub/', 'folder', 'folder', 'folder'],
  ['', 'folder', 'folder', 'folder'],
  ['sub/g.txt', 'file', 'file', 'file'],
  ['f.txt/', 'missing', 'missing', 'missing'],
  ['nothing', 'missing', 'missing', 'missing'],
  ['file-link', 'behind a link', 'file', 'file'],
  ['sub-link', 'behind a link', 'folder', 'folder'],
  ['sub-link/', 'behind a link', 'folder', 'folder'],
  ['sub-link/g.txt', 'behind a link', 'file', 'file'],
  ['up', 'behind a link', 'file', 'file'],
  ['secret', 'outside the root', 'outside the root', 'file'],
  ['out', 'outside the root', 'outside the root', 'folder'],
  ['out/h.txt', 'outside the root', 'outside the root', 'file'],
  ['absolute', 'outside the root', 'outside the root', 'file'],
  ['env', 'behind a link', 'hidden', 'file'],
  ['env-again', 'behind a link', 'hidden', 'file'],
  ['git', 'behind a link', 'hidden', 'folder'],
  ['git/config', 'behind a link', 'hidden', 'file'],
  ['known/w.txt', 'behind a link', 'file', 'file'],
  ['known/.w', 'behind a link', 'hidden', 'file'],
  ['.site/a.txt', 'file', 'file', 'file'],
  ['.site/a-link', 'behind a link', 'file', 'file'],
  ['.site/env-link', 'behind a link', 'hidden', 'file'],
  ['volume/k.txt', 'behind a link', 'file', 'file'],
  ['circle', 'outside the root', 'outside the root', 'outside the root'],
  ['dangling', 'missing', 'missing', 'missing'],
];

async function whatIs(root: Root, name: string): Promise<string> {
  const opened = await root.openAfresh(name);
  if (opened.is === 'file') await opened.handle.close();
  assert.ok(isSame(opened, await root.glimpse(name)), `${name} is not what a glimpse says`);
  return opened.is === 'withheld' ? opened.why : opened.is;
}

for (const [at, symlinks] of (['never', 'inside', 'any'] as const).entries()) {
  describe(`links: ${symlinks}`, () => {
    for (const through of ['public', 'root-link']) {
      test(`what each name leads to, opened and glimpsed, below ${through}`, async () => {
        await using tree = await fileTree(entries);
        const root = await Root.open(join(tree.path, through), 'FRONT_ROOT', undefined, symlinks);
        for (const [name, ...expected] of table) assert.equal(await whatIs(root, name), expected[at], name);
      });
    }

    test('a folder is read as its files are', async () => {
      await using tree = await fileTree(entries);
      const root = await Root.open(join(tree.path, 'public'), 'FRONT_ROOT', undefined, symlinks);
      for (const [name, ...expected] of table) {
        const read = await root.withFolder(name, () => Promise.resolve('folder')).catch((error) => unopened(error).is);
        assert.equal(read === 'folder', expected[at] === 'folder', name);
      }
    });
  });
}

test('where no link is followed, a folder that keeps changing places with one never leads through it', async () => {
  await using tree = await fileTree({ 'd/f.txt': 'real', 'e/f.txt': 'other', way: { link: 'e' } });
  const root = await Root.open(tree.path, 'FRONT_ROOT', undefined, 'never');
  const [d, way, aside] = [join(tree.path, 'd'), join(tree.path, 'way'), join(tree.path, 'aside')];
  const found = new Set<string>();
  const look = async () => {
    const opened = await root.openAfresh('d/f.txt');
    if (opened.is !== 'file') return void found.add(opened.is);
    found.add(await textOf(opened));
    await opened.handle.close();
  };
  for (let i = 0; i < 200; i++) {
    const looking = [look(), look()];
    await rename(d, aside);
    await rename(way, d);
    await rename(aside, way);
    await Promise.all(looking);
    // Back again: the folder is where it was.
    await rename(d, aside);
    await rename(way, d);
    await rename(aside, way);
  }
  await look();
  assert.ok(found.has('real'), [...found].join());
  assert.ok(!found.has('other'), [...found].join());
});

const site = { routes: [{ path: '/', files: '.' }] };

for (const [symlinks, status] of [
  ['never', 404],
  ['inside', 404],
  ['any', 200],
] as const satisfies [Symlinks, number][]) {
  test(`a file that becomes a link out of the root while it is hot is ${status} where links are followed: ${symlinks}`, async () => {
    await using tree = await fileTree({ 'public/a.txt': 'before', 'b.txt': 'behind' });
    const lanes = await twoLanes({ root: join(tree.path, 'public'), site, symlinks });
    const asked = { target: '/a.txt' };
    await lanes.warm(asked);
    await agree(lanes, asked);
    await rm(join(tree.path, 'public/a.txt'));
    await symlink('../b.txt', join(tree.path, 'public/a.txt'));
    lanes.clock.advance(500);
    lanes.fast(asked);
    await lanes.hotFiles.idle();
    assert.equal(lanes.fast(asked), undefined);
    lanes.clock.advance(500);
    assert.match((await lanes.slow(asked)).text, new RegExp(`^HTTP/1.1 ${status} `));
    await lanes.warm(asked);
    if (status === 404) return assert.equal(lanes.fast(asked), undefined);
    await agree(lanes, asked);
    // What the link leads to is watched, not the link.
    await writeAt(join(tree.path, 'b.txt'), 'changed', new Date('2026-01-02T03:04:06Z'));
    lanes.clock.advance(500);
    lanes.fast(asked);
    await lanes.hotFiles.idle();
    assert.equal(lanes.fast(asked), undefined);
  });
}
