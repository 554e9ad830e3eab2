import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { eventually } from '../testing/eventually.ts';
import { rawOrigin } from '../testing/scripted-origin.ts';
import { handshake, onRequestHead, switched, tunnelStand } from '../testing/tunnel-stand.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const request = handshake();

/** Opens a tunnel, says a word, waits for the echo, and leaves in one of three ways. */
function onePassage(port: number, way: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${request}word`));
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk;
      if (received.endsWith('word')) leave(socket, way);
    });
    socket.on('error', reject).on('close', () => resolve());
  });
}

function leave(socket: Socket, way: number): void {
  if (way === 0) socket.end();
  else if (way === 1) socket.write('bye');
  else socket.resetAndDestroy();
}

async function passages(port: number, count: number): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await onePassage(port, next++ % 3);
  };
  await Promise.all(Array.from({ length: 50 }, worker));
}

function openSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('TCPSocket')).length;
}

test('ten thousand tunnels, fifty at a time, leave no socket, no listener and no memory behind', async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on('warning', onWarning);
  await using origin = await rawOrigin((socket) => {
    onRequestHead(socket, (_, rest) => {
      socket.write(switched + rest);
      socket.on('data', (chunk) => (String(chunk) === 'bye' ? socket.end() : socket.write(chunk)));
    });
    socket.on('end', () => socket.end());
  });
  // All of it is one process, and others may be busy: a head may wait.
  const patient = { connectMs: 20_000, firstByteMs: 20_000 };
  await using stand = await tunnelStand([origin.address], patient);
  const socketsBefore = openSockets();
  const settle = async (count: number) => {
    await passages(stand.port, count);
    await eventually(() => assert.equal(stand.tunnel.openCount, 0));
    await eventually(() => assert.equal(openSockets(), socketsBefore));
    // What the stand and the origin remember for other tests is not the tunnel's.
    stand.ends.length = 0;
    origin.received = '';
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const heapBefore = await settle(1_000);
  const heapAfter = await settle(10_000);
  assert.ok(heapAfter - heapBefore < 1_000_000, `the heap grew by ${heapAfter - heapBefore} bytes`);
  assert.deepEqual(warnings, []);
  process.off('warning', onWarning);
});
