import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { serve } from '../testing/serving.ts';
import type { Application } from '../wsgi.ts';
import { StaticPlaces, type StaticPlacesOptions } from './static-places.ts';

let calls = 0;
const app: Application = (environ, start) => {
  calls += 1;
  start('200 OK', [['Content-Type', 'text/plain']]);
  return [Buffer.from(`app ${environ.PATH_INFO}`)];
};

const entries = {
  'public/a.txt': 'a',
  'public/a b.txt': 'blank',
  'public/docs/index.html': 'docs',
  'vendor/v.txt': 'v',
  'top/index.html': 'top',
};

const usual = { mount: '', maxAge: 0, symlinks: 'inside', serverTiming: true } as const;
const folders = [
  { prefix: '/', folder: 'top' },
  { prefix: '/static/', folder: 'public' },
  { prefix: '/static/vendor/', folder: 'vendor' },
];

async function serving(more: Partial<StaticPlacesOptions> = {}) {
  const tree = await fileTree(entries);
  const places = new StaticPlaces({ ...usual, folders, chdir: tree.path, ...more });
  const server = await serve(app, { places, mount: more.mount ?? '' });
  const dispose = async () => {
    await server[Symbol.asyncDispose]();
    await tree[Symbol.asyncDispose]();
  };
  return { tree, places, server, [Symbol.asyncDispose]: dispose };
}

for (const [target, expected] of [
  ['/static/a.txt', 'a'],
  ['/static/a%20b.txt', 'blank'],
  ['/static/vendor/v.txt', 'v'],
  ['/', 'top'],
  ['/nothing', 'app /nothing'],
  ['/static', 'app /static'],
  ['/%ff', '400'],
  ['/static/nothing', '404'],
  ['/static/vendor/a.txt', '404'],
] as const) {
  test(`${target} is answered by ${expected}`, async () => {
    await using stand = await serving();
    const before = calls;
    const response = await fetch(stand.server.url + target);
    assert.equal(response.status === 200 ? await response.text() : String(response.status), expected);
    assert.equal(calls - before, expected.startsWith('app') ? 1 : 0);
  });
}

test('a 404 is told with the path that was looked for, in the log and not to the client', async () => {
  await using stand = await serving();
  const response = await fetch(`${stand.server.url}/static/css/gone.css`);
  assert.ok(!(await response.text()).includes(stand.tree.path));
  const wanted = join(stand.tree.path, 'public/css/gone.css');
  await eventually(() => assert.equal(stand.server.records[0]?.why, `no file ${wanted}`));
});

test('prefixes are behind the mount, and a folder’s slash is asked for in front of it, too', async () => {
  await using stand = await serving({ mount: '/shop' });
  const get = (path: string) =>
    fetch(stand.server.url + path, { redirect: 'manual', headers: { 'X-Forwarded-Prefix': '/outer' } });
  assert.equal(await (await get('/shop/static/a.txt')).text(), 'a');
  assert.equal((await get('/static/a.txt')).status, 404);
  assert.equal((await get('/shop/static/docs')).headers.get('location'), '/outer/shop/static/docs/');
});

test('the answer carries what every answer of this tier does', async () => {
  await using stand = await serving();
  const response = await fetch(`${stand.server.url}/static/a.txt`, { headers: { 'X-Request-Id': 'given-id-1' } });
  assert.equal(response.headers.get('x-request-id'), 'given-id-1');
  assert.match(response.headers.get('server-timing') ?? '', /^app;dur=/);
});

test('the body of a refused request is not waited for', async () => {
  await using stand = await serving();
  const bytes = 'POST /static/a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nx';
  const answer = await rawExchange(stand.server.port, bytes);
  assert.match(answer, /^HTTP\/1\.1 405 [\s\S]*\r\nallow: GET, HEAD\r\n[\s\S]*connection: close\r\n/i);
});

test('who answers in another way can ask whether a path is covered', async () => {
  await using stand = await serving({ folders: folders.slice(1) });
  const { places } = stand;
  assert.deepEqual(
    ['/static/x', '/x/../static/x', '/static', '/x', '*', '/static/%ff'].map((target) => places.covers(target)),
    [true, true, false, false, false, true],
  );
});

test('every folder that is missing is told, with what to do', async () => {
  await using tree = await fileTree(entries);
  const wrong = [...folders, { prefix: '/m/', folder: 'media' }, { prefix: '/n/', folder: 'public/a.txt' }];
  assert.throws(
    () => new StaticPlaces({ ...usual, folders: wrong, chdir: tree.path }),
    (error: Error & { problems?: readonly string[] }) => {
      assert.deepEqual(error.problems, [
        `APP_STATIC: there is no folder ${tree.path}/media: put the files of /m/ there, or name another folder in APP_STATIC`,
        `APP_STATIC: ${tree.path}/public/a.txt is not a folder: put the files of /n/ there, or name another folder in APP_STATIC`,
      ]);
      return true;
    },
  );
});
