import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { rawConnect } from '../testing/raw-client.ts';
import { rawOrigin } from '../testing/scripted-origin.ts';
import { handshake, onRequestHead, switched, tunnelStand } from '../testing/tunnel-stand.ts';

const helloFrame = Buffer.from('\x81\x05hello', 'latin1');
const closeFrame = '\x88\x02\x03\xe9';
const timeouts = { connectMs: 3_000, firstByteMs: 300 };

async function openTunnel(stack: AsyncDisposableStack, idleMs: number) {
  const accepted = Promise.withResolvers<Socket>();
  const origin = await rawOrigin((socket) => {
    onRequestHead(socket, () => {
      socket.write(switched);
      accepted.resolve(socket);
    });
  });
  stack.use(origin);
  const stand = stack.use(await tunnelStand([origin.address], { ...timeouts, idleMs }));
  const client = stack.use(await rawConnect(stand.port));
  await client.write(handshake());
  return { stand, client, server: await accepted.promise };
}

test('a tunnel through which nothing passes for its time is closed with 1001, and that is no fault', async () => {
  await using stack = new AsyncDisposableStack();
  const { stand, client, server } = await openTunnel(stack, 100);
  await client.readUntil(closeFrame);
  await client.closed;
  await eventually(() =>
    assert.partialDeepStrictEqual(stand.ends[0], { status: 101, outcome: 'done', fault: undefined }),
  );
  await eventually(() => assert.ok(server.destroyed || server.readableEnded));
});

test('a client that does not react to that is let go', async () => {
  await using stack = new AsyncDisposableStack();
  const { stand, client } = await openTunnel(stack, 100);
  client.socket.allowHalfOpen = true;
  await client.readUntil(closeFrame);
  await eventually(() => assert.equal(stand.tunnel.openCount, 0));
});

test('in the middle of a frame it is cut, without a goodbye', async () => {
  await using stack = new AsyncDisposableStack();
  const { stand, client, server } = await openTunnel(stack, 200);
  server.write(helloFrame.subarray(0, 3));
  await client.closed;
  assert.ok(client.received.endsWith('\x81\x05h'));
  await eventually(() => assert.equal(stand.ends[0]?.outcome, 'broken'));
});

for (const who of ['client', 'server'] as const) {
  test(`what the ${who} says begins the time anew`, async () => {
    await using stack = new AsyncDisposableStack();
    const { stand, client, server } = await openTunnel(stack, 600);
    let heard = 0;
    (who === 'client' ? server : client.socket).on('data', () => heard++);
    const begin = performance.now();
    while (performance.now() - begin < 1_500) {
      const before = heard;
      if (who === 'client') await client.write(helloFrame.toString('latin1'));
      else server.write(helloFrame);
      await eventually(() => assert.ok(heard > before));
    }
    assert.equal(stand.tunnel.openCount, 1);
    await client.readUntil(closeFrame);
  });
}
