import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serve } from '../testing/serving.ts';
import { mountOf, type NodeHandler } from './node-mount.ts';

const nobody: NodeHandler = () => undefined;
const mounts = { '/express': nobody, '/express/deep': nobody };

for (const [target, prefix] of [
  ['/express', '/express'],
  ['/express/', '/express'],
  ['/express?x', '/express'],
  ['/express/a/b', '/express'],
  ['/express/deep/b', '/express/deep'],
  ['/express/deeper', '/express'],
  ['/expression', undefined],
  ['/', undefined],
] as const) {
  test(`${target} lies under ${prefix ?? 'no mount'}`, () => {
    assert.equal(mountOf(mounts, target), prefix);
  });
}

const told: NodeHandler = (request, response) => {
  const { url, originalUrl, baseUrl } = request as typeof request & { originalUrl: string; baseUrl: string };
  response.end(JSON.stringify([url, originalUrl, baseUrl]));
};

for (const [path, urls] of [
  ['/node/a?b', ['/a?b', '/node/a?b', '/node']],
  ['/node', ['/', '/node', '/node']],
  ['/node?b', ['/?b', '/node?b', '/node']],
] as const) {
  test(`behind the mount ${path} is ${urls[0]}`, async () => {
    await using serving = await serve(() => assert.fail('called'), { mounts: { '/node': told } });
    const response = await fetch(serving.url + path);
    assert.deepEqual(await response.json(), urls);
  });
}

test('a mounted handler answers with this tier’s own fields', async () => {
  await using serving = await serve(() => assert.fail('called'), { mounts: { '/node': told } });
  const response = await fetch(`${serving.url}/node`, { headers: { 'X-Request-Id': 'abc' } });
  assert.equal(response.headers.get('x-request-id'), 'abc');
  assert.match(response.headers.get('server-timing') ?? '', /^app;dur=/);
});

test('mounts lie under the mount of the application', async () => {
  await using serving = await serve(() => assert.fail('called'), { mounts: { '/node': told }, mount: '/shop' });
  const response = await fetch(`${serving.url}/shop/node/a`);
  assert.deepEqual(await response.json(), ['/a', '/shop/node/a', '/shop/node']);
});

test('a handler that throws is a 500, one that is silent meets the deadline', async () => {
  const broken: NodeHandler = () => {
    throw new Error('broken');
  };
  await using serving = await serve(() => assert.fail('called'), {
    mounts: { '/broken': broken, '/silent': nobody },
    requestTimeoutMs: 20,
  });
  assert.equal((await fetch(`${serving.url}/broken`)).status, 500);
  assert.equal((await fetch(`${serving.url}/silent`)).status, 504);
});
