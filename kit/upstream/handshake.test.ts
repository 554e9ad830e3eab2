import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { rawConnect, rawExchange } from '../testing/raw-client.ts';
import { rawOrigin } from '../testing/scripted-origin.ts';
import { handshake, onRequestHead, tunnelStand } from '../testing/tunnel-stand.ts';

const hop = ['via: 1.1 static-frontend', 'x-request-id: request-1'];

type Answer = { name: string; answer: string; head: string[]; body: string; ends?: boolean };

const answers: Answer[] = [
  {
    name: 'with a length',
    answer:
      'HTTP/1.1 403 No Entry\r\nContent-Length: 5\r\nX-A: 1\r\nX-A: 2\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\nhello',
    head: [
      'HTTP/1.1 403 No Entry',
      'content-length: 5',
      'x-a: 1',
      'x-a: 2',
      'set-cookie: a',
      'set-cookie: b',
      ...hop,
      'connection: close',
    ],
    body: 'hello',
  },
  {
    name: 'in chunks',
    answer:
      'HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n',
    head: ['HTTP/1.1 404 Not Found', ...hop, 'connection: close', 'transfer-encoding: chunked'],
    body: '5\r\nhello\r\n0\r\n\r\n',
  },
  {
    name: 'that ends with the connection',
    answer: 'HTTP/1.0 200 OK\r\n\r\nhello',
    head: ['HTTP/1.1 200 OK', ...hop, 'connection: close', 'transfer-encoding: chunked'],
    body: '5\r\nhello\r\n0\r\n\r\n',
    ends: true,
  },
  {
    name: '304, which has no body whatever its fields say',
    answer: 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 5\r\n\r\n',
    head: ['HTTP/1.1 304 Not Modified', 'etag: "a"', ...hop, 'connection: close', 'content-length: 5'],
    body: '',
  },
  {
    name: '204',
    answer: 'HTTP/1.1 204 No Content\r\n\r\n',
    head: ['HTTP/1.1 204 No Content', ...hop, 'connection: close'],
    body: '',
  },
  {
    name: '426 behind an interim answer, with fields of its connection',
    answer:
      'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\n' +
      'Connection: X-Hop, keep-alive\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n',
    head: [
      'HTTP/1.1 426 Upgrade Required',
      'sec-websocket-version: 13',
      'content-length: 0',
      ...hop,
      'connection: close',
    ],
    body: '',
  },
];

for (const { name, answer, head, body, ends = false } of answers) {
  test(`an answer ${name} arrives whole, as HTTP, and closes the connection`, async () => {
    await using origin = await rawOrigin((socket) => {
      onRequestHead(socket, () => (ends ? socket.end(answer) : socket.write(answer)));
    });
    await using stand = await tunnelStand([origin.address]);
    const received = await rawExchange(stand.port, handshake());
    const [receivedHead = '', ...rest] = received.split('\r\n\r\n');
    assert.deepEqual(receivedHead.split('\r\n').toSorted(), head.toSorted());
    assert.equal(rest.join('\r\n\r\n'), body);
    await eventually(() => assert.equal(stand.ends[0]?.outcome, 'done'));
    assert.equal(stand.ends[0]?.status, Number(head[0]?.split(' ')[1]));
  });
}

test('what the client sent behind a request that was not upgraded goes nowhere', async () => {
  await using origin = await rawOrigin((socket) => {
    onRequestHead(socket, () => socket.write('HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno'));
  });
  await using stand = await tunnelStand([origin.address]);
  const received = await rawExchange(stand.port, `${handshake()}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`);
  assert.equal(received.match(/HTTP\/1\.1/g)?.length, 1);
  await eventually(() => assert.equal(stand.ends.length, 1));
  assert.equal(origin.connections, 1);
  assert.doesNotMatch(origin.received, /smuggled/);
});

const cuts: [name: string, head: string][] = [
  ['with a length', 'Content-Length: 50\r\n\r\nhello'],
  ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
  ['that ends with the connection', '\r\nhello'],
];

for (const [name, rest] of cuts) {
  test(`an answer ${name} that is cut never passes for whole`, async () => {
    const upstream = Promise.withResolvers<Socket>();
    await using origin = await rawOrigin((socket) => {
      onRequestHead(socket, () => {
        socket.write(`HTTP/1.1 403 No\r\n${rest}`);
        upstream.resolve(socket);
      });
    });
    await using stand = await tunnelStand([origin.address]);
    await using client = await rawConnect(stand.port);
    await client.write(handshake());
    await client.readUntil('hello');
    (await upstream.promise).resetAndDestroy();
    await client.closed;
    const [head, body = ''] = client.received.split('\r\n\r\n');
    assert.match(head ?? '', /^content-length: 50$|^transfer-encoding: chunked$/m);
    assert.ok(body.length < 50 && !body.endsWith('0\r\n'));
    await eventually(() => assert.equal(stand.ends[0]?.outcome, 'broken'));
    assert.equal(stand.ends[0]?.fault?.reason, 'reset-mid-body');
  });
}

test('an answer that stalls is broken off', async () => {
  await using origin = await rawOrigin((socket) => {
    onRequestHead(socket, () => socket.write('HTTP/1.1 403 No\r\nContent-Length: 50\r\n\r\nhello'));
  });
  await using stand = await tunnelStand([origin.address], { connectMs: 1_000, firstByteMs: 50 });
  assert.match(await rawExchange(stand.port, handshake()), /hello$/);
  await eventually(() => assert.equal(stand.ends[0]?.fault?.reason, 'timeout-between-bytes'));
});

test('a client that reads slowly holds a large answer back at the upstream', async () => {
  const most = 64 * 1024 * 1024;
  let sent = 0;
  const pause = Promise.withResolvers<void>();
  await using origin = await rawOrigin((socket) => {
    const pump = () => {
      while (sent < most) {
        const length = Math.min(65_536, most - sent);
        sent += length;
        if (!socket.write(Buffer.alloc(length, 'x'))) return pause.resolve();
      }
    };
    socket.on('drain', pump);
    onRequestHead(socket, () => {
      socket.write(`HTTP/1.1 403 No\r\nContent-Length: ${most}\r\n\r\n`);
      pump();
    });
  });
  await using stand = await tunnelStand([origin.address]);
  await using client = await rawConnect(stand.port);
  client.socket.pause();
  await client.write(handshake());
  await pause.promise;
  const heldAt = await settled(() => sent);
  assert.ok(heldAt < most / 2, `${heldAt} bytes were taken from the upstream`);
  client.socket.destroy();
  await eventually(() => assert.equal(stand.ends[0]?.outcome, 'client-left'));
});

test('a client that reads nothing of an answer for longer than an upstream may be silent is let go', async () => {
  await using origin = await rawOrigin((socket) => {
    onRequestHead(socket, () =>
      socket.write(`HTTP/1.1 403 No\r\nContent-Length: ${2 ** 26}\r\n\r\n${'x'.repeat(2 ** 25)}`),
    );
  });
  await using stand = await tunnelStand([origin.address], { connectMs: 1_000, firstByteMs: 1_000 });
  await using client = await rawConnect(stand.port);
  client.socket.pause();
  await client.write(handshake());
  await eventually(() => assert.partialDeepStrictEqual(stand.ends[0], { outcome: 'client-left', fault: undefined }));
});

/** The value once it was the same for ten looks. */
async function settled(value: () => number): Promise<number> {
  let last = Number.NaN;
  let looks = 0;
  await eventually(() => {
    looks = value() === last ? looks + 1 : 0;
    last = value();
    assert.ok(looks >= 10);
  });
  return last;
}
