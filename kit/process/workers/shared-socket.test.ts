import assert from 'node:assert/strict';
import { once } from 'node:events';
import { fstatSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { fdOf } from '../bind.ts';
import { SharedSocket } from './shared-socket.ts';

async function listening(port = 0) {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

type Server = Awaited<ReturnType<typeof listening>>;

const portOf = (server: Server) => (server.address() as AddressInfo).port;

async function closed(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

test('each socket on which this process listens is found by its port', async () => {
  using socket = new SharedSocket();
  await using first = await listening();
  await using second = await listening();
  for (const server of [first, second]) {
    const fd = socket.on(portOf(server))?.fd ?? -1;
    assert.equal(fd, fdOf(server));
    assert.ok(fstatSync(fd).isSocket());
  }
});

test('a Unix socket is found by its path, also where this process listened at it as seen from its folder', async () => {
  using socket = new SharedSocket();
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-shared-'));
  const path = join(folder.path, 's');
  await using server = createServer().listen(relative(process.cwd(), path));
  await once(server, 'listening');
  assert.equal(socket.on(path)?.fd, fdOf(server));
});

test('a port on which nobody listens has none, nor has one on which somebody did', async () => {
  using socket = new SharedSocket();
  const server = await listening();
  const port = portOf(server);
  assert.equal(socket.on(port - 1), undefined);
  await closed(server);
  assert.equal(socket.on(port), undefined);
});

test('a socket that was made anew is found, not the one before', async () => {
  using socket = new SharedSocket();
  const before = await listening();
  const port = portOf(before);
  await closed(before);
  await using after = await listening(port);
  assert.equal(socket.on(port)?.fd, fdOf(after));
});

test('of two on one port the later is found, and the earlier once that is closed', async () => {
  using socket = new SharedSocket();
  await using earlier = await listening();
  const port = portOf(earlier);
  const later = createServer().listen({ port, host: '127.0.0.2' });
  await once(later, 'listening');
  assert.equal(socket.on(port)?.fd, fdOf(later));
  await closed(later);
  assert.equal(socket.on(port)?.fd, fdOf(earlier));
});

test('a Unix socket has no port by which it would be found', async () => {
  using socket = new SharedSocket();
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-shared-'));
  await using server = createServer().listen(join(folder.path, 's'));
  await once(server, 'listening');
  await using tcp = await listening();
  assert.notEqual(socket.on(portOf(tcp))?.fd, fdOf(server));
});

test('what listened before it looked, or after it looked, is not known', async () => {
  await using before = await listening();
  const socket = new SharedSocket();
  await using meanwhile = await listening();
  socket[Symbol.dispose]();
  await using after = await listening();
  const found = [before, meanwhile, after].map((server) => socket.on(portOf(server)) !== undefined);
  assert.deepEqual(found, [false, true, false]);
});

test('whoever has it can close it', async () => {
  using socket = new SharedSocket();
  const server = await listening();
  const port = portOf(server);
  socket.on(port)?.close();
  await using other = await listening(port);
  assert.equal(socket.on(port)?.fd, fdOf(other));
  await closed(server);
});
