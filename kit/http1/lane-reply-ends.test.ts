// How answers by and by end: clients that leave, that take nothing, or ask for more; tiers that stop.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { get } from '../testing/http-text.ts';
import { rawConnect } from '../testing/raw-client.ts';
import { bytes, chunked, give, next, replyStand, sized } from '../testing/reply-stand.ts';

const close = 'Connection: close\r\n';

describe('a client that leaves', () => {
  for (const [how, leave] of [
    ['by closing', 'destroy'],
    ['by a reset', 'resetAndDestroy'],
    ['by ending its side', 'end'],
  ] as const) {
    test(`${how} ends its answer, once`, async () => {
      await using server = await replyStand();
      await using client = await rawConnect(server.port);
      await client.write(get('/') + get('/behind'));
      const reply = await next(server);
      client.socket[leave]();
      await eventually(() => assert.deepEqual([server.ends.length, reply.isOver], [1, true]));
      assert.deepEqual([server.ends[0]?.status, server.ends[0]?.outcome], [499, 'client-left']);
      give(reply, 'late');
      await reply.ready();
      await eventually(() => assert.equal(server.listener.connections(), 0));
      assert.deepEqual([client.received, server.ends.length, server.taken.length], ['', 1, 0]);
    });
  }

  test('by ending its side is answered where the tier says so', async () => {
    await using server = await replyStand({ answersHalfClosed: true });
    await using client = await rawConnect(server.port);
    client.socket.end(get('/'));
    const reply = await next(server);
    await eventually(() => assert.equal(client.socket.writableFinished, true));
    give(reply, 'answered');
    await client.closed;
    assert.match(client.received, /answered$/);
  });
});

describe('a client that takes nothing', () => {
  const block = Buffer.alloc(64 * 1024, 'x');

  test('holds the answer back, and is cut after a time', async () => {
    await using server = await replyStand({ limits: { clientTimeout: 300 } });
    await using client = await rawConnect(server.port);
    client.socket.pause();
    await client.write(get('/'));
    const reply = await next(server);
    reply.head(chunked);
    let blocks = 0;
    for (; !reply.isOver; blocks++) {
      assert.ok(blocks < 1_000);
      reply.write(block);
      await reply.ready();
    }
    assert.deepEqual(
      server.ends.map(({ outcome }) => outcome),
      ['client-left'],
    );
    assert.ok((server.ends[0]?.bytes ?? 0) > block.length);
  });

  test('is not waited for in vain: it gets all once it reads', async () => {
    await using server = await replyStand();
    await using client = await rawConnect(server.port, 20_000);
    client.socket.pause();
    await client.write(get('/', close));
    const reply = await next(server);
    reply.head(sized(200 * block.length));
    for (let i = 0; i < 200; i++) reply.write(block);
    const room = reply.ready();
    reply.end();
    assert.equal(server.ends.length, 0);
    client.socket.resume();
    await room;
    await client.closed;
    assert.ok(client.received.endsWith('x') && client.received.length > 200 * block.length);
    assert.equal(server.ends[0]?.outcome, 'done');
  });
});

test('what is pipelined behind an answer in the making is not read without limit', async () => {
  await using server = await replyStand({ limits: { maxHead: 1_000 } });
  await using client = await rawConnect(server.port);
  await client.write(get('/'));
  const reply = await next(server);
  let isTaken = false;
  void client.write(Buffer.alloc(50_000_000, get('/flood'))).then(() => {
    isTaken = true;
  });
  for (let i = 0; i < 200; i++) await new Promise((turn) => setImmediate(turn));
  assert.deepEqual([isTaken, server.taken.length], [false, 0]);
  give(reply, 'x');
  give(await next(server), 'y');
  await client.readUntil('y');
});

describe('the last answer of a connection', () => {
  test('is that of so many requests; what is sent behind it is not served', async () => {
    await using server = await replyStand({ limits: { keepaliveRequests: 2 } });
    await using client = await rawConnect(server.port);
    await client.write(get('/1'));
    give(await next(server), 'one');
    await client.readUntil('one');
    await client.write(get('/2'));
    const reply = await next(server);
    await client.write(get('/3').repeat(5));
    give(reply, 'two');
    await client.closed;
    assert.match(client.received, /Connection: keep-alive[\s\S]*one[\s\S]*Connection: close\r\n\r\ntwo$/);
    assert.deepEqual([server.taken.length, server.slow.length], [0, 0]);
  });

  test('is one whose head says so, though the client asked for more', async () => {
    await using server = await replyStand();
    await using client = await rawConnect(server.port);
    await client.write(get('/1') + get('/slow/2') + get('/3'));
    const reply = await next(server);
    reply.head({ ...sized(1), isLast: true });
    reply.write(bytes('x'));
    reply.end();
    await client.closed;
    assert.match(client.received, /Connection: close\r\n\r\nx$/);
    assert.deepEqual([server.taken.length, server.slow.length], [0, 0]);
  });

  test('is the one in the making when the tier is told to stop', async () => {
    await using server = await replyStand();
    await using client = await rawConnect(server.port);
    await client.write(get('/'));
    const reply = await next(server);
    const ended = server.listener.drain(5_000);
    give(reply, 'x');
    assert.equal(await ended, 'clean');
    await client.closed;
    assert.match(client.received, /Connection: close\r\n\r\nx$/);
  });

  test('of a tier that stops is cut at the deadline, and the tier says that it was', async () => {
    await using server = await replyStand();
    await using client = await rawConnect(server.port);
    await client.write(get('/'));
    await next(server);
    assert.equal(await server.listener.drain(50), 'cut');
    await client.closed;
    await eventually(() => assert.equal(server.ends[0]?.outcome, 'client-left'));
  });
});

test('a client that waits for its answer is not taken for an idle one', async () => {
  await using server = await replyStand({ limits: { idleTimeout: 20, clientTimeout: 40, headerTimeout: 40 } });
  await using client = await rawConnect(server.port);
  await client.write(get('/', close));
  const reply = await next(server);
  const since = performance.now();
  await eventually(() => assert.ok(performance.now() - since > 1_500));
  give(reply, 'late');
  await client.closed;
  assert.match(client.received, /late$/);
});
