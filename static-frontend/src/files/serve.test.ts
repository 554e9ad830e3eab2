import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { brotliCompressSync, brotliDecompressSync, zstdCompressSync } from 'node:zlib';
import { type FileTree, fileTree, writeAt } from '@trivet/kit/testing/file-tree.ts';
import { type RunningFront, runFront } from '../testing/running-front.ts';

const text = 'Trivet stands on three legs.\n'.repeat(40);
const size = Buffer.byteLength(text);

let tree: FileTree;
let front: RunningFront;
let etag: string;
let lastModified: string;

before(async () => {
  tree = await fileTree({
    'a.txt': text,
    'a.txt.br': brotliCompressSync(text),
    'a.txt.zst': zstdCompressSync(text),
    'b.txt': text,
    'c.png': text,
    'empty.txt': '',
    'index.html': '<p>start',
    'app.3f9a2b1c.js': 'run()',
    'docs/guide.txt': 'guide',
    'docs/404.html': '<p>{{status}} in {{tier}}: {{reason}}',
  });
  front = await runFront({
    root: tree.path,
    site: {
      routes: [
        { path: '/docs/', files: '.', headers: { 'cache-control': 'max-age=60', 'x-docs': '1' } },
        { path: '/', files: '.' },
      ],
      errorPages: { 404: 'docs/404.html', 405: 'nowhere.html' },
    },
  });
  const reply = await front.ask('/a.txt');
  etag = reply.get('etag') ?? '';
  lastModified = reply.get('last-modified') ?? '';
});

after(async () => {
  await front[Symbol.asyncDispose]();
  await tree[Symbol.asyncDispose]();
});

describe('conditions and ranges through the wire', () => {
  const table: readonly [fields: (tag: string, date: string) => string[], status: number, body?: string][] = [
    [() => [], 200, text],
    [(tag) => ['If-None-Match', tag], 304, ''],
    [(tag, date) => ['If-None-Match', `"x", W/${tag}`, 'If-Modified-Since', date], 304, ''],
    [(_, date) => ['If-Modified-Since', date], 304, ''],
    [() => ['If-Modified-Since', 'Sat, 01 Jan 2028 00:00:00 GMT'], 304, ''],
    [() => ['If-Modified-Since', 'Thu, 01 Jan 2026 00:00:00 GMT'], 200, text],
    [(_, date) => ['If-None-Match', '"x"', 'If-Modified-Since', date], 200, text],
    [(tag) => ['If-Match', tag], 200, text],
    [() => ['If-Match', '"x"'], 412],
    [() => ['If-Unmodified-Since', 'Thu, 01 Jan 2026 00:00:00 GMT'], 412],
    [() => ['Range', 'bytes=0-6'], 206, 'Trivet '],
    [() => ['Range', 'bytes=-6'], 206, 'legs.\n'],
    [() => ['Range', `bytes=${size - 1}-`], 206, '\n'],
    [() => ['Range', `bytes=-${size + 5}`], 206, text],
    [() => ['Range', `bytes=${size}-`], 416],
    [() => ['Range', 'bytes=5-4'], 200, text],
    [() => ['Range', 'bytes=a-b'], 200, text],
    [() => ['Range', `bytes=${size}-,0-6`], 206, 'Trivet '],
    [() => ['Range', 'bytes=0-,0-'], 200, text],
    [() => ['Range', 'bytes=0-0,2-2', 'If-Range', '"x"'], 200, text],
    [(tag) => ['Range', 'bytes=0-6', 'If-Range', tag], 206, 'Trivet '],
    [(tag) => ['Range', 'bytes=0-6', 'If-Range', `xx${tag}yy`], 200, text],
    [(_, date) => ['Range', 'bytes=0-6', 'If-Range', date], 206, 'Trivet '],
    [() => ['Range', 'bytes=0-6', 'If-Range', 'Sat, 01 Jan 2028 00:00:00 GMT'], 200, text],
  ];
  for (const [fields, status, body] of table) {
    test(`${fields('TAG', 'DATE').join(' ') || 'nothing asked'}: ${status}`, async () => {
      const reply = await front.ask('/a.txt', fields(etag, lastModified));
      assert.equal(reply.status, status);
      if (body !== undefined) assert.equal(reply.body, body);
      assert.equal(reply.get('content-length'), status === 304 ? undefined : String(reply.body.length));
      assert.equal(reply.get('x-content-type-options'), 'nosniff');
    });
  }
});

test('several parts go out in the order that they were asked for, each with its type and its place', async () => {
  const reply = await front.ask('/a.txt', ['Range', 'bytes=-6, 0-5, 7-12, 7-9']);
  const boundary = /^multipart\/byteranges; boundary=([0-9a-f]{32})$/.exec(reply.get('content-type') ?? '')?.[1];
  const part = (first: number, last: number) =>
    `--${boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes ${first}-${last}/${size}\r\n\r\n` +
    `${text.slice(first, last + 1)}\r\n`;
  assert.equal(reply.body, `${part(size - 6, size - 1)}${part(0, 5)}${part(7, 12)}--${boundary}--\r\n`);
  assert.equal(reply.get('content-length'), String(reply.body.length));
  assert.deepEqual([reply.status, reply.get('etag'), reply.get('content-range')], [206, etag, undefined]);
  assert.doesNotMatch(
    reply.head,
    new RegExp(`${(await front.ask('/a.txt', ['Range', 'bytes=0-1,4-5'])).get('content-type')}`),
  );
  const head = await front.ask('/a.txt', ['Range', 'bytes=0-1,4-5'], 'HEAD');
  assert.deepEqual([head.status, head.get('content-length'), head.body], [200, String(size), '']);
});

test('parts of a sibling are parts of its own bytes', async () => {
  const coded = await front.ask('/a.txt', ['Accept-Encoding', 'br']);
  const reply = await front.ask('/a.txt', ['Accept-Encoding', 'br', 'Range', 'bytes=0-1,4-5']);
  assert.deepEqual([reply.status, reply.get('content-encoding'), reply.get('etag')], [206, 'br', coded.get('etag')]);
  assert.ok(reply.body.includes(`/${coded.body.length}\r\n\r\n${coded.body.slice(4, 6)}\r\n--`));
});

test('what cannot be satisfied says how much there is, and whose answer it is', async () => {
  const reply = await front.ask('/a.txt', ['Range', 'bytes=99999-']);
  assert.equal(reply.get('content-range'), `bytes */${size}`);
  assert.match(reply.body, /static-frontend[\s\S]*range-not-satisfiable/);
});

test('a sibling goes out with its coding, a tag of its own, and ranges over its own bytes', async () => {
  const reply = await front.ask('/a.txt', ['Accept-Encoding', 'gzip, br']);
  assert.equal(reply.get('content-encoding'), 'br');
  assert.equal(reply.get('content-type'), 'text/plain; charset=utf-8');
  assert.equal(reply.get('vary'), 'Accept-Encoding');
  assert.notEqual(reply.get('etag'), etag);
  assert.equal(brotliDecompressSync(Buffer.from(reply.body, 'latin1')).toString(), text);
  const part = await front.ask('/a.txt', ['Accept-Encoding', 'br', 'Range', 'bytes=0-3']);
  assert.equal(part.body, reply.body.slice(0, 4));
  const tag = reply.get('etag') ?? '';
  assert.equal((await front.ask('/a.txt', ['Accept-Encoding', 'br', 'If-None-Match', tag])).status, 304);
  assert.equal((await front.ask('/a.txt', ['Accept-Encoding', 'zstd', 'If-None-Match', tag])).status, 200);
});

test('Vary is there for every type that could have siblings, on a 304 too', async () => {
  assert.equal((await front.ask('/b.txt')).get('vary'), 'Accept-Encoding');
  assert.equal((await front.ask('/a.txt', ['If-None-Match', etag])).get('vary'), 'Accept-Encoding');
  assert.equal((await front.ask('/c.png')).get('vary'), undefined);
});

test('an empty file is an empty answer', async () => {
  const reply = await front.ask('/empty.txt');
  assert.deepEqual([reply.status, reply.get('content-length'), reply.body], [200, '0', '']);
});

test('pages are checked each time, hashed names never again', async () => {
  assert.equal((await front.ask('/')).get('cache-control'), 'no-cache');
  assert.equal((await front.ask('/app.3f9a2b1c.js')).get('cache-control'), 'public, max-age=31536000, immutable');
});

test('a page carries the security headers', async () => {
  const reply = await front.ask('/');
  for (const name of ['referrer-policy', 'x-frame-options', 'permissions-policy', 'content-security-policy']) {
    assert.ok(reply.get(name), name);
  }
});

test('the fields of a route are on its files, and on its errors but for caching', async () => {
  const file = await front.ask('/docs/guide.txt');
  assert.deepEqual([file.get('cache-control'), file.get('x-docs')], ['max-age=60', '1']);
  const error = await front.ask('/docs/guide.txt', [], 'POST');
  assert.deepEqual([error.get('cache-control'), error.get('x-docs')], ['no-store', '1']);
  const missing = await front.ask('/docs/nowhere');
  assert.deepEqual([missing.get('cache-control'), missing.get('x-docs')], ['no-store', '1']);
});

test('an error has the site’s page, its own status, and never an error in place of an error', async () => {
  const page = await front.ask('/nowhere');
  assert.deepEqual([page.status, page.body], [404, '<p>404 in static-frontend: not-found']);
  assert.equal(page.get('cache-control'), 'no-store');
  assert.ok(page.get('content-security-policy'));
  assert.ok(page.get('permissions-policy'));
  const withoutPage = await front.ask('/a.txt', [], 'DELETE');
  assert.deepEqual([withoutPage.status, withoutPage.get('allow')], [405, 'GET, HEAD']);
  assert.match(withoutPage.body, /method-not-allowed/);
});

test('a program is told the same as JSON', async () => {
  const reply = await front.ask('/nowhere', ['Accept', 'application/json']);
  const { requestId, message, ...rest } = JSON.parse(reply.body);
  assert.deepEqual(rest, { tier: 'static-frontend', status: 404, reason: 'not-found' });
  assert.equal(requestId, reply.get('x-request-id'));
});

test('a file renamed over another is another representation at once', async () => {
  const first = await front.ask('/b.txt');
  await writeAt(join(tree.path, 'next.txt'), text, new Date('2026-01-02T03:04:05.001Z'));
  await rename(join(tree.path, 'next.txt'), join(tree.path, 'b.txt'));
  const second = await front.ask('/b.txt', ['If-None-Match', first.get('etag') ?? '']);
  assert.equal(second.status, 200);
  assert.notEqual(second.get('etag'), first.get('etag'));
  assert.equal(second.get('last-modified'), first.get('last-modified'));
});
