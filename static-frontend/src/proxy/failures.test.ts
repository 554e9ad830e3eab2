import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import type { Address } from '@trivet/kit/process/units.ts';
import { deafServer } from '@trivet/kit/testing/deaf-server.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawConnect, rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { type RawOrigin, rawOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import { type FrontOptions, readReply, runFront } from '../testing/running-front.ts';

const site = { routes: [{ path: '/', proxy: 'app' }] } as const;
const get = 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n';
const last = 'GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';

async function frontOf(app: Address, over: Partial<FrontOptions> = {}) {
  await using own = new AsyncDisposableStack();
  const tree = own.use(await fileTree({}));
  const front = own.use(await runFront({ root: tree.path, site, app: [app], ...over }));
  const all = own.move();
  return { ...front, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** An app that says `words` to each request and then does `then` with the connection. */
function saying(words: string, then: (socket: Socket) => void = () => undefined): Promise<RawOrigin> {
  return rawOrigin((socket) => {
    socket.once('data', () => socket.write(words, () => then(socket)));
  });
}

const nobody: Address = { kind: 'unix', path: '/nonexistent/app.sock' };
const measured = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf';
const inChunks = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n';

type App = AsyncDisposable & { readonly address: Address };
const notThere = async (): Promise<App> => ({ address: nobody, [Symbol.asyncDispose]: async () => undefined });

describe('what breaks before the head has a status, a reason on the page and in the log, and a field for it', () => {
  const table: readonly [reason: string, status: number, error: string, app: () => Promise<App>][] = [
    ['refused', 503, 'connection_refused', notThere],
    ['timeout-connect', 504, 'connection_timeout', deafServer],
    ['reset-before-head', 502, 'connection_terminated', () => saying('', (socket) => socket.resetAndDestroy())],
    ['reset-before-head', 502, 'connection_terminated', () => saying('HTTP/1.1 20', (socket) => socket.destroy())],
    ['timeout-first-byte', 504, 'http_response_timeout', () => saying('')],
    ['bad-response', 502, 'http_protocol_error', () => saying('SSH-2.0-x\r\n')],
  ];
  for (const [reason, status, error, app] of table) {
    test(`${reason}: ${status} ${error}`, async () => {
      await using there = await app();
      await using front = await frontOf(there.address, { timeouts: { connectMs: 200, firstByteMs: 200 } });
      const reply = readReply(await rawExchange(front.port, last));
      assert.equal(reply.status, status);
      assert.match(reply.body, new RegExp(`<code>${reason}</code>`));
      assert.match(reply.get('proxy-status') ?? '', new RegExp(`^static-frontend;error=${error}`));
      assert.equal(reply.get('retry-after') !== undefined, status === 503);
      const [record] = front.records;
      assert.deepEqual([record?.status, record?.outcome, record?.fault?.reason], [status, 'done', reason]);
    });
  }

  for (const [reason, status, queue, what] of [
    ['queue-full', 503, 0, 'has no place for one more to wait'],
    ['queue-late', 504, 1, 'lets one wait too long'],
  ] as const) {
    test(`${reason}: ${status}, where the app ${what}`, async () => {
      await using app = await saying('');
      const upstreams = { app: { maxConnections: 1, queue, queueWait: '100ms' } };
      await using front = await frontOf(app.address, { site: { ...site, upstreams } });
      await using first = await rawConnect(front.port);
      await first.write(get);
      await eventually(() => assert.match(app.received, /GET/));
      const reply = readReply(await rawExchange(front.port, last));
      assert.equal(reply.status, status);
      assert.match(reply.body, new RegExp(`<code>${reason}</code>`));
      assert.match(reply.get('proxy-status') ?? '', /connection_limit_reached/);
      assert.ok(reply.get('retry-after'));
      assert.equal(front.records[0]?.fault?.reason, reason);
    });
  }
});

describe('what breaks in the middle of the body looks broken to the client, and the log says why', () => {
  for (const [reason, framing, words, then] of [
    ['reset-mid-body', 'its length', measured, (socket: Socket) => socket.destroy()],
    ['reset-mid-body', 'its chunks', inChunks, (socket: Socket) => socket.destroy()],
    ['reset-mid-body', 'its chunks, which are none any more', `${inChunks}zz\r\n`, () => undefined],
    ['timeout-between-bytes', 'its length', measured, () => undefined],
    ['timeout-between-bytes', 'its chunks', inChunks, () => undefined],
  ] as const) {
    test(`${reason}, told by ${framing}`, async () => {
      await using app = await saying(words, then);
      await using front = await frontOf(app.address, { timeouts: { betweenBytesMs: 300 } });
      const received = await rawExchange(front.port, get);
      assert.match(received, /^HTTP\/1\.1 200 [\s\S]*half(?:\r\n)?$/);
      const record = await eventually(() => front.records[0] ?? assert.fail('no record yet'));
      assert.deepEqual([record.status, record.outcome, record.fault?.reason], [200, 'broken', reason]);
    });
  }

  test('reset-mid-body, where the app’s body lasts until its connection ends: a reset is no end', async () => {
    await using app = await saying('HTTP/1.1 200 OK\r\n\r\nhalf');
    await using front = await frontOf(app.address);
    await using client = await rawConnect(front.port);
    await client.write(get);
    await client.readUntil('half');
    app.reset();
    await client.closed;
    assert.match(client.received, /\r\nTransfer-Encoding: chunked\r\n[\s\S]*\r\n4\r\nhalf\r\n$/i);
    const record = await eventually(() => front.records[0] ?? assert.fail('no record yet'));
    assert.deepEqual([record.status, record.outcome, record.fault?.reason], [200, 'broken', 'reset-mid-body']);
  });

  test('by a reset where only the end of the connection ends the body', async () => {
    let breakOff: () => void = () => assert.fail('nobody asked');
    await using app = await saying(inChunks, (socket) => {
      breakOff = () => socket.resetAndDestroy();
    });
    await using front = await frontOf(app.address);
    await using client = await rawConnect(front.port);
    let error = '';
    client.socket.once('error', (given: NodeJS.ErrnoException) => {
      error = given.code ?? '';
    });
    await client.write('GET /x HTTP/1.0\r\nHost: a\r\n\r\n');
    await client.readUntil('half');
    breakOff();
    await client.closed;
    assert.equal(error, 'ECONNRESET');
  });
});

describe('a client that leaves takes its request with it', () => {
  test('out of the queue: the app never hears of it', async () => {
    await using app = await saying('');
    await using front = await frontOf(app.address, { config: { upstreamConnections: 1 } });
    await using first = await rawConnect(front.port);
    await first.write(get);
    await eventually(() => assert.equal(app.received.match(/GET/g)?.length, 1));
    await using second = await rawConnect(front.port);
    await second.write(get.replace('/x', '/second'));
    await eventually(() => assert.equal(front.upstreams.byName.get('app')?.groupStats().waiting, 1));
    second.reset();
    const record = await eventually(() => front.records[0] ?? assert.fail('no record yet'));
    assert.deepEqual([record.target, record.status, record.outcome], ['/second', 499, 'client-left']);
    assert.equal(front.upstreams.byName.get('app')?.groupStats().waiting, 0);
    first.reset();
    await eventually(() => assert.equal(front.upstreams.byName.get('app')?.stats()[0]?.inFlight, 0));
    assert.doesNotMatch(app.received, /second/);
  });

  for (const [when, words, status] of [
    ['before the head', '', 499],
    ['in the middle of the body', measured, 200],
  ] as const) {
    test(`${when}: the app’s connection closes, and the log says ${status}`, async () => {
      let isClosed = false;
      await using app = await rawOrigin((socket) => {
        socket
          .once('data', () => socket.write(words))
          .once('close', () => {
            isClosed = true;
          });
      });
      await using front = await frontOf(app.address);
      await using client = await rawConnect(front.port);
      await client.write(get);
      await eventually(() => assert.match(app.received, /GET/));
      if (words !== '') await client.readUntil('half');
      client.reset();
      await eventually(() => assert.ok(isClosed));
      const record = await eventually(() => front.records[0] ?? assert.fail('no record yet'));
      assert.deepEqual([record.status, record.outcome], [status, 'client-left']);
      assert.equal(front.upstreams.byName.get('app')?.stats()[0]?.inFlight, 0);
    });
  }
});
