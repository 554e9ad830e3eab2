import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { everySplit } from '../testing/every-split.ts';
import { proxyBlock, proxyLine } from '../testing/proxy-headers.ts';
import { socketPair } from '../testing/socket-pair.ts';
import { type Preface, readPreface } from './proxy-preface.ts';

const LONG_MS = 60_000;
const line = proxyLine({ address: '192.0.2.7', port: 4000 });
const address = { kind: 'address', address: '192.0.2.7', port: 4000, length: line.length };

/** Reads the header off the server's end; what comes behind it goes to `rest`. */
function reading(socket: Socket, deadlineMs = LONG_MS) {
  const { promise: read, resolve } = Promise.withResolvers<Preface>();
  const seen = { times: 0, rest: '', wasPaused: false };
  const note = (chunk: string) => {
    seen.rest += chunk;
  };
  readPreface(socket, deadlineMs, (preface) => {
    seen.times += 1;
    seen.wasPaused = socket.isPaused();
    if ('length' in preface) socket.setEncoding('latin1').on('data', note);
    resolve(preface);
  });
  return { read, seen };
}

const listeners = (socket: Socket) =>
  ['data', 'end', 'close', 'error'].map((event) => [event, socket.listenerCount(event)]);

describe('the PROXY header before a connection', () => {
  for (const [what, header, expected] of [
    ['that names a client', line, address],
    ['of a proxy that speaks for itself', proxyBlock(0, Buffer.alloc(0), 0x20), { kind: 'local', length: 16 }],
    ['of a proxy that does not know', Buffer.from('PROXY UNKNOWN\r\n'), { kind: 'unknown', length: 15 }],
  ] as const) {
    test(`${what} is taken off, and what follows is the client's, to the byte`, async () => {
      await using pair = await socketPair();
      const { read, seen } = reading(pair.server);
      pair.client.write(Buffer.concat([header, Buffer.from('GET / HTTP/1.1\r\n')]));
      assert.deepEqual(await read, expected);
      assert.ok(seen.wasPaused, 'nothing flows before the next owner listens');
      pair.client.write('Host: a\r\n');
      await eventually(() => assert.equal(seen.rest, 'GET / HTTP/1.1\r\nHost: a\r\n'));
      assert.equal(seen.times, 1);
    });
  }

  test('alone leaves nothing behind, and the connection flows', async () => {
    await using pair = await socketPair();
    const { read, seen } = reading(pair.server);
    pair.client.write(line);
    assert.deepEqual(await read, address);
    pair.client.end('late');
    await once(pair.server, 'end');
    assert.equal(seen.rest, 'late');
  });

  test('may come in pieces, cut anywhere', async () => {
    for (const pieces of everySplit(Buffer.concat([line, Buffer.from('x')]))) {
      await using pair = await socketPair();
      const { read, seen } = reading(pair.server);
      let sent = 0;
      for (const piece of pieces) {
        pair.client.write(piece);
        sent += piece.length;
        await eventually(() => assert.equal(pair.server.bytesRead, sent));
      }
      assert.deepEqual(await read, address);
      await eventually(() => assert.equal(seen.rest, 'x'));
    }
  });

  test('once read leaves no listener and no timer on the connection', async () => {
    await using pair = await socketPair();
    const before = listeners(pair.server);
    const read = new Promise((resolve) => readPreface(pair.server, LONG_MS, resolve));
    pair.client.write(line);
    await read;
    assert.deepEqual(listeners(pair.server), before);
    assert.deepEqual(
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout'),
      [],
    );
  });
});

describe('a connection without a whole PROXY header', () => {
  for (const [what, said, expected] of [
    [
      'that says something else is bad at once',
      'GET',
      { kind: 'bad', why: 'neither version 1 nor version 2 begins so' },
    ],
    ['that ends half-way is bad', 'PROXY TCP4', { kind: 'bad', why: 'it ends half-way' }],
    ['that says nothing and goes has left', '', { kind: 'left' }],
  ] as const) {
    test(what, async () => {
      await using pair = await socketPair();
      const { read, seen } = reading(pair.server);
      pair.client[said === 'GET' ? 'write' : 'end'](said);
      assert.deepEqual(await read, expected);
      assert.ok(pair.server.isPaused());
      assert.equal(seen.times, 1);
    });
  }

  for (const said of ['', 'PROXY TCP4 ']) {
    test(`in time is bad: ${JSON.stringify(said)}`, async () => {
      await using pair = await socketPair();
      const { read } = reading(pair.server, 20);
      if (said !== '') pair.client.write(said);
      assert.deepEqual(await read, { kind: 'bad', why: 'it did not come in time' });
    });
  }

  test('that is reset half-way has left, and its error ends nothing', async () => {
    await using pair = await socketPair();
    pair.server.removeAllListeners('error');
    const { read, seen } = reading(pair.server);
    pair.client.write('PROXY');
    await eventually(() => assert.equal(pair.server.bytesRead, 5));
    pair.client.resetAndDestroy();
    assert.deepEqual(await read, { kind: 'left' });
    assert.equal(seen.times, 1);
  });

  test('may fail later without anybody listening to it', async () => {
    await using pair = await socketPair();
    pair.server.removeAllListeners('error');
    const { read } = reading(pair.server);
    pair.client.write('GET');
    assert.equal((await read).kind, 'bad');
    // Not `once`, which would hear it.
    const closed = new Promise((done) => pair.server.on('close', done));
    pair.server.destroy(new Error('nobody hears this'));
    await closed;
  });
});
