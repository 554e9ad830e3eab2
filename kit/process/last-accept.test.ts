import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type NetConnectOpts } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { handleOf } from './bind.ts';
import { closeWhenEmpty } from './last-accept.ts';

/** Greets whoever it accepts. */
async function greeting(where: { host: string; port: number } | { path: string }) {
  let accepted = 0;
  const server = createServer((socket) => {
    accepted += 1;
    socket.on('error', () => undefined).end('hello');
  }).listen(where);
  await once(server, 'listening');
  return { server, accepted: () => accepted };
}

const hosts = [
  ['127.0.0.1', '127.0.0.1'],
  ['0.0.0.0', '127.0.0.1'],
  ['::', '127.0.0.1'],
] as const;

/** Connections that are made in this turn of the loop, so that all wait when it ends. */
function many(where: NetConnectOpts): Promise<string>[] {
  return Array.from({ length: 100 }, () => text(connect(where)));
}

for (const [host, at] of hosts) {
  test(`a socket at ${host} closes when all that waited are accepted, and nobody is let in behind`, async () => {
    const { server, accepted } = await greeting({ host, port: 0 });
    const { port } = server.address() as AddressInfo;
    const greeted = many({ host: at, port });
    await new Promise<void>((then) => process.nextTick(then));
    assert.equal(accepted(), 0);
    await closeWhenEmpty(handleOf(server), 511, () => server.close());
    assert.equal(server.listening, false);
    assert.deepEqual(new Set(await Promise.all(greeted)), new Set(['hello']));
    assert.ok(accepted() >= 100);
    await assert.rejects(text(connect(port, at)), { code: 'ECONNREFUSED' });
  });
}

test('a Unix socket does so, too', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-last-'));
  const path = join(folder.path, 's');
  const { server } = await greeting({ path });
  const greeted = many({ path });
  await new Promise<void>((then) => process.nextTick(then));
  await closeWhenEmpty(handleOf(server), 511, () => server.close());
  assert.deepEqual(new Set(await Promise.all(greeted)), new Set(['hello']));
});

test('what is no listening socket is closed at once', async () => {
  let closed = 0;
  for (const handle of [undefined, null, {}, { fd: -1, listen: () => 0 }]) {
    await closeWhenEmpty(handle, 511, () => void closed++);
  }
  assert.equal(closed, 4);
});
