import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { rawOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import type { Site } from '../define-site.ts';
import { runFront } from '../testing/running-front.ts';

const password = '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=';
const switching = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const asAda = `Authorization: Basic ${Buffer.from('ada:password').toString('base64')}\r\n`;

function handshake(target: string, fields = ''): string {
  return (
    `GET ${target} HTTP/1.1\r\nHost: front.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${fields}\r\n`
  );
}

/** Opens tunnels; answers `/auth` with what it is given. */
async function stand(site: Site, auth = '') {
  await using own = new AsyncDisposableStack();
  const app = own.use(
    await rawOrigin((socket) => {
      socket.once('data', (chunk) => {
        if (chunk.toString().startsWith('GET /auth')) return void socket.end(auth);
        socket.write(switching);
      });
    }),
  );
  const tree = own.use(await fileTree({}));
  const front = own.use(await runFront({ root: tree.path, site, app: [app.address] }));
  const all = own.move();
  return { app, front, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

async function headOf(port: number, request: string): Promise<string> {
  await using client = await rawConnect(port);
  await client.write(request);
  return await client.readUntil('\r\n\r\n');
}

const toApp = { path: '/', proxy: 'app' };

test('a WebSocket needs the password and the address that any request needs', async () => {
  const basicAuth = { realm: 'r', users: { ada: password } };
  await using at = await stand({
    routes: [
      { path: '/out', proxy: 'app', access: { deny: ['127.0.0.0/8'] } },
      { ...toApp, basicAuth },
    ],
  });
  assert.match(await headOf(at.front.port, handshake('/out')), /^HTTP\/1\.1 403 /);
  const refused = await headOf(at.front.port, handshake('/ws'));
  assert.match(refused, /^HTTP\/1\.1 401 [\s\S]*^WWW-Authenticate: Basic realm="r", charset="UTF-8"\r$/m);
  assert.equal(at.app.received, '');
  assert.match(await headOf(at.front.port, handshake('/ws', asAda)), /^HTTP\/1\.1 101 /);
});

test('an open tunnel has its place until it closes', async () => {
  await using at = await stand({ limits: { one: { concurrent: 1 } }, routes: [{ ...toApp, limits: ['one'] }] });
  await using first = await rawConnect(at.front.port);
  await first.write(handshake('/ws'));
  await first.readUntil('\r\n\r\n');
  assert.match(await headOf(at.front.port, handshake('/ws')), /^HTTP\/1\.1 429 [\s\S]*^Retry-After: 1\r$/m);
  first.reset();
  await eventually(async () => assert.match(await headOf(at.front.port, handshake('/ws')), /^HTTP\/1\.1 101 /));
});

const authRequest = { proxy: 'app', path: '/auth', copy: ['X-User'] };

test('an upstream that is asked decides over a WebSocket, too, and tells the app who it is', async () => {
  const site = { routes: [{ ...toApp, authRequest }] };
  await using open = await stand(site, 'HTTP/1.1 200 OK\r\nX-User: ada\r\nContent-Length: 0\r\n\r\n');
  assert.match(await headOf(open.front.port, handshake('/ws', 'X-User: root\r\n')), /^HTTP\/1\.1 101 /);
  const [asked = '', told = ''] = open.app.received.split('GET /ws ');
  assert.match(asked, /^X-Original-URI: \/ws\r$/im);
  assert.doesNotMatch(asked, /^Upgrade:/im);
  assert.deepEqual(told.match(/^X-User: .*$/gim), ['X-User: ada']);

  await using closed = await stand(site, 'HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer\r\nContent-Length: 0\r\n\r\n');
  const head = await headOf(closed.front.port, handshake('/ws'));
  assert.match(head, /^HTTP\/1\.1 401 [\s\S]*^WWW-Authenticate: Bearer\r$/m);
  assert.doesNotMatch(closed.app.received, /GET \/ws/);
});
