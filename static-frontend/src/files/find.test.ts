import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedPath } from '@trivet/kit/files/asked-path.ts';
import { Root } from '@trivet/kit/files/root.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import type { FilesPlace } from '../route.ts';
import { findFile } from './find.ts';

async function find(root: Root, target: string, ways: Partial<FilesPlace>): Promise<string> {
  const usual = { base: '/', folder: '.', index: ['index.html'], try: undefined, listing: false, otherwise: undefined };
  const place: FilesPlace = { ...usual, ...ways };
  const finding = await findFile(root, place, askedPath(target), []);
  switch (finding.found) {
    case 'file':
      await finding.file.handle.close();
      return finding.file.name;
    case 'folder':
      return 'folder';
    case 'listing':
      return `listing of ${finding.name}`;
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
    assert.equal(await find(await Root.open(tree.path, 'FRONT_ROOT'), target, { otherwise }), expected);
  });
}

const tries = ['{path}', '{path}.html', '{path}/index.html', 'shared/{path}'];

for (const [target, ways, expected] of [
  ['/about', {}, './about.html'],
  ['/f.txt', {}, './f.txt'],
  ['/sub', {}, './sub/index.html'],
  ['/sub', { try: ['{path}', '{path}.html'] }, 'folder'],
  ['/sub', { try: ['{path}/', '{path}.html'] }, 'folder'],
  ['/sub', { try: ['{path}.html'] }, 'app'],
  ['/bare', { try: ['{path}', '{path}.html'] }, './bare.html'],
  ['/bare', { try: ['{path}'] }, 'app'],
  ['/bare', { try: ['{path}'], listing: true }, 'folder'],
  ['/sub/', {}, './sub/index.html'],
  ['/about/', {}, 'app'],
  ['/logo.svg', {}, './shared/logo.svg'],
  ['/f.txt/x', {}, 'app'],
  ['/nowhere', {}, 'app'],
  ['/nowhere', { otherwise: undefined }, 'nothing: no file nowhere, nowhere.html, nowhere/index.html, shared/nowhere'],
  ['/nowhere', { otherwise: { file: 'f.txt' } }, './f.txt'],
  ['/out', {}, 'nothing: outside the root'],
  ['/.env', {}, 'nothing: hidden'],
  ['/env', { try: ['.{path}', '.git/{path}'] }, 'app'],
  ['/sub%2Findex', {}, 'app'],
] as const) {
  test(`with names to try, ${target} ${JSON.stringify(ways)}: ${expected}`, async () => {
    await using tree = await fileTree({
      'about.html': 'a',
      'f.txt': 'f',
      'sub/index.html': 's',
      'bare/x': 'x',
      'bare.html': 'b',
      'shared/logo.svg': 'l',
      '.env': 'e',
      '.git/env': 'g',
      'out.html': { link: '/etc/hostname' },
    });
    const root = await Root.open(tree.path, 'FRONT_ROOT');
    assert.equal(await find(root, target, { try: tries, otherwise: { proxy: 'app' }, ...ways }), expected);
  });
}

for (const [target, expected] of [
  ['/', 'listing of ./'],
  ['/sub/', './sub/index.html'],
  ['/bare', 'folder'],
  ['/bare/', 'listing of ./bare/'],
  ['/x/', 'app'],
  ['/out/', 'nothing: outside the root'],
  ['/.git/', 'nothing: hidden'],
  ['/bare%2F/', 'app'],
] as const) {
  test(`with a listing, ${target}: ${expected}`, async () => {
    await using tree = await fileTree({
      'sub/index.html': 's',
      'bare/x': 'x',
      '.git/x': 'x',
      out: { link: '/etc' },
    });
    const root = await Root.open(tree.path, 'FRONT_ROOT');
    assert.equal(await find(root, target, { listing: true, otherwise: { proxy: 'app' } }), expected);
  });
}
