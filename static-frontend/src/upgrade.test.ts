import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { rawOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import { runFront } from './testing/running-front.ts';

const site = {
  routes: [
    { path: '/only-files/', files: '.' },
    { path: '/', files: '.', otherwise: { proxy: 'app' } },
  ],
};

const switching = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-App: 1\r\n\r\n';

function handshake(target: string): string {
  return (
    `GET ${target} HTTP/1.1\r\nHost: front.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n'
  );
}

async function echoing() {
  return await rawOrigin((socket) => {
    socket.once('data', () => {
      socket.write(switching);
      socket.on('data', (chunk) => socket.write(chunk));
    });
  });
}

test('a WebSocket goes through to the app, with the fields that any request gets', async () => {
  await using app = await echoing();
  await using tree = await fileTree({ 'f.txt': 'f' });
  await using front = await runFront({ root: tree.path, site, app: [app.address] });
  await using client = await rawConnect(front.port);
  await client.write(handshake('/ws?a=%2F'));
  const head = await client.readUntil('\r\n\r\n');
  assert.match(head, /^HTTP\/1\.1 101 [\s\S]*X-App: 1/i);
  assert.match(head, /^X-Request-Id: /im);
  await client.write('\x81\x02hi');
  await client.readUntil('\x81\x02hi');
  assert.match(app.received, /^GET \/ws\?a=%2F HTTP\/1\.1\r\n/);
  assert.match(app.received, /^X-Forwarded-For: 127\.0\.0\.1\r$/im);
  assert.match(app.received, /^Via: 1\.1 static-frontend\r$/im);
});

for (const [target, status] of [
  ['/f.txt', 404],
  ['/.env', 404],
  ['/only-files/ws', 404],
  ['/%zz', 400],
] as const) {
  test(`a WebSocket to ${target} is a ${status}, and the app hears nothing of it`, async () => {
    await using app = await echoing();
    await using tree = await fileTree({ 'f.txt': 'f', '.env': 'e' });
    await using front = await runFront({ root: tree.path, site, app: [app.address] });
    await using client = await rawConnect(front.port);
    await client.write(handshake(target));
    assert.match(await client.readUntil('\r\n\r\n'), new RegExp(`^HTTP/1\\.1 ${status} `));
    await client.closed;
    assert.equal(app.connections, 0);
  });
}

test('a WebSocket gets the target of its route, too', async () => {
  await using app = await echoing();
  await using tree = await fileTree({});
  const swapping = { routes: [{ path: '/live/', proxy: 'app', to: '/ws/' }] };
  await using front = await runFront({ root: tree.path, site: swapping, app: [app.address] });
  await using client = await rawConnect(front.port);
  await client.write(handshake('/live/a%2Fb?c'));
  assert.match(await client.readUntil('\r\n\r\n'), /^HTTP\/1\.1 101 /);
  assert.match(app.received, /^GET \/ws\/a%2Fb\?c HTTP/);
});
