import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import type { Site } from '../define-site.ts';
import { runFront } from '../testing/running-front.ts';

const access = { deny: ['127.0.0.1'] };
const toApp = { path: '/', proxy: 'app' };

async function stand(routes: Site['routes']) {
  await using own = new AsyncDisposableStack();
  const app = own.use(await scriptedOrigin((_, reply) => reply.send(200, [], 'app')));
  const tree = own.use(await fileTree({ 'admin.html': 'about' }));
  const limits = { few: { rate: '1000/s' } };
  const front = own.use(await runFront({ root: tree.path, site: { limits, routes }, app: [app.address] }));
  const all = own.move();
  return { ...front, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

for (const [name, routes, status] of [
  ['of an app', [{ path: '/admin/', proxy: 'app', access }, toApp], 301],
  ['of files and an app', [{ path: '/admin/', files: '.', otherwise: { proxy: 'app' }, access }, toApp], 301],
  ['where no other route is', [{ path: '/admin/', proxy: 'app', access }], 301],
  [
    'that another route takes first',
    [
      { path: '/admin', exact: true, proxy: 'app' },
      { path: '/admin/', proxy: 'app', access },
    ],
    200,
  ],
  ['that is only limited', [{ path: '/admin/', proxy: 'app', limits: ['few'] }, toApp], 200],
  [
    'of files alone',
    [
      { path: '/admin/', files: '.', access },
      { path: '/', files: '.', try: ['{path}.html'] },
    ],
    200,
  ],
] as const) {
  test(`the path without slash of a guarded folder ${name} is a ${status}`, async () => {
    await using front = await stand(routes);
    const reply = await front.ask('/admin?a=b', [], 'GET');
    assert.deepEqual([reply.status, reply.get('location')], [status, status === 301 ? '/admin/?a=b' : undefined]);
  });
}

test('a WebSocket does not get to the app by it', async () => {
  await using front = await stand([{ path: '/admin/', proxy: 'app', access }, toApp]);
  await using client = await rawConnect(front.port);
  await client.write(
    'GET /admin HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  assert.match(await client.readUntil('\r\n\r\n'), /^HTTP\/1\.1 404 /);
});
