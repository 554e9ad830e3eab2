import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedPath } from '../asked-path.ts';
import type { Otherwise } from '../define-site.ts';
import { fileTree } from '../testing/file-tree.ts';
import { findFile } from './find.ts';
import { Root } from './root.ts';

async function find(root: Root, target: string, otherwise: Otherwise | undefined): Promise<string> {
  const place = { base: '/', folder: '.', index: ['index.html'], try: undefined, listing: false, otherwise };
  const finding = await findFile(root, place, askedPath(target), []);
  switch (finding.found) {
    case 'file':
      await finding.file.handle.close();
      return finding.file.name;
    case 'folder':
      return 'folder';
    case 'app':
      return finding.ask.proxy;
    case 'status':
      return String(finding.status);
    case 'nothing':
      return `nothing: ${finding.why}`;
  }
}

const app = { proxy: 'app' };
const page = { file: 'app.html' };

for (const [target, otherwise, expected] of [
  ['/f.txt', app, './f.txt'],
  ['/sub', app, 'folder'],
  ['/x', app, 'app'],
  ['/x/', app, 'app'],
  ['/', app, 'app'],
  ['/f%2etxt', app, './f.txt'],
  ['/a%2Ff.txt', app, 'app'],
  ['/back%5Cslash.txt', app, 'app'],
  ['/.env', app, 'nothing: hidden'],
  ['/bare', app, 'nothing: a folder without index'],
  ['/bare/', app, 'nothing: a folder without index'],
  ['/secret', app, 'nothing: outside the root'],
  ['/x', undefined, 'nothing: no file x'],
  ['/x', { returns: 410 }, '410'],
  ['/x/', undefined, 'nothing: no file x/index.html'],
  ['/a%2Ff.txt', undefined, 'nothing: encoded separator'],
  ['/x/y', page, './app.html'],
  ['/', page, './app.html'],
  ['/.env', page, 'nothing: hidden'],
  ['/x', { file: 'gone.html' }, 'nothing: no file x, nor gone.html'],
] as const) {
  test(`${target}, else ${JSON.stringify(otherwise)}: ${expected}`, async () => {
    await using tree = await fileTree({
      'f.txt': 'f',
      'app.html': 'a',
      'back\\slash.txt': 'b',
      'sub/index.html': 's',
      'bare/f.txt': 'f',
      '.env': 'e',
      secret: { link: '/etc/hostname' },
    });
    assert.equal(await find(await Root.open(tree.path, 'FRONT_ROOT'), target, otherwise), expected);
  });
}
