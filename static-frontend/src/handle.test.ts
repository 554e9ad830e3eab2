import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type FileTree, fileTree } from '@trivet/kit/testing/file-tree.ts';
import { type ScriptedOrigin, scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import type { Site } from './define-site.ts';
import { type RunningFront, runFront } from './testing/running-front.ts';

const files: Site = { routes: [{ path: '/', files: '.' }] };
const filesThenApp: Site = {
  routes: [
    { path: '/old/', redirect: '/new/', status: 308, headers: { 'x-route': 'old' } },
    { path: '/api/', proxy: 'app' },
    { path: '/', files: '.', otherwise: { proxy: 'app' }, headers: { 'x-route': 'files' } },
  ],
};

let tree: FileTree;
let app: ScriptedOrigin;
let alone: RunningFront;
let front: RunningFront;

before(async () => {
  tree = await fileTree({
    'secret.txt': 's',
    'public/index.html': '<p>start',
    'public/f.txt': 'f',
    'public/sub/index.html': '<p>sub',
    'public/sub/f.txt': 'g',
    'public/bare/f.txt': 'f',
    'public/é.txt': 'é',
    'public/back\\slash.txt': 'b',
    'public/.env': 'PASSWORD=1',
    'public/.git/config': '[core]',
    'public/.well-known/security.txt': 'Contact: mailto:security@example.org',
    'public/link.txt': { link: 'sub/f.txt' },
    'public/escape.txt': { link: '../secret.txt' },
    'public/escape': { link: '..' },
  });
  app = await scriptedOrigin((request, reply) => reply.send(200, ['X-App', '1'], request.target));
  const root = `${tree.path}/public`;
  alone = await runFront({ root, site: files });
  front = await runFront({ root, site: filesThenApp, app: [app.address] });
});

after(async () => {
  await front[Symbol.asyncDispose]();
  await alone[Symbol.asyncDispose]();
  await app[Symbol.asyncDispose]();
  await tree[Symbol.asyncDispose]();
});

// What the front alone answers, and who answers when the app stands behind it.
const paths: readonly [target: string, status: number, behind: 'file' | 'front' | 'app'][] = [
  ['/', 200, 'file'],
  ['/f.txt', 200, 'file'],
  ['/f.txt?x=%zz', 200, 'file'],
  ['/%66.txt', 200, 'file'],
  ['/%2566.txt', 404, 'app'],
  ['/../x', 400, 'front'],
  ['/..', 400, 'front'],
  ['/sub/../../x', 400, 'front'],
  ['/%2e%2e/x', 400, 'front'],
  ['/%2e%2e%2fsecret.txt', 400, 'front'],
  ['/sub/%2e%2e/f.txt', 200, 'file'],
  ['/sub/./f.txt', 200, 'file'],
  ['/sub/..%2ff.txt', 404, 'app'],
  ['/sub%2f..%2ff.txt', 404, 'app'],
  ['/sub%2ff.txt', 404, 'app'],
  ['/sub/..%2f../x', 400, 'front'],
  ['/back%5cslash.txt', 404, 'app'],
  ['/back\\slash.txt', 404, 'app'],
  ['/f.txt%00', 400, 'front'],
  ['/%00.html', 400, 'front'],
  ['/nowhere%00', 400, 'front'],
  ['/f.txt%', 400, 'front'],
  ['/%zz', 400, 'front'],
  ['/%2', 400, 'front'],
  ['/%u002e', 400, 'front'],
  ['//f.txt', 200, 'file'],
  ['/sub//index.html', 200, 'file'],
  ['/.env', 404, 'front'],
  ['/%2eenv', 404, 'front'],
  ['/.git/config', 404, 'front'],
  ['/.nothing', 404, 'front'],
  ['/.well-known/security.txt', 200, 'file'],
  ['/link.txt', 200, 'file'],
  ['/escape.txt', 404, 'front'],
  ['/escape/secret.txt', 404, 'front'],
  ['/bare', 404, 'front'],
  ['/bare/', 404, 'front'],
  ['/sub', 301, 'front'],
  ['/sub/', 200, 'file'],
  ['/f.txt/', 404, 'app'],
  ['/f.txt/x', 404, 'app'],
  ['/%c3%a9.txt', 200, 'file'],
  ['/\xc3\xa9.txt', 400, 'front'],
  ['/%c0%ae%c0%ae/x', 400, 'front'],
  ['/%c0%af', 400, 'front'],
  ['/f.txt#x', 400, 'front'],
  ['/f.txt%0d%0aX:1', 400, 'front'],
  [`/${'x'.repeat(300)}`, 404, 'app'],
  [`/${'x'.repeat(17_000)}`, 414, 'front'],
  ['http://other.example/f.txt', 200, 'file'],
  ['http://other.example', 200, 'file'],
  ['*', 400, 'front'],
  ['f.txt', 400, 'front'],
  ['/nowhere', 404, 'app'],
];

describe('a path is read in one way', () => {
  for (const [target, status, behind] of paths) {
    test(`${target.slice(0, 40)}: ${status}, and with an app behind it answers the ${behind}`, async () => {
      assert.equal((await alone.ask(target)).status, status);
      const reply = await front.ask(target);
      assert.equal(reply.get('x-app') === '1', behind === 'app');
      if (behind === 'app') assert.equal(reply.body, target);
      else assert.equal(reply.status, status);
      assert.equal(reply.get('x-content-type-options') === 'nosniff', behind !== 'app');
    });
  }
});

test('a folder without its slash is told so without host or scheme, and keeps the query', async () => {
  const reply = await front.ask('/sub/.//../%73ub?a=/b');
  assert.equal(reply.status, 301);
  assert.equal(reply.get('location'), '/sub/?a=/b');
  assert.equal((await front.ask('/sub', [], 'POST')).status, 405);
});

test('a path that has moved takes its rest and its query along', async () => {
  const reply = await front.ask('/old/a%2Fb?c');
  assert.deepEqual([reply.status, reply.get('location'), reply.get('x-route')], [308, '/new/a%2Fb?c', 'old']);
});

for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
  test(`${method} on a file is refused here, whatever the app could do with it`, async () => {
    const seen = app.requests.length;
    for (const target of ['/f.txt', '/', '/sub/']) {
      const reply = await front.ask(target, ['Content-Length', '0'], method);
      assert.equal(reply.status, 405);
      assert.equal(reply.get('allow'), 'GET, HEAD');
    }
    assert.equal(app.requests.length, seen);
  });
}

test('a method on what is no file is the app’s business', async () => {
  assert.equal((await front.ask('/form', ['Content-Length', '0'], 'POST')).get('x-app'), '1');
});

test('HEAD is GET without the body', async () => {
  const [get, head] = [await front.ask('/f.txt'), await front.ask('/f.txt', [], 'HEAD')];
  const stable = (text: string) => text.replace(/^(Date|X-Request-Id|Server-Timing): .*$/gm, '');
  assert.equal(stable(head.head), stable(get.head));
  assert.deepEqual([get.body, head.body], ['f', '']);
});

test('a question about the server itself is answered here', async () => {
  const seen = app.requests.length;
  assert.equal((await front.ask('*', [], 'OPTIONS')).status, 204);
  assert.equal((await front.ask('/api/x', ['Max-Forwards', '0'], 'OPTIONS')).status, 204);
  assert.equal(app.requests.length, seen);
});

test('every answer carries the request id and this tier’s time, and those of the app keep their own', async () => {
  for (const target of ['/f.txt', '/sub', '/.env', '/old/', '/api/x']) {
    const reply = await front.ask(target);
    assert.match(reply.get('x-request-id') ?? '', /^[\w-]+$/, target);
    assert.match(reply.get('server-timing') ?? '', /^front;dur=\d/, target);
    assert.equal(reply.get('via'), target === '/api/x' ? '1.1 static-frontend' : undefined, target);
  }
});

test('the log tells why a file was not given, the page does not', async () => {
  const reply = await front.ask('/escape.txt');
  assert.doesNotMatch(reply.body, /root/);
  assert.match(reply.body, /not-found/);
  const record = front.records.find(({ target }) => target === '/escape.txt');
  assert.equal(record?.why, 'outside the root');
  assert.equal(record?.fault?.reason, 'not-found');
});
