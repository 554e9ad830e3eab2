import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileTree, textOf, writeAt } from '../testing/file-tree.ts';
import { locate } from './locate.ts';
import { resolve } from './resolve.ts';
import { Root } from './root.ts';
import { wantedCodings } from './wanted-codings.ts';

const place = { folder: '.', index: ['index.html', 'index.htm'] };

async function located(root: Root, path: string, acceptEncoding?: string): Promise<string> {
  const candidates = resolve({ path, opaque: false }, place);
  assert.ok(candidates.names === 'files');
  const location = await locate(root, place, candidates, wantedCodings(acceptEncoding));
  switch (location.found) {
    case 'file': {
      const { handle, name, coding } = location.file;
      const content = await textOf(location.file);
      await handle.close();
      return `${name} ${coding ?? 'identity'}: ${content}`;
    }
    case 'withheld':
      return location.why;
    default:
      return location.found;
  }
}

test('a path is a file, a folder that wants its slash, its index, or nothing', async () => {
  await using tree = await fileTree({
    'f.txt': 'f',
    'sub/index.html': 'sub',
    'old/index.htm': 'old',
    'both/index.html/': 'folder',
    'both/index.htm': 'second',
    'bare/f.txt': 'f',
    'out/index.html': { link: '/etc/hostname' },
    'out/index.htm': 'never',
  });
  const root = await Root.open(tree.path, 'FRONT_ROOT');
  for (const [path, expected] of [
    ['/f.txt', './f.txt identity: f'],
    ['/f.txt/', 'nothing'],
    ['/f.txt/x', 'nothing'],
    ['/x', 'nothing'],
    ['/x/', 'nothing'],
    ['/sub', 'folder'],
    ['/sub/', './sub/index.html identity: sub'],
    ['/old', 'folder'],
    ['/old/', './old/index.htm identity: old'],
    ['/both/', './both/index.htm identity: second'],
    ['/bare', 'a folder without index'],
    ['/bare/', 'a folder without index'],
    ['/out/', 'outside the root'],
    ['/', 'nothing'],
  ] as const) {
    assert.equal(await located(root, path), expected, path);
  }
});

test('the sibling is the one that the client likes best and that is there', async () => {
  await using tree = await fileTree({
    'a.txt': 'plain',
    'a.txt.br': 'br',
    'a.txt.gz': 'gz',
    'a.txt.zst': 'zst',
    'b.txt': 'plain',
    'b.txt.gz': 'gz',
    'c.png': 'plain',
    'c.png.gz': 'never looked for',
    'd.txt.gz': 'no original',
    'e.txt': 'plain',
    'e.txt.br/': 'folder',
    'e.txt.gz': { link: '/etc/hostname' },
  });
  const root = await Root.open(tree.path, 'FRONT_ROOT');
  const all = 'gzip, deflate, br, zstd';
  for (const [path, acceptEncoding, coding] of [
    ['/a.txt', all, 'zstd'],
    ['/a.txt', 'br, gzip', 'br'],
    ['/a.txt', 'gzip;q=1, br;q=0.5', 'gzip'],
    ['/a.txt', 'zstd;q=0, br;q=0, *', 'gzip'],
    ['/a.txt', 'br;q=0.2, identity;q=0.9', 'identity'],
    ['/a.txt', 'deflate', 'identity'],
    ['/a.txt', '', 'identity'],
    ['/a.txt', undefined, 'identity'],
    ['/b.txt', all, 'gzip'],
    ['/c.png', all, 'identity'],
    ['/e.txt', all, 'identity'],
  ] as const) {
    const expected = { identity: 'plain', br: 'br', gzip: 'gz', zstd: 'zst' }[coding];
    assert.equal(
      await located(root, path, acceptEncoding),
      `.${path} ${coding}: ${expected}`,
      `${path} ${acceptEncoding}`,
    );
  }
  assert.equal(await located(root, '/d.txt', all), 'nothing');
});

test('a sibling older than its original was made from another file', async () => {
  await using tree = await fileTree({ 'a.txt': 'new', 'a.txt.br': 'old', 'a.txt.gz': 'new' });
  await writeAt(join(tree.path, 'a.txt.br'), 'old', new Date('2026-01-02T03:04:04.999Z'));
  const root = await Root.open(tree.path, 'FRONT_ROOT');
  assert.equal(await located(root, '/a.txt', 'br, gzip'), './a.txt gzip: new');
});
