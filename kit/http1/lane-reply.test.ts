// Answers that a tier makes by and by in the fast lane: their bytes, and their order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { get, statuses } from '../testing/http-text.ts';
import { rawConnect, rawExchange } from '../testing/raw-client.ts';
import { bytes, chunked, give, next, replyStand, sized } from '../testing/reply-stand.ts';

const close = 'Connection: close\r\n';

test('pipelined requests are answered in order, one at a time, whichever lane each is in', async () => {
  await using server = await replyStand();
  await using client = await rawConnect(server.port);
  await client.write(get('/1') + get('/slow/2') + get('/3') + get('/4', close));
  const first = await next(server);
  assert.deepEqual([server.taken.length, server.slow], [0, []]);
  give(first, 'first');
  give(await next(server), 'third');
  give(await next(server), 'fourth');
  await client.closed;
  assert.deepEqual(statuses(client.received), [200, 200, 200, 200]);
  assert.match(client.received, /first[\s\S]*slow[\s\S]*third[\s\S]*fourth$/);
  assert.deepEqual(
    server.ends.map(({ outcome }) => outcome),
    ['done', 'done', 'done'],
  );
});

test('head and body that are written in one turn of the loop leave in one packet, also without an end', async () => {
  await using server = await replyStand();
  await using client = await rawConnect(server.port);
  const packets: string[] = [];
  client.socket.on('data', (chunk: Buffer) => packets.push(chunk.toString('latin1')));
  await client.write(get('/'));
  const reply = await next(server);
  reply.head(chunked);
  reply.write(bytes('ab'));
  reply.write(bytes(''));
  reply.write(bytes('c'));
  await eventually(() => assert.equal(packets.length, 1));
  assert.match(packets[0] ?? '', /\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n$/);
  reply.end();
  await client.readUntil('0\r\n\r\n');
  assert.deepEqual([server.ends[0]?.status, server.ends[0]?.bytes], [200, client.received.length]);
});

test('interim heads go ahead of the head, and not behind it', async () => {
  await using server = await replyStand();
  await using client = await rawConnect(server.port);
  await client.write(get('/', close));
  const reply = await next(server);
  reply.inform('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n');
  await client.readUntil('103 Early Hints\r\nLink: </a>\r\n\r\n');
  reply.head(sized(1));
  reply.inform('HTTP/1.1 103 Early Hints\r\n');
  reply.write(bytes('x'));
  reply.end();
  await client.closed;
  assert.deepEqual(statuses(client.received), [103, 200]);
});

test('a broken transfer is cut: no end of it reaches the client, and nothing behind it is answered', async () => {
  await using server = await replyStand();
  await using client = await rawConnect(server.port);
  await client.write(get('/') + get('/behind'));
  const reply = await next(server);
  reply.head(chunked);
  reply.write(bytes('ab'));
  await reply.ready();
  reply.destroy();
  reply.write(bytes('c'));
  reply.end();
  await client.closed;
  assert.match(client.received, /\r\n\r\n2\r\nab\r\n$/);
  assert.deepEqual(
    server.ends.map(({ outcome, status }) => [outcome, status]),
    [['broken', 200]],
  );
  assert.equal(server.taken.length, 0);
});

test('a lane that fails with the seat in hand cuts the connection', async () => {
  await using server = await replyStand({
    serve: (_inbound, seat) => {
      seat.take(() => undefined);
      throw new Error('a bug');
    },
  });
  assert.equal(await rawExchange(server.port, get('/')), '');
  assert.deepEqual(server.slow, []);
});

test('a seat is taken once', async () => {
  const failures: unknown[] = [];
  await using server = await replyStand({
    serve: (_inbound, seat) => {
      give(
        seat.take(() => undefined),
        'once',
      );
      try {
        seat.take(() => undefined);
      } catch (error) {
        failures.push(error);
      }
      return 'later';
    },
  });
  const text = await rawExchange(server.port, get('/') + get('/', close));
  assert.deepEqual([statuses(text), failures.length], [[200, 200], 2]);
});

test('a request is underway until its answer has been taken, in either lane', async () => {
  await using server = await replyStand({ limits: { clientTimeout: 60_000 } });
  await using client = await rawConnect(server.port);
  await using reader = await rawConnect(server.port);
  const targets = () => server.listener.underway(0).map(({ target }) => target);
  await client.write(get('/1'));
  const reply = await next(server);
  assert.deepEqual(targets(), ['/1']);
  assert.deepEqual(server.listener.underway(60_000), []);
  give(reply, 'first');
  await client.readUntil('first');
  assert.deepEqual(targets(), []);
  reader.socket.pause();
  await reader.write(get('/large'));
  const large = await next(server);
  large.head(sized(50_000_000));
  large.write(Buffer.alloc(50_000_000));
  large.end();
  assert.deepEqual(targets(), ['/large']);
  reader.socket.destroy();
  await eventually(() => assert.deepEqual(targets(), []));
});
