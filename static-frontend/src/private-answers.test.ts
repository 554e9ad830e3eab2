import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import type { GuardOptions } from './site/guard-options.ts';
import { runFront } from './testing/running-front.ts';

const users = { ada: '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=' };
const asAda = ['Authorization', `Basic ${Buffer.from('ada:password').toString('base64')}`];
const tree = { 'app.3f9a2b1c.js': 'x', 'page.html': 'p', 'plain.txt': 't', 'folder/a': 'a' };

async function cacheControl(guard: GuardOptions, headers: Readonly<Record<string, string>> = {}) {
  await using files = await fileTree(tree);
  const route = { path: '/', files: '.', listing: true, headers, ...guard };
  await using front = await runFront({ root: files.path, site: { limits: { l: { concurrent: 9 } }, routes: [route] } });
  const found: (string | undefined)[] = [];
  for (const target of ['/app.3f9a2b1c.js', '/page.html', '/plain.txt', '/folder/']) {
    const whole = await front.ask(target, asAda);
    const part = await front.ask(target, [...asAda, 'Range', 'bytes=0-0']);
    const { head } = await front.ask(target, [...asAda, 'If-None-Match', whole.get('etag') ?? '"none"']);
    assert.equal(part.get('cache-control'), whole.get('cache-control'), target);
    assert.match(head, whole.get('etag') === undefined ? /^HTTP\/1\.1 200/ : /^HTTP\/1\.1 304/);
    found.push(whole.get('cache-control'));
  }
  return found;
}

const forAll = ['public, max-age=31536000, immutable', 'no-cache', undefined, 'no-cache'];
const forSome = ['private, max-age=31536000, immutable', 'private, no-cache', 'private', 'private, no-cache'];

for (const [name, guard, expected] of [
  ['none', {}, forAll],
  ['a password', { basicAuth: { realm: 'r', users } }, forSome],
  ['a list of those who may', { access: { allow: ['127.0.0.1'] } }, forSome],
  ['a list of those who may not', { access: { deny: ['192.0.2.1'] } }, forAll],
  ['a limit', { limits: ['l'] }, forAll],
] as const) {
  test(`behind ${name}, shared caches may keep a file ${expected === forAll ? 'as ever' : 'not at all'}`, async () => {
    assert.deepEqual(await cacheControl(guard), expected);
  });
}

test('what the route says of caching stands, guard or no guard', async () => {
  const headers = { 'cache-control': 'public, max-age=9' };
  assert.deepEqual(
    await cacheControl({ basicAuth: { realm: 'r', users } }, headers),
    Array(4).fill(headers['cache-control']),
  );
});

test('where a guarded redirect leads is not for shared caches either', async () => {
  await using files = await fileTree({ 'folder/index.html': 'i' });
  const basicAuth = { realm: 'r', users };
  const routes = [
    { path: '/old/', redirect: '/new/', basicAuth },
    { path: '/', files: '.', basicAuth },
  ];
  await using front = await runFront({ root: files.path, site: { routes } });
  for (const target of ['/old/x', '/folder']) {
    const reply = await front.ask(target, asAda);
    assert.deepEqual([reply.status, reply.get('cache-control')], [301, 'private']);
  }
});
