import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { listenSomewhere } from '../testing/place.ts';
import { part } from './parting.ts';

/** Two ends of one connection; neither closes because the other did. */
async function connection(stack: AsyncDisposableStack): Promise<{ near: Socket; far: Socket }> {
  const server = createServer({ allowHalfOpen: true });
  stack.defer(() => void server.close());
  const { port } = await listenSomewhere(server);
  const accepted = once(server, 'connection');
  const near = stack.adopt(
    connect({ port, host: '127.0.0.1', allowHalfOpen: true }),
    (socket) => void socket.destroy(),
  );
  const [far] = (await accepted) as [Socket];
  stack.defer(() => void far.destroy());
  return { near, far };
}

test('what was written is delivered before the socket closes, and what comes in does not stop that', async () => {
  await using stack = new AsyncDisposableStack();
  const { near, far } = await connection(stack);
  let received = 0;
  far.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  far.write('unwanted'.repeat(10_000));
  far.on('end', () => far.end());
  near.end(Buffer.alloc(4_000_000));
  part(near, 5_000);
  await once(near, 'close');
  assert.equal(received, 4_000_000);
  // Both ended in good order: no timer had to.
  assert.equal(near.readableEnded, true);
});

test('a peer that takes nothing is let go when the time to flush is over', async () => {
  await using stack = new AsyncDisposableStack();
  const { near } = await connection(stack);
  near.end(Buffer.alloc(64_000_000));
  part(near, 20);
  await once(near, 'close');
  assert.equal(near.writableFinished, false);
});

test('a peer that got all and stays is let go', async () => {
  await using stack = new AsyncDisposableStack();
  const { near, far } = await connection(stack);
  far.resume();
  near.end('all');
  part(near, 20);
  await once(near, 'close');
  assert.equal(near.writableFinished, true);
});

test('a socket that is closed already is left alone', async () => {
  await using stack = new AsyncDisposableStack();
  const { near } = await connection(stack);
  near.destroy();
  part(near, 20);
  assert.equal(near.listenerCount('finish'), 0);
});
