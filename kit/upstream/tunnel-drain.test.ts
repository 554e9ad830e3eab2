import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { eventually } from '../testing/eventually.ts';
import { type RawClient, rawConnect, rawExchange } from '../testing/raw-client.ts';
import { type RawOrigin, rawOrigin } from '../testing/scripted-origin.ts';
import { handshake, onRequestHead, switched, type TunnelStand, tunnelStand } from '../testing/tunnel-stand.ts';

// The text frame "hello", and the Close frame with status 1001.
const helloFrame = Buffer.from('\x81\x05hello', 'latin1');
const closeFrame = '\x88\x02\x03\xe9';

async function scene(stack: AsyncDisposableStack, answer = switched) {
  const accepted = Promise.withResolvers<Socket>();
  const origin: RawOrigin = stack.use(
    await rawOrigin((socket) => {
      onRequestHead(socket, () => {
        socket.write(answer);
        accepted.resolve(socket);
      });
    }),
  );
  const stand: TunnelStand = stack.use(await tunnelStand([origin.address]));
  const client: RawClient = stack.use(await rawConnect(stand.port));
  await client.write(handshake());
  return { origin, stand, client, server: await accepted.promise };
}

test('draining tells both ends of a WebSocket that the server goes away, and waits for them', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await using stand = await tunnelStand([{ kind: 'tcp', host: '127.0.0.1', port }]);
  const accepted = once(server, 'connection');
  const client = new WebSocket(`ws://127.0.0.1:${stand.port}/ws`);
  await once(client, 'open');
  const [inner] = (await accepted) as [WebSocket];
  const codes = Promise.all([client, inner].map(async (end) => (await once(end, 'close'))[0]));
  assert.equal(await stand.tunnel.drain(5_000), 'clean');
  assert.deepEqual(await codes, [1001, 1001]);
  assert.equal(stand.ends[0]?.outcome, 'done');
  server.close();
});

test('the goodbye waits for the end of a frame', async () => {
  await using stack = new AsyncDisposableStack();
  const { stand, client, server } = await scene(stack);
  server.write(helloFrame.subarray(0, 3));
  await client.readUntil('\x81\x05h');
  const drained = stand.tunnel.drain(5_000);
  server.write(helloFrame.subarray(3));
  await client.readUntil(`ello${closeFrame}`);
  await client.closed;
  assert.equal(await drained, 'clean');
});

test('what the upstream says behind the goodbye goes nowhere', async () => {
  await using stack = new AsyncDisposableStack();
  const { stand, client, server } = await scene(stack);
  client.socket.allowHalfOpen = true;
  await client.readUntil('\r\n\r\n');
  const drained = stand.tunnel.drain(5_000);
  await client.readUntil(closeFrame);
  const flushed = Promise.withResolvers<void>();
  server.write(helloFrame, () => flushed.resolve());
  await flushed.promise;
  client.end();
  assert.equal(await drained, 'clean');
  assert.ok(client.received.endsWith(closeFrame));
  assert.equal(stand.ends[0]?.outcome, 'done');
});

test('a tunnel whose ends do not react is cut at the deadline', async () => {
  await using stack = new AsyncDisposableStack();
  const { stand, client, server } = await scene(stack);
  client.socket.allowHalfOpen = true;
  await client.readUntil('\r\n\r\n');
  assert.equal(await stand.tunnel.drain(30), 'cut');
  assert.equal(stand.tunnel.openCount, 0);
  assert.partialDeepStrictEqual(stand.ends[0], { status: 101, outcome: 'broken' });
  await eventually(() => assert.ok(server.destroyed));
});

test('a tunnel that opens while draining says goodbye at once', async () => {
  await using stack = new AsyncDisposableStack();
  const { stand, client, server } = await scene(stack, '');
  const drained = stand.tunnel.drain(5_000);
  server.write(switched);
  await client.readUntil(`\r\n\r\n${closeFrame}`);
  await client.closed;
  assert.equal(await drained, 'clean');
});

test('an upgrade that is asked for while draining is refused', async () => {
  await using stand = await tunnelStand([]);
  assert.equal(await stand.tunnel.drain(1_000), 'clean');
  assert.match(await rawExchange(stand.port, handshake()), /^HTTP\/1\.1 503 .*shutting down/s);
});

test('disposing ends everything at once, also behind a drain that has time', async () => {
  await using stack = new AsyncDisposableStack();
  const { stand, client, origin } = await scene(stack);
  client.socket.allowHalfOpen = true;
  await client.readUntil('\r\n\r\n');
  const drained = stand.tunnel.drain(60_000);
  await stand.tunnel[Symbol.asyncDispose]();
  await drained;
  assert.equal(stand.tunnel.openCount, 0);
  assert.equal(origin.connections, 1);
});
