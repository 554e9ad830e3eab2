import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Address } from '../process/units.ts';
import type { Fault } from '../semantics/fault.ts';
import { deafServer } from '../testing/deaf-server.ts';
import { rawOrigin } from '../testing/scripted-origin.ts';
import { type Dialling, dial } from './dial.ts';

// Port 1 of this machine: nobody listens there.
const closedPort: Address = { kind: 'tcp', host: '127.0.0.1', port: 1 };

function dialling(over: Partial<Dialling> = {}): Dialling {
  return { name: 'app', connectMs: 2_000, signal: new AbortController().signal, onMiss: () => undefined, ...over };
}

test('the first address that takes a connection is used, and each miss is told', async () => {
  await using origin = await rawOrigin(() => undefined);
  const missed: string[] = [];
  const nowhere: Address = { kind: 'unix', path: join(tmpdir(), `${randomUUID()}.sock`) };
  const line = await dial(
    [closedPort, nowhere, origin.address],
    dialling({ onMiss: ({ reason }) => missed.push(reason) }),
  );
  assert.equal(line.address, origin.address);
  assert.deepEqual(missed, ['refused', 'refused']);
  line.socket.destroy();
});

test('the fault of the last address is the fault of all', async () => {
  await assert.rejects(dial([closedPort, closedPort], dialling()), ({ reason, message }: Fault) => {
    assert.equal(reason, 'refused');
    assert.match(message, /^app at 127\.0\.0\.1:1 /);
    return true;
  });
});

test('without any address the upstream is unavailable', async () => {
  await assert.rejects(dial([], dialling()), { reason: 'unavailable' });
});

test('a Unix socket is an address like any other', async () => {
  const path = join(tmpdir(), `${randomUUID()}.sock`);
  const server = createServer().listen(path);
  await once(server, 'listening');
  const { socket } = await dial([{ kind: 'unix', path }], dialling());
  assert.equal(socket.readyState, 'open');
  socket.destroy();
  server.close();
  await rm(path, { force: true });
});

test('a client that left stops the search', async () => {
  await using origin = await rawOrigin(() => undefined);
  await assert.rejects(dial([origin.address], dialling({ signal: AbortSignal.abort() })));
  assert.equal(origin.connections, 0);
});

test('an address that takes no connection is given up at the deadline, and the next one is tried', async () => {
  await using deaf = await deafServer();
  await using origin = await rawOrigin(() => undefined);
  const missed: string[] = [];
  const over = dialling({ connectMs: 30, onMiss: ({ reason }) => missed.push(reason) });
  const { socket } = await dial([deaf.address, origin.address], over);
  socket.destroy();
  assert.deepEqual(missed, ['timeout-connect']);
  await assert.rejects(dial([deaf.address], over), {
    reason: 'timeout-connect',
    message: /took no connection in 30ms/,
  });
});

test('a client that leaves meanwhile ends the wait', async () => {
  await using deaf = await deafServer();
  const client = new AbortController();
  const dialled = dial([deaf.address, deaf.address], dialling({ signal: client.signal }));
  client.abort();
  await assert.rejects(dialled);
});
