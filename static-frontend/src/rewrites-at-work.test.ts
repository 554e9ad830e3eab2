// Rewrites through the wire: what the app is asked for, what files answer, what is refused, in both lanes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { rawOrigin, scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import type { Site } from './define-site.ts';
import { runFront } from './testing/running-front.ts';
import { agree, twoLanes } from './testing/two-lanes.ts';

const site: Site = {
  rewrites: [
    { path: '/api/v1/', to: '/app/' },
    { pattern: /^\/go\/(.*)$/, to: '/$1' },
    { path: '/round', to: '/round/and' },
    { path: '/moved.txt', exact: true, to: '/f.txt' },
    { path: '/gone.txt', exact: true, to: '/app/gone' },
  ],
  routes: [
    { path: '/app/', proxy: 'app' },
    { path: '/in/', files: '.', access: { deny: ['127.0.0.1'] } },
    { path: '/', files: '.' },
  ],
};

const tree = () => fileTree({ 'f.txt': 'f', 'gone.txt': 'gone', 'in/f.txt': 'secret', '.env': 'e', 'x/y.txt': 'y' });

test('the app is asked for what the site makes of a target, and nothing else is touched', async () => {
  await using app = await scriptedOrigin((_, reply) => reply.send(200, [], 'the app'));
  await using files = await tree();
  await using front = await runFront({ root: files.path, site, app: [app.address] });
  assert.equal((await front.ask('/api/v1/%7Ex%2Fy//z?a=%2F&b')).body, 'the app');
  assert.equal(app.requests[0]?.target, '/app/%7Ex%2Fy//z?a=%2F&b');
  assert.equal(front.records[0]?.target, '/api/v1/%7Ex%2Fy//z?a=%2F&b');
});

for (const [target, status, body] of [
  ['/moved.txt', 200, /^f$/],
  ['/go/x/y.txt', 200, /^y$/],
  ['/go/x%2fy.txt', 404, /not-found/],
  ['/go/.env', 404, /not-found/],
  ['/go/%2eenv', 404, /not-found/],
  ['/go/in/f.txt', 403, /access-denied/],
  ['/go/%69n/f.txt', 403, /access-denied/],
  ['/go/in%2ff.txt', 403, /access-denied/],
  ['/x/../go/in%2ff.txt', 400, /bad-path/],
  ['/go/..%2f..%2fetc', 400, /bad-path/],
  ['/round', 500, /rewrite-loop/],
] as const) {
  test(`${target} is ${status}`, async () => {
    await using files = await tree();
    await using front = await runFront({ root: files.path, site });
    const reply = await front.ask(target, ['Accept', 'application/json']);
    assert.equal(reply.status, status);
    assert.match(reply.body, body);
    if (status !== 500) return;
    const { fault } = front.records[0] ?? {};
    assert.equal(fault?.reason, 'rewrite-loop');
    assert.match(String(fault?.cause), /rewritten 10 times, at last to \/round\/and\/and/);
  });
}

test('a WebSocket is rewritten as any request is', async () => {
  const switching = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  await using app = await rawOrigin((socket) => void socket.once('data', () => socket.write(switching)));
  await using files = await tree();
  await using front = await runFront({ root: files.path, site, app: [app.address] });
  const open = async (target: string) => {
    await using client = await rawConnect(front.port);
    await client.write(
      `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    return (await client.readUntil('\r\n\r\n')).slice(9, 12);
  };
  assert.equal(await open('/api/v1/ws?x=%2F'), '101');
  assert.match(app.received, /^GET \/app\/ws\?x=%2F HTTP/);
  assert.equal(await open('/round'), '500');
});

test('what a redirect to a folder names is the path that was made of the target', async () => {
  await using files = await fileTree({ 'x/index.html': 'x' });
  await using front = await runFront({ root: files.path, site });
  assert.equal((await front.ask('/go/x?a')).get('location'), '/x/?a');
});

test('a hot file answers neither for a path that is moved, nor by way of one', async () => {
  await using files = await tree();
  const lanes = await twoLanes({ root: files.path, site });
  for (const target of ['/f.txt', '/moved.txt', '/%6doved.txt', '/gone.txt', '/go/f.txt']) await lanes.warm({ target });
  await agree(lanes, { target: '/f.txt' });
  for (const target of ['/moved.txt', '/%6doved.txt', '/x/../moved.txt', '/gone.txt', '/go/f.txt']) {
    assert.equal(lanes.fast({ target }), undefined, target);
  }
});
