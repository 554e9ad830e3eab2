import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '@trivet/kit/process/settings.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { rawOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import { silentLog } from '@trivet/kit/testing/silent.ts';
import { testListener } from '@trivet/kit/testing/test-listener.ts';
import { Tunnel } from '@trivet/kit/upstream/tunnel.ts';
import { Upstream } from '@trivet/kit/upstream/upstream.ts';
import { settings as originSettings } from '../../settings.ts';
import { Backends } from '../backends.ts';
import type { Policy } from '../define-policy.ts';
import { made } from '../load-policy.ts';
import { openEdge } from '../open-edge.ts';
import { handler } from '../start.ts';
import { defaults } from '../testing/stand.ts';
import { pipe } from './pipe.ts';

const handshake = [
  'GET /ws?x HTTP/1.1',
  'Host: h',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n');

const switching = [
  'HTTP/1.1 101 Switching Protocols',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
  '\r\n',
].join('\r\n');

/** An edge before an origin that switches protocols and then says everything back. */
async function tunnelStand(policy: Policy = {}) {
  await using building = new AsyncDisposableStack();
  const origin = building.use(
    await rawOrigin((socket) => {
      socket.once('data', () => {
        socket.write(switching);
        socket.pipe(socket);
      });
    }),
  );
  const addresses = [origin.address];
  const timeouts = { connectMs: 1000, firstByteMs: 1000, betweenBytesMs: 1000 };
  const settings = load(originSettings, { EDGE_ORIGIN: origin.url });
  const { rules, plan } = made(policy, settings);
  const backends = building.use(new Backends(plan, { open: (given) => new Upstream(given), log: silentLog }));
  const tunnel = building.use(
    new Tunnel({ tier: 'edge-cache', upstreamName: 'origin', addresses, timeouts, log: silentLog }),
  );
  const edge = openEdge({ options: defaults, rules, upstream: backends, log: silentLog, clock: Date.now });
  const listener = await testListener({
    tier: 'edge-cache',
    onRequest: handler(edge),
    onUpgrade: pipe(edge, tunnel, backends),
  });
  const { port } = building.use(listener);
  const open = building.move();
  return { port, origin, edge, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

test('[case 67] an upgrade goes through to the origin, and bytes go both ways', async () => {
  await using stand = await tunnelStand();
  await using client = await rawConnect(stand.port);
  await client.write(handshake);
  const head = await client.readUntil('\r\n\r\n');
  assert.match(head, /^HTTP\/1\.1 101 /);
  assert.match(head, /\r\nCache-Status: edge-cache; fwd=bypass; detail="upgrade"\r\n/i);
  assert.match(head, /\r\nX-Request-Id: /i);
  await client.write(Buffer.from([0x81, 0x02, 0x68, 0x69]));
  await client.readUntil('hi');
  assert.match(stand.origin.received, /^GET \/ws\?x HTTP\/1\.1\r\n/);
  assert.match(stand.origin.received, /\r\nVia: 1\.1 edge-cache\r\n/i);
  assert.match(stand.origin.received, /\r\nX-Forwarded-For: 127\.0\.0\.1\r\n/i);
  assert.equal(stand.edge.store.stats().entries, 0);
});

test('an upgrade goes to the backend that the policy chooses, changed as the policy wants it', async () => {
  await using other = await rawOrigin((socket) => void socket.once('data', () => socket.write(switching)));
  await using stand = await tunnelStand({
    receive: () => ({ set: { 'x-device': 'phone' } }),
    fetch: () => ({ backend: 'sockets', set: { 'X-Edge': '1' } }),
    backends: { sockets: { addresses: [other.url] } },
  });
  await using client = await rawConnect(stand.port);
  await client.write(handshake);
  assert.match(await client.readUntil('\r\n\r\n'), /^HTTP\/1\.1 101 /);
  assert.equal(stand.origin.connections, 0);
  assert.match(other.received, /\r\nx-device: phone\r\n[\s\S]*\r\nX-Edge: 1\r\n/);
});

test('a policy may refuse an upgrade', async () => {
  await using stand = await tunnelStand({
    receive: ({ header }) => (header('upgrade') ? { do: 'synth', status: 403, why: 'no sockets' } : undefined),
  });
  await using client = await rawConnect(stand.port);
  await client.write(handshake);
  await client.closed;
  assert.match(client.received, /^HTTP\/1\.1 403 /);
  assert.equal(stand.origin.connections, 0);
});
