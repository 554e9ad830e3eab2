import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalizePath } from '../semantics/path.ts';
import { type Candidates, resolve } from './resolve.ts';

const hidden: Candidates = { names: 'hidden' };
const nothing: Candidates = { names: 'nothing', why: 'encoded separator' };
const file = (name: string): Candidates => ({ names: 'files', files: [name], folder: undefined });
const folder = (name: string): Candidates => ({
  names: 'files',
  files: [`${name}index.html`, `${name}index.htm`],
  folder: name,
});

for (const [rawPath, candidates] of [
  ['/', folder('')],
  ['/a', file('a')],
  ['/a/', folder('a/')],
  ['//a//b', file('a/b')],
  ['/%66.txt', file('f.txt')],
  ['/%2566.txt', file('%66.txt')],
  ['/%c3%a9.txt', file('é.txt')],
  ['/a/%2e%2e/b', file('b')],
  ['/a/..', folder('')],
  ['/...', hidden],
  ['/.env', hidden],
  ['/a/.git/config', hidden],
  ['/%2eenv', hidden],
  ['/a%2F.env', hidden],
  ['/.well-known', file('.well-known')],
  ['/.well-known/security.txt', file('.well-known/security.txt')],
  ['/.well-known/.secret', hidden],
  ['/.well-known-not', hidden],
  ['/a/.well-known/x', hidden],
  ['/a%2Fb', nothing],
  ['/a%5Cb', nothing],
  ['/a\\b', nothing],
] as const) {
  test(`${rawPath} names ${JSON.stringify(candidates)}`, () => {
    const normal = normalizePath(rawPath);
    assert.ok(normal.verdict === 'path');
    assert.deepEqual(resolve(normal, { index: ['index.html', 'index.htm'] }), candidates);
  });
}

const names = ['{path}', '{path}.html', './{path}/index.html', 'x/{path}', '.cache/{path}', '{path}/'];
const instead = (path: string, files: readonly string[]): Candidates => ({
  ...{ names: 'files', files, folder: undefined },
  instead: path,
});

for (const [rawPath, candidates] of [
  ['/a', instead('a', ['a', 'a.html', 'a/index.html', 'x/a', 'a/'])],
  ['/a/b', instead('a/b', ['a/b', 'a/b.html', 'a/b/index.html', 'x/a/b', 'a/b/'])],
  ['/$&$1', instead('$&$1', ['$&$1', '$&$1.html', '$&$1/index.html', 'x/$&$1', '$&$1/'])],
  ['/a/', folder('a/')],
  ['/', folder('')],
  // The exception for .well-known is for the top alone, and what stands there now is another.
  [
    '/.well-known/a',
    instead('.well-known/a', ['.well-known/a', '.well-known/a.html', '.well-known/a/index.html', '.well-known/a/']),
  ],
  ['/.env', hidden],
  ['/a%2F.env', hidden],
  ['/a%5Cb', nothing],
] as const) {
  test(`with names to try, ${rawPath} names ${JSON.stringify(candidates)}`, () => {
    const normal = normalizePath(rawPath);
    assert.ok(normal.verdict === 'path');
    assert.deepEqual(resolve(normal, { index: ['index.html', 'index.htm'], try: names }), candidates);
  });
}
