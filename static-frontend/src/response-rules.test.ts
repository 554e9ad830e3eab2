import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { type Script, scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import type { ResponseRules, Site } from './define-site.ts';
import { byRules } from './response-rules.ts';
import { type Reply, runFront } from './testing/running-front.ts';
import { agree, twoLanes } from './testing/two-lanes.ts';

test('rules remove, then set, then add, whatever the case of a name', () => {
  const rules = { remove: ['X-A', 'x-gone'], set: { 'x-b': '2' }, add: { 'Set-Cookie': 'b=2', 'x-a': '3' } };
  const fields = ['x-a', '1', 'X-B', '1', 'set-cookie', 'a=1', 'X-B', 'again', 'X-C', '1'];
  assert.deepEqual(byRules(fields, rules), [
    ...['set-cookie', 'a=1', 'X-C', '1', 'x-b', '2', 'Set-Cookie', 'b=2', 'x-a', '3'],
  ]);
});

const rules: ResponseRules = {
  remove: ['x-frame-options', 'etag', 'retry-after', 'x-powered-by', 'www-authenticate', 'server-timing'],
  set: { 'X-Set': 'set', 'Cache-Control': 'max-age=1', 'Content-Type': 'text/plain' },
  add: { 'Set-Cookie': 'b=2' },
};
const headers = { 'x-set': 'by headers', 'cache-control': 'max-age=99' };
const route = { response: rules, headers };

const site: Site = {
  limits: { none: { rate: '1/h', by: 'all' } },
  routes: [
    { path: '/redirect/', redirect: '/x/', ...route },
    { path: '/status', returns: 204, ...route },
    { path: '/error', returns: 503, ...route },
    { path: '/app', proxy: 'app', ...route },
    { path: '/out', files: '.', access: { deny: ['127.0.0.1'] }, ...route },
    { path: '/secret', files: '.', basicAuth: { realm: 'r', users: {} }, ...route },
    { path: '/often', files: '.', limits: ['none'], ...route },
    { path: '/list', files: '.', listing: true, ...route },
    { path: '/', files: '.', ...route },
  ],
};

const talkative: Script = ({ target }, reply) => {
  const fields = [
    'X-Powered-By',
    'app',
    'ETag',
    '"app"',
    'X-Set',
    'app',
    'Set-Cookie',
    'a=1',
    'Content-Type',
    'text/html',
  ];
  reply.send(target.includes('500') ? 500 : 200, fields, 'app');
};

function hasBeenChanged(reply: Reply): void {
  for (const name of rules.remove ?? []) assert.equal(reply.get(name), undefined, name);
  assert.deepEqual(reply.head.match(/^x-set: .*$/gim), ['X-Set: set']);
  assert.deepEqual(reply.head.match(/^cache-control: .*$/gim), ['Cache-Control: max-age=1']);
  assert.deepEqual(reply.head.match(/^set-cookie: .*$/gim)?.at(-1), 'Set-Cookie: b=2');
  assert.equal(reply.get('content-type'), 'text/plain');
  assert.ok(reply.get('x-request-id'));
}

describe('the rules of a route have the last word on', () => {
  for (const [what, target, status, fields = [], method = 'GET'] of [
    ['a file', '/f.txt', 200],
    ['a page', '/index.html', 200],
    ['a file that has not changed', '/f.txt', 304, ['If-None-Match', '*']],
    ['a part', '/f.txt', 206, ['Range', 'bytes=0-1']],
    ['a condition that fails', '/f.txt', 412, ['If-Match', '"x"']],
    ['a range that is none', '/f.txt', 416, ['Range', 'bytes=99-']],
    ['a method that is not for files', '/f.txt', 405, [], 'DELETE'],
    ['a listing', '/list/', 200],
    ['a folder that wants its slash', '/list', 301],
    ['a redirect', '/redirect/x', 301],
    ['a status', '/status', 204],
    ['a status that is an error', '/error', 503],
    ['nothing', '/nowhere', 404],
    ['the app', '/app', 200],
    ['an error of the app', '/app?500', 500],
    ['who may not come in', '/out', 403],
    ['who has no password', '/secret', 401],
    ['who comes too often', '/often', 429],
  ] as const satisfies [string, string, number, (readonly string[])?, string?][]) {
    test(what, async () => {
      await using tree = await fileTree({ 'f.txt': 'file', 'index.html': '<p>', 'list/a': 'a' });
      await using app = await scriptedOrigin(talkative);
      await using front = await runFront({ root: tree.path, site, app: [app.address] });
      // Whoever comes for the second time comes too often, where that is limited.
      await front.ask(target, fields, method);
      const reply = await front.ask(target, fields, method);
      assert.equal(reply.status, status);
      hasBeenChanged(reply);
    });
  }

  test('an app that is not there', async () => {
    await using tree = await fileTree({});
    await using front = await runFront({ root: tree.path, site });
    const reply = await front.ask('/app');
    assert.equal(reply.status, 503);
    hasBeenChanged(reply);
  });
});

test('several ranges keep the media type that says how they are divided', async () => {
  await using tree = await fileTree({ 'f.txt': '0123456789' });
  await using front = await runFront({ root: tree.path, site: { routes: [{ path: '/', files: '.', ...route }] } });
  const reply = await front.ask('/f.txt', ['Range', 'bytes=0-1,5-6']);
  assert.equal(reply.status, 206);
  assert.match(reply.get('content-type') ?? '', /^multipart\/byteranges; boundary=/);
});

describe('in the fast lane', () => {
  const withoutTiming: ResponseRules = { ...rules, remove: ['x-frame-options', 'etag'] };

  for (const [what, fields] of [
    ['a file', []],
    ['one that has not changed', ['If-None-Match', '*']],
  ] as const) {
    test(`the rules are those of the slow one: ${what}`, async () => {
      await using tree = await fileTree({ 'f.txt': 'file', 'index.html': '<p>' });
      const lanes = await twoLanes({
        root: tree.path,
        site: { routes: [{ path: '/', files: '.', headers, response: withoutTiming }] },
      });
      for (const target of ['/f.txt', '/']) {
        await lanes.warm({ target });
        await agree(lanes, { target, fields });
        assert.match(lanes.fast({ target, fields })?.text ?? '', /^X-Set: set\r$[\s\S]*^Set-Cookie: b=2\r$/m);
      }
    });
  }

  test('no file is kept whose rules speak of what is said anew each time', async () => {
    await using tree = await fileTree({ 'f.txt': 'file' });
    const lanes = await twoLanes({ root: tree.path, site: { routes: [{ path: '/', files: '.', ...route }] } });
    await lanes.warm({ target: '/f.txt' });
    assert.equal(lanes.fast({ target: '/f.txt' }), undefined);
  });
});
