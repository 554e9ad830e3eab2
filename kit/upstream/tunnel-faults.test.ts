import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Address } from '../process/units.ts';
import { deafServer } from '../testing/deaf-server.ts';
import { eventually } from '../testing/eventually.ts';
import { rawConnect, rawExchange } from '../testing/raw-client.ts';
import { rawOrigin } from '../testing/scripted-origin.ts';
import { handshake, onRequestHead, tunnelStand } from '../testing/tunnel-stand.ts';

const closedPort: Address = { kind: 'tcp', host: '127.0.0.1', port: 1 };

test('an upstream that refuses is a 503 that says so', async () => {
  await using stand = await tunnelStand([closedPort, closedPort]);
  const received = await rawExchange(stand.port, handshake(['Accept: application/json']));
  const [head = '', body = ''] = received.split('\r\n\r\n');
  assert.match(head, /^HTTP\/1\.1 503 Service Unavailable\r\n/);
  assert.match(head, /^Proxy-Status: static-frontend;error=connection_refused;/m);
  assert.match(head, /^Retry-After: \d+/m);
  assert.match(head, /^Connection: close\r$/m);
  assert.match(head, /^Via: 1\.1 static-frontend\r$/m);
  assert.match(head, /^X-Request-Id: request-1\r$/m);
  assert.partialDeepStrictEqual(JSON.parse(body), {
    tier: 'static-frontend',
    reason: 'refused',
    requestId: 'request-1',
  });
  await eventually(() => assert.partialDeepStrictEqual(stand.ends[0], { status: 503, outcome: 'done' }));
  assert.equal(stand.ends[0]?.fault?.reason, 'refused');
});

const answers: [name: string, answer: string, status: number, reason: string][] = [
  ['closes before it answers', '', 502, 'reset-before-head'],
  ['closes in the middle of a head', 'HTTP/1.1 101 Sw', 502, 'reset-before-head'],
  ['answers with what is not HTTP', 'hello\r\n\r\n', 502, 'bad-response'],
  [
    'answers with two lengths',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12',
    502,
    'bad-response',
  ],
  ['says 101 without switching', 'HTTP/1.1 101 Fine\r\nContent-Length: 5\r\n\r\nhello', 502, 'bad-response'],
  [
    'switches to another protocol',
    'HTTP/1.1 101 Fine\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\nPRI',
    502,
    'bad-response',
  ],
];

for (const [name, answer, status, reason] of answers) {
  test(`an upstream that ${name} is a ${status} (${reason})`, async () => {
    await using origin = await rawOrigin((socket) => onRequestHead(socket, () => socket.end(answer, 'latin1')));
    await using stand = await tunnelStand([origin.address]);
    const received = await rawExchange(stand.port, `${handshake()}bytes of a client in a hurry`);
    assert.match(received, new RegExp(`^HTTP/1\\.1 ${status} `));
    assert.match(received, /^Proxy-Status: static-frontend;error=/m);
    assert.ok(received.includes(`<code>${reason}</code>`));
    assert.equal(received.match(/^HTTP\/1\.1/gm)?.length, 1);
    assert.doesNotMatch(origin.received, /hurry/);
    await eventually(() => assert.partialDeepStrictEqual(stand.ends[0], { status, outcome: 'done' }));
    assert.equal(stand.ends[0]?.fault?.reason, reason);
  });
}

test('an upstream that resets the connection before it answers is a 502', async () => {
  await using origin = await rawOrigin((socket) => onRequestHead(socket, () => socket.resetAndDestroy()));
  await using stand = await tunnelStand([origin.address]);
  assert.match(await rawExchange(stand.port, handshake()), /^HTTP\/1\.1 502 .*reset-before-head/s);
});

test('an upstream that takes no connection in time is a 504', async () => {
  await using deaf = await deafServer();
  await using stand = await tunnelStand([deaf.address], { connectMs: 30, firstByteMs: 3_000 });
  assert.match(await rawExchange(stand.port, handshake()), /^HTTP\/1\.1 504 .*error=connection_timeout/s);
});

for (const beginning of ['', 'HTTP/1.1 101 Sw', 'HTTP/1.1 103 Early Hints\r\n\r\n']) {
  test(`an upstream that falls silent after "${beginning.slice(0, 12)}" is a 504`, async () => {
    await using origin = await rawOrigin((socket) => onRequestHead(socket, () => socket.write(beginning)));
    await using stand = await tunnelStand([origin.address], { connectMs: 3_000, firstByteMs: 50 });
    assert.match(await rawExchange(stand.port, handshake()), /^HTTP\/1\.1 504 .*error=http_response_timeout/s);
    await eventually(() => assert.equal(stand.tunnel.openCount, 0));
  });
}

const refusals: [name: string, request: string][] = [
  ['a body with a length', `${handshake(['Content-Length: 5'])}hello`],
  ['a POST', handshake([], 'POST /ws HTTP/1.1')],
];

for (const [name, request] of refusals) {
  test(`an upgrade request with ${name} is a 400 and reaches no upstream`, async () => {
    await using origin = await rawOrigin(() => undefined);
    await using stand = await tunnelStand([origin.address]);
    assert.match(await rawExchange(stand.port, request), /^HTTP\/1\.1 400 /);
    assert.equal(origin.connections, 0);
  });
}

test('a chunked upgrade request, which the platform gives no plain socket, is a 400 too', async () => {
  await using origin = await rawOrigin(() => undefined);
  await using stand = await tunnelStand([origin.address]);
  const request = `${handshake(['Transfer-Encoding: chunked'])}26\r\nGET /smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n0\r\n\r\n`;
  assert.match(await rawExchange(stand.port, request), /^HTTP\/1\.1 400 /);
  assert.equal(origin.connections, 0);
});

test('a client that stays behind its error page is let go', async () => {
  await using stand = await tunnelStand([closedPort], { connectMs: 1_000, firstByteMs: 50 });
  await using client = await rawConnect(stand.port);
  client.socket.allowHalfOpen = true;
  await client.write(handshake());
  await client.readUntil('</html>');
  await eventually(() => assert.equal(stand.tunnel.openCount, 0));
});

test('fields that may not be written are our fault, and nothing is sent', async () => {
  await using origin = await rawOrigin(() => undefined);
  await using stand = await tunnelStand([origin.address], undefined, (fields) => [
    ...fields,
    'X-Split',
    'a\r\nX-Injected: 1',
  ]);
  assert.match(await rawExchange(stand.port, handshake()), /^HTTP\/1\.1 500 .*internal/s);
  assert.equal(origin.received, '');
});

test('a client that resets before the answer takes its upstream along', async () => {
  const asked = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  await using origin = await rawOrigin((socket) => {
    socket.on('close', () => gone.resolve());
    onRequestHead(socket, () => asked.resolve());
  });
  await using stand = await tunnelStand([origin.address]);
  await using client = await rawConnect(stand.port);
  await client.write(handshake());
  await asked.promise;
  client.reset();
  await gone.promise;
  await eventually(() =>
    assert.partialDeepStrictEqual(stand.ends[0], { status: 499, outcome: 'client-left', bytes: 0 }),
  );
});

test('a client that resets while its upstream is dialled ends the dialling', async () => {
  await using deaf = await deafServer();
  await using stand = await tunnelStand([deaf.address]);
  await using client = await rawConnect(stand.port);
  await client.write(handshake());
  await eventually(() => assert.equal(stand.tunnel.openCount, 1));
  client.reset();
  await eventually(() => assert.partialDeepStrictEqual(stand.ends[0], { status: 499, outcome: 'client-left' }));
});
