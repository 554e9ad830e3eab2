import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import type { Address } from '../process/units.ts';
import { without } from '../semantics/fields.ts';
import { eventually } from '../testing/eventually.ts';
import { rawConnect } from '../testing/raw-client.ts';
import { rawOrigin } from '../testing/scripted-origin.ts';
import { handshake, onRequestHead, switched, tunnelStand } from '../testing/tunnel-stand.ts';

const closedPort: Address = { kind: 'tcp', host: '127.0.0.1', port: 1 };

test('a WebSocket works through it, in both directions', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket) => socket.on('message', (message) => socket.send(`echo ${message}`)));
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await using stand = await tunnelStand([{ kind: 'tcp', host: '127.0.0.1', port }]);
  const client = new WebSocket(`ws://127.0.0.1:${stand.port}/ws`);
  await once(client, 'open');
  assert.equal(stand.tunnel.openCount, 1);
  client.send('hello');
  const [message] = await once(client, 'message');
  assert.equal(String(message), 'echo hello');
  client.close(1000);
  await once(client, 'close');
  await eventually(() => assert.equal(stand.tunnel.openCount, 0));
  const [end] = stand.ends;
  assert.partialDeepStrictEqual(end, { status: 101, outcome: 'done', fault: undefined });
  assert.ok(end && end.bytes > 'HTTP/1.1 101 Switching Protocols\r\n\r\n'.length);
  server.close();
});

test('the upstream gets the given fields and one wish, and nothing of the package or of the connection', async () => {
  await using origin = await rawOrigin((socket) => onRequestHead(socket, () => socket.write(switched)));
  await using stand = await tunnelStand([origin.address]);
  await using client = await rawConnect(stand.port);
  const fields = [
    'Cookie: a=1',
    'X-Twice: 1',
    'X-Twice: 2',
    'X-Forwarded-For: 192.0.2.7',
    'X-Latin: caf\xe9',
    'TE: trailers',
  ];
  await client.write(handshake([...fields, 'Connection: X-Hop', 'X-Hop: 1', 'Upgrade: h2c', '__proto__: 1']));
  await client.readUntil('\r\n\r\n');
  const [requestLine, ...lines] = origin.received.trimEnd().split('\r\n');
  assert.equal(requestLine, 'GET /ws HTTP/1.1');
  assert.deepEqual(lines.toSorted(), [
    'Connection: Upgrade',
    'Cookie: a=1',
    'Host: site.example',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    'Upgrade: websocket',
    'X-Forwarded-For: 192.0.2.7',
    'X-Latin: caf\xe9',
    'X-Twice: 1',
    'X-Twice: 2',
    '__proto__: 1',
  ]);
});

test('a request without Host is not given one', async () => {
  await using origin = await rawOrigin((socket) => onRequestHead(socket, () => socket.write(switched)));
  await using stand = await tunnelStand([origin.address], undefined, (given) =>
    without(given, (name) => name === 'host'),
  );
  await using client = await rawConnect(stand.port);
  await client.write(handshake());
  await client.readUntil('\r\n\r\n');
  assert.doesNotMatch(origin.received, /^host:/im);
});

for (const target of ['/a/../b//c%2Fd?x=1?y', '/x?', '//x//y', '/a|b\\c', '/%zz?a=/../b']) {
  test(`the target ${target} arrives byte for byte`, async () => {
    await using origin = await rawOrigin((socket) => onRequestHead(socket, () => socket.write(switched)));
    await using stand = await tunnelStand([origin.address]);
    await using client = await rawConnect(stand.port);
    await client.write(handshake([], `GET ${target} HTTP/1.1`));
    await client.readUntil('\r\n\r\n');
    assert.ok(origin.received.startsWith(`GET ${target} HTTP/1.1\r\n`));
  });
}

test('the 101 comes with its own fields and those of this hop', async () => {
  const answer = switched.replace(
    'Connection: Upgrade',
    'Connection: Upgrade, X-Hop\r\nX-Hop: 1\r\nVia: 1.1 app\r\nX-Latin: caf\xe9',
  );
  await using origin = await rawOrigin((socket) => onRequestHead(socket, () => socket.write(answer, 'latin1')));
  await using stand = await tunnelStand([origin.address]);
  await using client = await rawConnect(stand.port);
  await client.write(handshake());
  const [statusLine, ...lines] = (await client.readUntil('\r\n\r\n')).trimEnd().split('\r\n');
  assert.equal(statusLine, 'HTTP/1.1 101 Switching Protocols');
  assert.deepEqual(lines, [
    'Via: 1.1 app',
    'Via: 1.1 static-frontend',
    'X-Latin: caf\xe9',
    'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
    'X-Request-Id: request-1',
    'Connection: Upgrade',
    'Upgrade: websocket',
  ]);
});

test('bytes that came with the request or with the 101 are not lost', async () => {
  let said = '';
  await using origin = await rawOrigin((socket) => {
    onRequestHead(socket, (_, rest) => {
      said = rest;
      socket.on('data', (chunk) => {
        said += chunk;
      });
      socket.write(`${switched}early answer`);
    });
  });
  await using stand = await tunnelStand([origin.address]);
  await using client = await rawConnect(stand.port);
  await client.write(`${handshake()}early question`);
  await client.readUntil('\r\n\r\nearly answer');
  await eventually(() => assert.equal(said, 'early question'));
});

test('the next address is asked when one refuses, and the first one takes turns', async () => {
  const answer = (name: string) => rawOrigin((socket) => onRequestHead(socket, () => socket.write(switched + name)));
  await using one = await answer('one');
  await using two = await answer('two');
  await using stand = await tunnelStand([one.address, closedPort, two.address]);
  const names: string[] = [];
  for (let i = 0; i < 3; i++) {
    await using client = await rawConnect(stand.port);
    await client.write(handshake());
    await client.readUntil('\r\n\r\n');
    names.push(await client.readUntil(/one|two/));
  }
  assert.deepEqual(names, ['one', 'two', 'two']);
});

test('where to connect may be asked anew for each tunnel', async () => {
  const answer = (name: string) => rawOrigin((socket) => onRequestHead(socket, () => socket.write(switched + name)));
  await using one = await answer('one');
  await using two = await answer('two');
  const places = [[one.address], [closedPort, two.address]];
  await using stand = await tunnelStand(() => places.shift() ?? []);
  for (const name of ['one', 'two']) {
    await using client = await rawConnect(stand.port);
    await client.write(handshake());
    await client.readUntil(`\r\n\r\n${name}`);
  }
});

test('a Unix socket is an upstream like any other', async () => {
  const path = join(tmpdir(), `${randomUUID()}.sock`);
  const server = createServer((socket) => onRequestHead(socket, () => socket.end(switched))).listen(path);
  await once(server, 'listening');
  await using stand = await tunnelStand([{ kind: 'unix', path }]);
  await using client = await rawConnect(stand.port);
  await client.write(handshake());
  await client.readUntil('HTTP/1.1 101');
  server.close();
});

test('[case 67] an idle tunnel outlives every deadline of the server and of the handshake', async () => {
  const server = Promise.withResolvers<(text: string) => void>();
  await using origin = await rawOrigin((socket) => {
    onRequestHead(socket, () => {
      socket.write(switched);
      server.resolve((text) => socket.write(text));
    });
  });
  // The stand's server gives up heads after 200 ms and requests after 250 ms.
  await using stand = await tunnelStand([origin.address], { connectMs: 100, firstByteMs: 100, headMs: 200 });
  await using client = await rawConnect(stand.port);
  await client.write(handshake());
  await client.readUntil('\r\n\r\n');
  await using other = await rawConnect(stand.port);
  // This one is cut by the server's deadline, so the deadline has passed for both.
  await other.write('GET / HTTP/1.1\r\n');
  await other.closed;
  (await server.promise)('still here');
  await client.readUntil('still here');
});
