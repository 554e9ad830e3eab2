import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import type { Site } from './define-site.ts';
import { runFront } from './testing/running-front.ts';

const own = '<p>{{status}} {{reason}}';

const site: Site = {
  routes: [
    { path: '/gone', returns: 410 },
    { path: '/busy', returns: 503 },
    { path: '/teapot', returns: 418 },
    { path: '/', files: '.' },
  ],
  errorPages: {
    ...{ 400: 'own.html', 404: 'own.html', 405: 'own.html', 410: 'gone.txt', 412: 'own.html', 416: 'own.html' },
    ...{ 418: 'nowhere/418.html', 503: 'folder' },
  },
};

const entries = { 'own.html': own, 'gone.txt': 'gone {{status}}', 'folder/x': 'x', 'f.txt': 'content' };

type Row = readonly [target: string, method: string, fields: readonly string[], status: number, body: string | RegExp];

const table: readonly Row[] = [
  ['/nothing', 'GET', [], 404, '<p>404 not-found'],
  ['/a%zz', 'GET', [], 400, '<p>400 bad-path'],
  ['/f.txt', 'POST', [], 405, '<p>405 method-not-allowed'],
  ['/f.txt', 'GET', ['If-Match', '"x"'], 412, '<p>412 precondition-failed'],
  ['/f.txt', 'GET', ['Range', 'bytes=99-'], 416, '<p>416 range-not-satisfiable'],
  ['/f.txt', 'GET', ['Range', 'bytes=99-,100-'], 416, '<p>416 range-not-satisfiable'],
  ['/gone', 'GET', [], 410, 'gone {{status}}'],
  // The page is for the status alone: a condition or a range of the request is not about it.
  ['/nothing', 'GET', ['If-None-Match', '*'], 404, '<p>404 not-found'],
  ['/nothing', 'GET', ['Range', 'bytes=0-1'], 404, '<p>404 not-found'],
  ['/nothing', 'GET', ['Accept-Encoding', 'br'], 404, '<p>404 not-found'],
  // No page, a folder in its place: the kit's own, and not a 404 for the page.
  ['/teapot', 'GET', [], 418, /<h1>418 /],
  ['/busy', 'GET', [], 503, /<h1>503 /],
];

for (const [target, method, fields, status, body] of table) {
  test(`${method} ${target} ${fields.join(' ')}: ${status} with its page`, async () => {
    await using tree = await fileTree(entries);
    await using front = await runFront({ root: tree.path, site });
    const reply = await front.ask(target, fields, method);
    assert.equal(reply.status, status);
    if (typeof body === 'string') assert.equal(reply.body, body);
    else assert.match(reply.body, body);
    assert.deepEqual([reply.get('cache-control'), reply.get('etag')], ['no-store', undefined]);
    assert.equal(reply.get('content-length'), String(reply.body.length));
    if (method !== 'GET') return;
    const head = await front.ask(target, fields, 'HEAD');
    // Range means nothing to HEAD.
    if (status === 416) return assert.deepEqual([head.status, head.body], [200, '']);
    assert.deepEqual([head.status, head.body], [status, '']);
    assert.equal(head.get('content-length'), reply.get('content-length'));
    assert.equal(head.get('content-type'), reply.get('content-type'));
  });
}

test('a 304 is no error, and has no page', async () => {
  await using tree = await fileTree(entries);
  await using front = await runFront({ root: tree.path, site });
  const reply = await front.ask('/f.txt', ['If-None-Match', '*']);
  assert.deepEqual([reply.status, reply.body, reply.get('content-length')], [304, '', undefined]);
});

test('a page that is asked for by its name is a file', async () => {
  await using tree = await fileTree(entries);
  await using front = await runFront({ root: tree.path, site });
  assert.deepEqual([(await front.ask('/own.html')).status, (await front.ask('/own.html')).body], [200, own]);
});

// It says 4096 bytes and has fewer: what happens to a page that is cut while it is read, every time.
const shorter = '/sys/devices/system/cpu/online';

test('a page that cannot be read makes no other error of it', {
  skip: !existsSync(shorter) && 'needs Linux',
}, async () => {
  await using tree = await fileTree({ '404.html': { link: shorter } });
  const pages = { routes: [{ path: '/', files: '.' }], errorPages: { 404: '404.html' } };
  await using front = await runFront({ root: tree.path, site: pages, symlinks: 'any' });
  const reply = await front.ask('/nothing');
  assert.equal(reply.status, 404);
  assert.match(reply.body, /<h1>404 /);
  assert.match(front.records[0]?.why ?? '', /^no file nothing; its page cannot be read: the file was cut/);
});
