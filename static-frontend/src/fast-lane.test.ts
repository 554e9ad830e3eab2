import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type FileTree, fileTree } from '@trivet/kit/testing/file-tree.ts';
import type { Site } from './define-site.ts';
import { agree, type TwoLanes, twoLanes } from './testing/two-lanes.ts';

const site: Site = {
  routes: [
    { path: '/old/', redirect: '/new/' },
    { path: '/docs/', files: '.', headers: { 'cache-control': 'max-age=60', 'x-docs': '1', VARY: 'Cookie' } },
    { path: '/shop/', files: '.', otherwise: { file: 'shop/index.html' } },
    { path: '/', files: '.' },
  ],
};

const entries = {
  'index.html': '<p>start',
  'a.txt': 'plain',
  'a.txt.br': 'br',
  'a.txt.zst': 'zst',
  'b.txt': 'plain',
  'b.txt.gz': 'gz',
  'c.png': Buffer.from([0, 255, 13, 10, 13, 10, 128]),
  'empty.txt': '',
  'app.3f9a2b1c.js': 'run()',
  'docs/guide.txt': 'guide',
  'shop/index.html': '<p>shop',
  'é x.txt': 'é',
  link: { link: 'a.txt' },
  '.env': 'PASSWORD=1',
};
const browser = ['Accept-Encoding', 'gzip, deflate, br, zstd'];

describe('a hot file is answered byte for byte as in the slow lane', () => {
  let tree: FileTree;
  let lanes: TwoLanes;
  before(async () => {
    tree = await fileTree(entries);
    lanes = await twoLanes({ root: tree.path, site });
  });
  after(() => tree[Symbol.asyncDispose]());
  const targets = ['/', '/a.txt', '/a.txt?v=1', '//a.txt', '/%61.txt', '/b.txt', '/c.png', '/empty.txt', '/link'];
  const others = ['/app.3f9a2b1c.js', '/docs/guide.txt', '/shop/', '/shop/cart/7', '/%C3%A9%20x.txt'];
  const wishes = [[], browser, ['accept-encoding', 'gzip'], ['Accept-Encoding', 'br;q=0.1', 'Accept-Encoding', 'zstd']];
  for (const target of [...targets, ...others]) {
    for (const fields of wishes) {
      test(`${target} ${fields.join(' ')}`, async () => {
        await lanes.warm({ target, fields });
        const { text } = await lanes.slow({ target, fields });
        const tag = /^ETag: (.*)\r$/im.exec(text)?.[1] ?? '';
        const date = /^Last-Modified: (.*)\r$/im.exec(text)?.[1] ?? '';
        for (const more of [
          [],
          ['If-None-Match', tag],
          ['If-None-Match', `"x", W/${tag}`],
          ['If-None-Match', '"x"', 'If-Modified-Since', date],
          ['If-Modified-Since', date],
          ['If-Modified-Since', 'Thu, 01 Jan 2026 00:00:00 GMT'],
          ['If-Match', tag],
          ['If-Match', '*', 'If-None-Match', tag],
          ['If-Unmodified-Since', 'Fri, 02 Jan 2026 03:04:05 GMT'],
          ['If-Range', tag],
          ['X-Other', '1'],
        ]) {
          await agree(lanes, { target, fields: [...fields, ...more] });
          await agree(lanes, { target, fields: [...fields, ...more], method: 'HEAD' });
        }
      });
    }
  }
});

test('what the fast lane does not answer, the slow lane is asked for', async () => {
  await using tree = await fileTree({ ...entries, 'big.txt': 'x'.repeat(70_000) });
  await using closed = await fileTree({ 'f.txt': 'f', 'f.txt.br': { link: '/etc/hostname' } });
  const lanes = await twoLanes({ root: tree.path, site });
  await lanes.warm({ target: '/a.txt' });
  for (const asked of [
    { target: '/a.txt', fields: ['Range', 'bytes=0-1'] },
    { target: '/a.txt', fields: ['range', 'bytes=0-1', 'If-None-Match', '"x"'] },
    { target: '/a.txt', fields: ['If-Match', '"x"'] },
    { target: '/a.txt', fields: ['If-Unmodified-Since', 'Thu, 01 Jan 2020 00:00:00 GMT'] },
    { target: '/a.txt', fields: ['Accept-Encoding', 'gzip'] },
    { target: 'a.txt' },
    { target: '/%' },
    { target: '/../a.txt' },
    { target: '/a.txt%2F' },
    { target: '/%5Ca.txt' },
  ]) {
    assert.equal(lanes.fast(asked), undefined, JSON.stringify(asked));
  }
  const long = `/shop/${'x'.repeat(1000)}`;
  for (const target of [long, '/old/a', '/nothing', '/.env', '/shop', '/docs/', '/big.txt']) {
    await lanes.warm({ target });
    assert.equal(lanes.fast({ target }), undefined, target);
  }
  const withheld = await twoLanes({ root: closed.path, site });
  await withheld.warm({ target: '/f.txt', fields: browser });
  assert.equal(withheld.fast({ target: '/f.txt', fields: browser }), undefined);
});

test('a name with an encoded slash is never another name', async () => {
  await using tree = await fileTree({ 'shop/a/b.txt': 'b', 'shop/index.html': 'shop' });
  const lanes = await twoLanes({ root: tree.path, site });
  await lanes.warm({ target: '/shop/a%2Fb.txt' });
  await lanes.warm({ target: '/shop/a/b.txt' });
  await agree(lanes, { target: '/shop/a/b.txt' });
  assert.equal(lanes.fast({ target: '/shop/a%2Fb.txt' }), undefined);
});
