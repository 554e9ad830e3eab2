import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { ManualClock } from '@trivet/kit/testing/clock.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { rawOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import { silentLog } from '@trivet/kit/testing/silent.ts';
import { testListener } from '@trivet/kit/testing/test-listener.ts';
import { Upstream } from '@trivet/kit/upstream/upstream.ts';
import { openEdge } from '../open-edge.ts';
import { Rules } from '../rules.ts';
import { handler } from '../start.ts';
import { Asking } from '../testing/client.ts';
import { defaults, edgeStand } from '../testing/stand.ts';

const fresh = ['Cache-Control', 'max-age=60'];

for (const [framing, fields] of [
  ['with a length', [...fresh, 'Content-Length', '100']],
  ['in chunks', fresh],
] as const) {
  test(`[case 18] a body ${framing} that breaks off breaks for all, is not stored, and is fetched again`, async () => {
    const breaking = Promise.withResolvers<void>();
    let n = 0;
    await using stand = await edgeStand(async (_, reply) => {
      n += 1;
      if (n > 1) return reply.send(200, fresh, 'whole');
      reply.head(200, fields);
      await reply.write('first');
      await breaking.promise;
      reply.break();
    });
    const leader = stand.ask('/');
    await eventually(() => assert.equal(leader.received, 'first'));
    const follower = stand.ask('/');
    await eventually(() => assert.equal(follower.received, 'first'));
    breaking.resolve();
    assert.equal(await leader.outcome, 'broken');
    assert.equal(await follower.outcome, 'broken');
    assert.equal(stand.edge.store.stats().entries, 0);
    await eventually(() => assert.equal(stand.edge.store.stats().reservedBytes, 0));
    assert.equal((await stand.get('/')).body, 'whole');
    const faults = stand.records.map((record) => record.fault?.reason);
    assert.deepEqual(faults.slice(0, 2), ['reset-mid-body', 'reset-mid-body']);
  });
}

/** An edge before an origin that writes these bytes and closes. */
function rawStand(...answers: string[]) {
  let at = 0;
  return standBefore((socket) => {
    socket.on('data', () => {
      socket.end(answers[Math.min(at, answers.length - 1)] ?? '', 'latin1');
      at += 1;
    });
  });
}

async function standBefore(onConnection: (socket: Socket) => void) {
  await using building = new AsyncDisposableStack();
  const origin = building.use(await rawOrigin(onConnection));
  const timeouts = { connectMs: 1000, firstByteMs: 1000, betweenBytesMs: 1000 };
  const upstream = building.use(new Upstream({ name: 'origin', addresses: [origin.address], timeouts, retries: 0 }));
  const clock = new ManualClock();
  const backends = { send: upstream.send.bind(upstream), isHealthy: () => upstream.isHealthy };
  const edge = openEdge({
    options: defaults,
    rules: new Rules({}),
    upstream: backends,
    log: silentLog,
    clock: clock.read,
  });
  const { port } = building.use(await testListener({ tier: 'edge-cache', onRequest: handler(edge) }));
  const open = building.move();
  return { edge, port, origin, clock, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

const ok = 'HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n';

for (const [what, bytes] of [
  ['too short for its length', `${ok}Content-Length: 10\r\n\r\nfour`],
  ['without its last chunk', `${ok}Transfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n`],
] as const) {
  test(`a body that is ${what} is a broken transfer, and not stored`, async () => {
    await using stand = await rawStand(bytes);
    const asking = new Asking(stand.port, '/');
    assert.equal(await asking.outcome, 'broken');
    assert.equal(stand.edge.store.stats().entries, 0);
  });
}

for (const [what, bytes] of [
  ['garbage', 'ABC\r\n\r\n'],
  ['nothing', ''],
  ['half a head', 'HTTP/1.1 200 OK\r\nCache-'],
  ['a 304 that nobody asked for', 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'],
  [
    'a part that nobody asked for',
    'HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/9\r\nContent-Length: 2\r\n\r\nab',
  ],
] as const) {
  test(`[case 27] [case 55] an origin that answers ${what} is a 502, made by the edge`, async () => {
    await using stand = await rawStand(bytes);
    const answer = await new Asking(stand.port, '/').whole();
    assert.equal(answer.status, 502);
    assert.match(answer.header('proxy-status') ?? '', /^edge-cache;error=/);
    assert.match(answer.cacheStatus, /^edge-cache; fwd=uri-miss; detail="/);
    assert.match(answer.header('via') ?? '', /1\.1 edge-cache/);
    assert.ok(answer.header('x-request-id'));
  });
}

test('[case 18] a body without any framing is not whole behind a reset, and not stored', async () => {
  await using stand = await standBefore((socket) => void socket.once('data', () => socket.write(`${ok}\r\nuntil`)));
  await using client = await rawConnect(stand.port);
  await client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.readUntil('until');
  stand.origin.reset();
  await client.closed;
  assert.doesNotMatch(client.received, /\r\n0\r\n\r\n$/);
  assert.equal(stand.edge.store.stats().entries, 0);
});

test('[case 65] a body without any framing ends with its connection, and is stored', async () => {
  await using stand = await rawStand('HTTP/1.0 200 OK\r\nCache-Control: max-age=60\r\n\r\nuntil the end');
  assert.equal((await new Asking(stand.port, '/').whole()).body, 'until the end');
  assert.match((await new Asking(stand.port, '/').whole()).cacheStatus, /hit/);
});

test('[case 65] an HTTP/1.0 client gets what is stored, and what streams, by the end of the connection', async () => {
  await using stand = await edgeStand(async (_, reply) => {
    reply.head(200, fresh);
    await reply.write('first ');
    reply.end('last');
  });
  for (const status of ['fwd=uri-miss', 'hit']) {
    await using client = await rawConnect(stand.port);
    await client.write('GET / HTTP/1.0\r\n\r\n');
    await client.closed;
    assert.match(client.received, new RegExp(`Cache-Status: edge-cache; ${status}`));
    assert.match(client.received, /\r\n\r\nfirst last$/);
  }
});
