import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { socketPair } from '../testing/socket-pair.ts';
import { readBeforeFailing } from './last-word.ts';

const sentBytes = 100 * 1024;

/** A socket that has bytes to read, and whose write has found the peer gone in this way. */
async function lostWhileWriting(leave: (server: Socket) => void) {
  await using own = new AsyncDisposableStack();
  const { server, client } = own.use(await socketPair());
  const seen: string[] = [];
  client.removeAllListeners('error');
  client.on('error', (error: NodeJS.ErrnoException) => seen.push(`${error.code}`));
  client.on('end', () => seen.push('end'));
  readBeforeFailing(client);
  // More than a socket keeps for who does not read: it waits for its reader, and the next to hear of a reset is a write.
  await new Promise((done) => server.write(Buffer.alloc(sentBytes), done));
  await eventually(() => assert.ok(client.readableLength >= client.readableHighWaterMark));
  leave(server);
  await once(server, 'close');
  // Whatever a write says, it says by now; nothing is read yet.
  for (let i = 0; i < 3; i++) {
    client.write('x');
    await new Promise((done) => setImmediate(done));
  }
  const all = own.move();
  return { client, seen, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** Reads as undici does: all there is, whenever there is something. */
function readAll(socket: Socket): () => number {
  let read = 0;
  socket.on('readable', () => {
    for (let chunk: Buffer | null = socket.read(); chunk !== null; chunk = socket.read()) read += chunk.length;
  });
  return () => read;
}

test('a reset that a write came upon fails the reading, behind the last byte', async () => {
  await using lost = await lostWhileWriting((server) => server.resetAndDestroy());
  assert.deepEqual(lost.seen, []);
  const read = readAll(lost.client);
  await eventually(() => assert.deepEqual(lost.seen, ['ECONNRESET']));
  assert.equal(read(), sentBytes);
});

test('an end that a write came upon stays the end', async () => {
  await using lost = await lostWhileWriting((server) => server.end().destroySoon());
  assert.deepEqual(lost.seen, []);
  const read = readAll(lost.client);
  await eventually(() => assert.deepEqual(lost.seen, ['end']));
  assert.equal(read(), sentBytes);
});
