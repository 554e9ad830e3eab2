import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { bind } from '../process/bind.ts';
import { silentLog } from '../testing/silent.ts';
import { Acceptor } from './acceptor.ts';

const limits = {
  ...{ maxHead: 8192, maxTarget: 4096, maxFields: 100, maxConnections: 10, keepaliveRequests: 0 },
  ...{ headerTimeout: 1_000, idleTimeout: 1_000, clientTimeout: 1_000 },
};

test('a socket that has closed keeps nobody alive that listened to it, and all of them hear that it has', async () => {
  const taken = Promise.withResolvers<Socket>();
  const told: string[] = [];
  const listen = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const;
  using acceptor = new Acceptor({
    ...{ listen, limits, log: silentLog, trusted: () => false },
    take: (socket) => {
      socket.on('data', () => told.push('data'));
      socket.once('close', () => told.push('close, once'));
      socket.on('close', () => told.push('close'));
      taken.resolve(socket);
    },
    onClose: () => told.push('over'),
  });
  const [{ server } = assert.fail()] = acceptor.doors;
  await bind(server, listen, {});
  const { port } = Object(server.address());
  const client = connect(port, '127.0.0.1');
  await once(client, 'connect');
  const socket = await taken.promise;
  assert.equal(acceptor.size, 1);
  const closed = once(socket, 'close');
  socket.destroy();
  await closed;
  assert.deepEqual(told, ['over', 'close, once', 'close']);
  assert.deepEqual([acceptor.size, socket.eventNames()], [0, []]);
  client.destroy();
  server.close();
});
