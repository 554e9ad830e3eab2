import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { runFront } from '../testing/running-front.ts';
import { agree, twoLanes } from '../testing/two-lanes.ts';

const site = { routes: [{ path: '/', files: '.', listing: true, headers: { 'x-route': '1' } }] };
const time = '2026-01-02T03:04:05.000Z';
const json = ['Accept', 'application/json'];

const entries = {
  'd/b.txt': 'bb',
  'd/a b&<i>"%c:d.txt': 'x',
  'd/é.txt': '',
  'd/sub/x': 'x',
  'd/Zoo/x': 'x',
  'd/.env': 'e',
  'd/.git/x': 'x',
  'd/back\\slash': 'b',
  'd/line\nend': 'l',
  'd/link.txt': { link: 'b.txt' },
  'd/way': { link: 'sub' },
  'd/out.txt': { link: '/etc/hostname' },
  'd/etc': { link: '/etc' },
  'd/dangling': { link: 'nowhere' },
  'd/env': { link: '.env' },
  'indexed/index.html': 'i',
};

test('a folder without index says what is in it, and nothing that could not be asked for', async () => {
  await using tree = await fileTree(entries);
  execFileSync('mkfifo', [join(tree.path, 'd/pipe')]);
  await using front = await runFront({ root: tree.path, site });
  const reply = await front.ask('/d/', json);
  assert.equal(reply.status, 200);
  const rows = JSON.parse(reply.body) as { name: string; type: string; size?: number; mtime: string }[];
  assert.deepEqual(
    rows.map(({ name, type, size }) => [name, type, size]),
    [
      ['Zoo', 'folder', undefined],
      ['sub', 'folder', undefined],
      ['way', 'folder', undefined],
      ['a b&<i>"%c:d.txt', 'file', 1],
      ['b.txt', 'file', 2],
      ['link.txt', 'file', 2],
      // Raw bytes of UTF-8 as they came.
      [Buffer.from('é.txt').toString('latin1'), 'file', 0],
    ],
  );
  assert.equal(rows.find(({ name }) => name === 'b.txt')?.mtime, time);
  assert.deepEqual([reply.get('content-type'), reply.get('vary')], ['application/json', 'Accept']);
  assert.deepEqual([reply.get('cache-control'), reply.get('x-route')], ['no-cache', '1']);
});

test('as a page, names are text and links lead to what they name', async () => {
  await using tree = await fileTree(entries);
  await using front = await runFront({ root: tree.path, site });
  const reply = await front.ask('/d/', ['Accept', 'text/html,application/json;q=0.9']);
  assert.equal(reply.get('content-type'), 'text/html; charset=utf-8');
  assert.match(reply.get('content-security-policy') ?? '', /default-src 'none'/);
  assert.match(
    reply.body,
    /<a href="a%20b%26%3Ci%3E%22%25c%3Ad\.txt">a b&#38;&#60;i&#62;&#34;%c:d\.txt<\/a><td>1<td>2026-/,
  );
  assert.match(reply.body, /<a href="sub\/">sub\/<\/a><td><td>/);
  assert.match(reply.body, /<a href="\.\.\/">/);
  const links = [...reply.body.matchAll(/href="([^"]+)"/g)].map(([, href]) => href ?? '');
  assert.equal(links.length, 8);
  for (const href of links) {
    const { pathname } = new URL(href, `${front.url}/d/`);
    assert.equal((await front.ask(pathname)).status, 200, href);
  }
});

test('a listing is for reading, at its own path', async () => {
  await using tree = await fileTree(entries);
  await using front = await runFront({ root: tree.path, site });
  const whole = await front.ask('/d/');
  const head = await front.ask('/d/', [], 'HEAD');
  assert.deepEqual([head.status, head.get('content-length'), head.body], [200, whole.get('content-length'), '']);
  const post = await front.ask('/d/', [], 'POST');
  assert.deepEqual([post.status, post.get('allow')], [405, 'GET, HEAD']);
  const moved = await front.ask('/d?q');
  assert.deepEqual([moved.status, moved.get('location')], [301, '/d/?q']);
  const top = await front.ask('/');
  assert.deepEqual([top.status, top.body.includes('../')], [200, false]);
  assert.equal((await front.ask('/indexed/')).body, 'i');
  for (const path of ['/d/nothing/', '/d/.git/', '/d/etc/', '/d%2F/'])
    assert.equal((await front.ask(path)).status, 404);
});

test('without the option a folder without index is 404', async () => {
  await using tree = await fileTree(entries);
  await using front = await runFront({ root: tree.path, site: { routes: [{ path: '/', files: '.' }] } });
  for (const path of ['/d/', '/d', '/']) assert.equal((await front.ask(path)).status, 404, path);
});

test('a folder of more entries than are listed says so, as page and as data', async () => {
  await using tree = await fileTree({ 'd/': '' });
  execFileSync('sh', ['-c', 'seq 10001 | xargs touch'], { cwd: join(tree.path, 'd') });
  await using front = await runFront({ root: tree.path, site });
  const data = await front.ask('/d/', json);
  assert.deepEqual([JSON.parse(data.body).length, data.get('x-listing-truncated')], [10_000, '10000']);
  assert.match((await front.ask('/d/')).body, /There is more: these are 10000 of the entries/);
});

test('a listing is never hot, and an index that comes and goes is seen', async () => {
  await using tree = await fileTree({ 'd/x.txt': 'x', 'e/index.html': 'i' });
  const lanes = await twoLanes({ root: tree.path, site });
  await lanes.warm({ target: '/d/' });
  assert.equal(lanes.fast({ target: '/d/' }), undefined);
  await lanes.warm({ target: '/e/' });
  await agree(lanes, { target: '/e/' });
});
