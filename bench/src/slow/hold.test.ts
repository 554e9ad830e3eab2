import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { answered, held, holds } from './hold.ts';

/** Answers each connection as soon as so many bytes have come; connections are served one after the other when `isLone`. */
async function serving(isLone: boolean) {
  const waiting: Socket[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    waiting.push(socket);
    if (waiting.length === 1 || !isLone) serve(socket);
    socket.once('close', () => {
      waiting.splice(waiting.indexOf(socket), 1);
      if (isLone && waiting[0]) serve(waiting[0]);
    });
  });
  const serve = (socket: Socket) =>
    socket.on('data', (data) => String(data).endsWith('\r\n\r\n') && socket.end('HTTP/1.1 200 OK\r\n\r\n'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => void server.close() };
}

for (const hold of holds) {
  test(`beside clients with ${hold} a server of one at a time does not answer, another does`, async () => {
    using lone = await serving(true);
    using other = await serving(false);
    using _slow = await held(lone.port, 2, hold);
    using _beside = await held(other.port, 2, hold);
    assert.equal(await answered(lone.port, 100), undefined);
    assert.ok((await answered(other.port, 5_000)) !== undefined);
  });
}
