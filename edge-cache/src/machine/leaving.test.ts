import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import type { ScriptedReply } from '@trivet/kit/testing/scripted-reply.ts';
import { edgeStand } from '../testing/stand.ts';

const fresh = ['Cache-Control', 'max-age=60'];
const gate = () => Promise.withResolvers<void>();

test('[case 13] a fetch goes on for the others and for the cache when the one it was made for leaves before the head', async () => {
  const open = gate();
  await using stand = await edgeStand(async (_, reply) => {
    await open.promise;
    reply.send(200, fresh, 'answer');
  });
  const leader = stand.ask('/');
  await stand.begun(1);
  const follower = stand.ask('/');
  await stand.begun(2);
  leader.leave();
  await eventually(() => assert.equal(stand.records.length, 1));
  assert.deepEqual(stand.records[0]?.trail, ['receive', 'lookup', 'fetch']);
  open.resolve();
  assert.equal((await follower.whole()).body, 'answer');
  assert.match((await stand.get('/')).cacheStatus, /hit/);
  assert.equal(stand.origin.requests.length, 1);
});

test('a fetch goes on for the cache when everybody has left', async () => {
  const open = gate();
  await using stand = await edgeStand(async (_, reply) => {
    await open.promise;
    reply.head(200, fresh);
    await reply.write('first ');
    reply.end('last');
  });
  const only = stand.ask('/');
  await stand.begun(1);
  only.leave();
  await eventually(() => assert.equal(stand.records.length, 1));
  open.resolve();
  await eventually(() => assert.equal(stand.edge.store.stats().entries, 1));
  assert.equal((await stand.get('/')).body, 'first last');
});

test('[case 14] leaving in the middle of a body that is stored stops neither the others nor the storing', async () => {
  const replies: ScriptedReply[] = [];
  await using stand = await edgeStand(async (_, reply) => {
    replies.push(reply);
    reply.head(200, fresh);
    await reply.write('first ');
  });
  const leader = stand.ask('/');
  await eventually(() => assert.equal(leader.received, 'first '));
  const follower = stand.ask('/');
  await eventually(() => assert.equal(follower.received, 'first '));
  leader.leave();
  await eventually(() => assert.equal(stand.records.length, 1));
  replies[0]?.end('last');
  assert.equal((await follower.whole()).body, 'first last');
  assert.match((await stand.get('/')).cacheStatus, /hit/);
});

test('[case 15] one that waits and leaves is forgotten', async () => {
  const open = gate();
  await using stand = await edgeStand(async (_, reply) => {
    await open.promise;
    reply.send(200, fresh, 'answer');
  });
  const leader = stand.ask('/');
  await stand.begun(1);
  const follower = stand.ask('/');
  await stand.begun(2);
  follower.leave();
  await eventually(() => assert.equal(stand.records.length, 1));
  open.resolve();
  assert.equal((await leader.whole()).body, 'answer');
  assert.equal(stand.edge.flights.size, 0);
});

for (const [what, fields, path] of [
  ['is not stored', ['Cache-Control', 'private'], '/'],
  ['is passed', [], '/pass'],
] as const) {
  test(`[case 14] when its client leaves, an answer that ${what} is not fetched to its end`, async () => {
    const replies: ScriptedReply[] = [];
    await using stand = await edgeStand(
      async (_, reply) => {
        replies.push(reply);
        reply.head(200, fields);
        await reply.write('first ');
        await reply.closed;
      },
      { policy: { receive: ({ path: asked }) => (asked === '/pass' ? { do: 'pass' } : undefined) } },
    );
    const only = stand.ask(path);
    await eventually(() => assert.equal(only.received, 'first '));
    only.leave();
    await replies[0]?.closed;
    assert.equal(replies[0]?.isAbandoned, true);
    await eventually(() => assert.equal(stand.edge.flights.size, 0));
  });
}

test('a request that is known to be for one alone is given up with its client, before the head', async () => {
  let n = 0;
  const replies: ScriptedReply[] = [];
  await using stand = await edgeStand((_, reply) => {
    n += 1;
    replies.push(reply);
    if (n === 1) reply.send(200, ['Cache-Control', 'private']);
  });
  await stand.get('/');
  const only = stand.ask('/');
  await eventually(() => assert.equal(replies.length, 2));
  only.leave();
  await replies[1]?.closed;
  await eventually(() => assert.equal(stand.edge.flights.size, 0));
});

test('[case 16] one that reads slowly holds up nobody while the body is kept', async () => {
  const megabyte = 'x'.repeat(1024 * 1024);
  await using stand = await edgeStand(async (_, reply) => {
    reply.head(200, fresh);
    for (let i = 0; i < 8; i++) await reply.write(megabyte);
    reply.end();
  });
  await using slow = await rawConnect(stand.port);
  slow.socket.pause();
  await slow.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  await stand.begun(1);
  const fast = await stand.ask('/', { headers: { host: '127.0.0.1' } }).whole();
  assert.equal(fast.bytes.length, 8 * 1024 * 1024);
  assert.equal(stand.origin.requests.length, 1);
});

test('[case 17] one that reads slowly what is not stored holds the origin back', async () => {
  const chunk = 'x'.repeat(64 * 1024);
  let sent = 0;
  await using stand = await edgeStand(async (_, reply) => {
    reply.head(200, ['Cache-Control', 'private']);
    while (!reply.isAbandoned && sent < 64 * 1024 * 1024) {
      await reply.write(chunk);
      sent += chunk.length;
    }
  });
  await using slow = await rawConnect(stand.port);
  slow.socket.pause();
  await slow.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
  let before = 0;
  let stableProbes = 0;
  await eventually(() => {
    stableProbes = sent === before ? stableProbes + 1 : 0;
    before = sent;
    assert.ok(sent > 0 && stableProbes > 20);
  });
  // Kernel buffers on both connections hold some megabytes; the rest must have stayed with the origin.
  assert.ok(sent < 32 * 1024 * 1024, `${sent} bytes were taken`);
  assert.equal(stand.edge.store.stats().reservedBytes, 0);
});

test('[case 16] [case 72] a body that outgrows the store goes on to those who read it, and is not stored', async () => {
  const megabyte = 'x'.repeat(1024 * 1024);
  await using stand = await edgeStand(
    async (_, reply) => {
      reply.head(200, fresh);
      for (let i = 0; i < 6; i++) await reply.write(megabyte);
      reply.end();
    },
    { storeMemory: 4 * 1024 * 1024 },
  );
  const answer = await stand.get('/');
  assert.equal(answer.bytes.length, 6 * 1024 * 1024);
  assert.equal(stand.edge.store.stats().entries, 0);
  assert.equal(stand.edge.store.stats().reservedBytes, 0);
});

test('[case 72] a body that is announced larger than the store is not stored, and says why', async () => {
  await using stand = await edgeStand((_, reply) => reply.send(200, fresh, 'x'.repeat(200_000)), {
    storeMemory: 100_000,
  });
  const answer = await stand.get('/');
  assert.equal(answer.bytes.length, 200_000);
  assert.equal(answer.cacheStatus, 'edge-cache; fwd=uri-miss; detail="no-room"');
});

test('a client that leaves in the moment the head comes leaves nothing running', async () => {
  await using stand = await edgeStand(
    async (request, reply) => {
      await request.outcome;
      reply.head(200, ['Cache-Control', 'private']);
      await reply.write('endless ');
      await reply.closed;
    },
    { startAt: 'head' },
  );
  for (let i = 0; i < 20; i++) {
    const one = stand.ask(`/${i}`);
    await eventually(() => assert.equal(stand.origin.requests.length, i + 1));
    // At another point of the exchange each time.
    for (let turn = 0; turn < i; turn++) await new Promise(setImmediate);
    one.leave();
  }
  await eventually(() => assert.equal(stand.edge.flights.size, 0));
});
