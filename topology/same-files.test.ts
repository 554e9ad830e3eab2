/**
 * One engine of files stands under the front, under the middleware of applications, and under APP_STATIC: the same request
 * for the same folder has the same answer from all three, field by field and byte by byte, but for what is listed.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { type FileTree, fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { staticFiles } from '../app-backend/src/static/static-files.ts';
import { StaticPlaces } from '../app-backend/src/static/static-places.ts';
import { type Serving, serve } from '../app-backend/src/testing/serving.ts';
import type { Application } from '../app-backend/src/wsgi.ts';
import { type RunningFront, runFront } from '../static-frontend/src/testing/running-front.ts';

const text = 'a line of text that is the same again and again\n'.repeat(40);
const large = Buffer.from(Array.from({ length: 300_007 }, (_, at) => (at * 7) % 251));

const files = {
  'site/static/a.txt': text,
  'site/static/a.txt.gz': gzipSync(text),
  'site/static/a.txt.br': brotliCompressSync(text),
  'site/static/a.txt.zst': zstdCompressSync(text),
  'site/static/only-gz.css': text,
  'site/static/only-gz.css.gz': gzipSync(text),
  'site/static/app.3f9a2b1c.js': 'hashed()',
  'site/static/app.20240101.js': 'dated()',
  'site/static/page.html': '<p>page',
  'site/static/empty.txt': '',
  'site/static/large.bin': large,
  'site/static/é ü.txt': 'accents',
  'site/static/photo.png': 'not really',
  'site/static/docs/index.html': '<p>docs',
  'site/static/bare/x.txt': 'x',
  'site/static/.env': 'secret',
  'site/static/.well-known/w.txt': 'known',
  'site/static/out': { link: '../../outer.txt' },
  'site/static/in': { link: 'a.txt' },
  'outer.txt': 'outer',
};

const date = 'Fri, 02 Jan 2026 03:04:05 GMT';

const app: Application = (_environ, start) => {
  start('404 Not Found', [['Content-Type', 'text/plain']]);
  return [Buffer.from('app')];
};

type Peer = 'front' | 'middleware' | 'APP_STATIC';
/** Fields that a peer has otherwise, and why. */
type Difference = { readonly fields: Readonly<Record<string, string | undefined>>; readonly why: string };
type Row = {
  readonly target: string;
  readonly method?: string;
  readonly fields?: readonly string[];
  readonly status: number;
  readonly differs?: Partial<Record<Peer, Difference>>;
};

const typed: Difference = {
  fields: { 'content-type': 'text/plain; charset=utf-8' },
  why: 'PEP 3333’s validator asks for a Content-Type wherever there may be content',
};
const rows: readonly Row[] = [
  { target: '/static/a.txt', status: 200 },
  { target: '/static/a.txt?v=3', status: 200 },
  { target: '/static/a.txt', method: 'HEAD', status: 200 },
  { target: '/static/empty.txt', status: 200 },
  { target: '/static/large.bin', status: 200 },
  { target: '/static/large.bin', method: 'HEAD', status: 200 },
  { target: '/static/%C3%A9%20%c3%bc.txt', status: 200 },
  { target: '/static/photo.png', status: 200 },
  { target: '/static/in', status: 200 },
  { target: '/static/app.3f9a2b1c.js', status: 200 },
  { target: '/static/app.20240101.js', status: 200 },
  { target: '/static/page.html', status: 200 },
  { target: '/static/./docs/../a.txt', status: 200 },
  { target: '/static//a.txt', status: 200 },
  { target: '/other/../static/a.txt', status: 200 },
  { target: '/%73tatic/a.txt', status: 200 },
  ...['gzip', 'br', 'zstd', 'gzip, br, zstd', 'br;q=0.5, gzip', 'identity', '*', 'br;q=0', 'deflate'].map((coding) => ({
    ...{ target: '/static/a.txt', fields: ['Accept-Encoding', coding], status: 200 },
  })),
  { target: '/static/only-gz.css', fields: ['Accept-Encoding', 'br, gzip'], status: 200 },
  { target: '/static/photo.png', fields: ['Accept-Encoding', 'gzip'], status: 200 },
  { target: '/static/a.txt', fields: ['Range', 'bytes=3-9'], status: 206 },
  { target: '/static/a.txt', fields: ['Range', 'bytes=3-9', 'Accept-Encoding', 'gzip'], status: 206 },
  { target: '/static/a.txt', fields: ['Range', 'bytes=0-1,5-6,-2'], status: 206 },
  { target: '/static/large.bin', fields: ['Range', 'bytes=100000-250000'], status: 206 },
  { target: '/static/large.bin', fields: ['Range', 'bytes=200000-299999,0-90000'], status: 206 },
  { target: '/static/a.txt', fields: ['Range', 'bytes=99999-'], status: 416 },
  { target: '/static/a.txt', fields: ['Range', 'lines=1-2'], status: 200 },
  { target: '/static/a.txt', method: 'HEAD', fields: ['Range', 'bytes=3-9'], status: 200 },
  { target: '/static/a.txt', fields: ['Range', 'bytes=3-9', 'If-Range', '"other"'], status: 200 },
  { target: '/static/a.txt', fields: ['If-None-Match', '*'], status: 304 },
  { target: '/static/a.txt', fields: ['If-None-Match', '"other"'], status: 200 },
  { target: '/static/a.txt', fields: ['If-Modified-Since', date], status: 304 },
  { target: '/static/page.html', fields: ['If-Modified-Since', date], status: 304 },
  { target: '/static/a.txt', fields: ['If-Match', '"other"'], status: 412 },
  { target: '/static/a.txt', fields: ['If-Unmodified-Since', 'Fri, 02 Jan 2015 03:04:05 GMT'], status: 412 },
  { target: '/static/a.txt', fields: ['If-Match', '"other"', 'Accept', 'application/json'], status: 412 },
  { target: '/static/docs/', status: 200 },
  { target: '/static/docs', status: 301, differs: { middleware: typed } },
  { target: '/static/docs?a=b', status: 301, differs: { middleware: typed } },
  { target: '/static/docs', method: 'HEAD', status: 301, differs: { middleware: typed } },
  { target: '/static/docs', method: 'PUT', status: 405 },
  { target: '/static/bare/', status: 404 },
  { target: '/static/bare', status: 404 },
  { target: '/static/a.txt/', status: 404 },
  { target: '/static/nothing.txt', status: 404 },
  { target: '/static/', status: 404 },
  { target: '/static/.env', status: 404 },
  { target: '/static/%2eenv', status: 404 },
  { target: '/static/.well-known/w.txt', status: 404 },
  { target: '/static/out', status: 404 },
  { target: '/static/docs%2Findex.html', status: 404 },
  { target: '/static/docs%5Cindex.html', status: 404 },
  ...['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'].map((method) => ({ target: '/static/a.txt', method, status: 405 })),
  ...['/static/%', '/static/%zz', '/static/%ff.txt', '/static/%00', '/static/../../x', '/static/%2e%2e/%2e%2e/x'].map(
    (target) => ({ target, status: 400 }),
  ),
];

/** What belongs to the exchange, or names the server. */
const notCompared = /^(?:date|server-timing|x-request-id|keep-alive)$/;

type Answer = { readonly status: number; readonly fields: Readonly<Record<string, string>>; readonly body: string };

/** With one boundary for all, and without what names the server in a page. */
function answerIn(received: string): Answer {
  const [, boundary] = /boundary=(\w+)/.exec(received) ?? [];
  const plain = boundary === undefined ? received : received.replaceAll(boundary, 'BOUNDARY');
  const end = plain.indexOf('\r\n\r\n');
  const [line = '', ...lines] = plain.slice(0, end).split('\r\n');
  const pairs = lines.map((each) => [
    each.slice(0, each.indexOf(':')).toLowerCase(),
    each.slice(each.indexOf(':') + 2),
  ]);
  const fields = Object.fromEntries(pairs.filter(([name = '']) => !notCompared.test(name)));
  const isPage = fields['cache-control'] === 'no-store';
  const body = plain.slice(end + 4);
  if (isPage) fields['content-length'] = 'LENGTH';
  return { status: Number(line.split(' ')[1]), fields, body: isPage ? pageOf(body) : body };
}

function pageOf(body: string): string {
  return body
    .replace(/static-frontend|app-backend/, 'TIER')
    .replace(/(<dt>Request<\/dt><dd><code>|"requestId":")[^<"]+/, '$1ID');
}

function bytesOf({ target, method = 'GET', fields = [] }: Row): string {
  let lines = `${method} ${target} HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n`;
  for (let i = 0; i + 1 < fields.length; i += 2) lines += `${fields[i]}: ${fields[i + 1]}\r\n`;
  return `${lines}\r\n`;
}

describe('a folder of files is served alike', () => {
  let tree: FileTree;
  let front: RunningFront;
  const others: [Peer, Serving][] = [];
  before(async () => {
    tree = await fileTree(files);
    const root = join(tree.path, 'site/static');
    front = await runFront({ root: join(tree.path, 'site'), site: { routes: [{ path: '/static/', files: '.' }] } });
    others.push(['middleware', await serve(staticFiles(app, { root, prefix: '/static/', fallthrough: false }))]);
    const places = new StaticPlaces({
      folders: [{ prefix: '/static/', folder: 'site/static' }],
      ...{ chdir: tree.path, mount: '', maxAge: 0, symlinks: 'inside', serverTiming: true },
    });
    others.push(['APP_STATIC', await serve(app, { places })]);
  });
  after(async () => {
    for (const each of [front, ...others.map(([, serving]) => serving), tree]) await each[Symbol.asyncDispose]();
  });

  for (const row of rows) {
    test(`${bytesOf(row).split(' HTTP')[0]} ${(row.fields ?? []).join(' ')}: ${row.status}`, async () => {
      const expected = answerIn(await rawExchange(front.port, bytesOf(row)));
      assert.equal(expected.status, row.status);
      for (const [peer, { port }] of others) {
        const { why, fields = {} } = row.differs?.[peer] ?? {};
        const got = answerIn(await rawExchange(port, bytesOf(row)));
        assert.deepEqual(
          got,
          { ...expected, fields: { ...expected.fields, ...fields } },
          `${peer}: ${why ?? 'as the front'}`,
        );
      }
    });
  }

  test('each representation has a tag of its own, the same from all, and a condition on it holds', async () => {
    const tags = new Set<string>();
    for (const coding of ['identity', 'gzip', 'br', 'zstd']) {
      const row: Row = { target: '/static/a.txt', fields: ['Accept-Encoding', coding], status: 200 };
      const { etag = '' } = answerIn(await rawExchange(front.port, bytesOf(row))).fields;
      tags.add(etag);
      for (const [, { port }] of others) {
        const again = bytesOf({ ...row, fields: ['Accept-Encoding', coding, 'If-None-Match', etag] });
        assert.equal(answerIn(await rawExchange(port, again)).status, 304);
      }
    }
    assert.equal(tags.size, 4);
  });
});
