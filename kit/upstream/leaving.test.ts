import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Barrier } from '../testing/barrier.ts';
import { CollectingSink } from '../testing/collecting-sink.ts';
import { eventually } from '../testing/eventually.ts';
import { rawOrigin, scriptedOrigin } from '../testing/scripted-origin.ts';
import { outbound, send, testUpstream } from '../testing/upstream-stand.ts';

const ok = (text: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
const inFlight = (upstream: { stats(): object }) => (upstream.stats() as { inFlight: number }[])[0]?.inFlight;

describe('a request that is aborted', () => {
  test('while it waits for a connection is never sent, and its place is free at once', async () => {
    const asked = new Barrier(1);
    const barrier = new Barrier(1);
    await using origin = await scriptedOrigin(async (request, reply) => {
      asked.arrive();
      await barrier.passed;
      reply.send(200, [], request.target);
    });
    await using upstream = testUpstream([origin.address], { connections: 1, queue: 1 });
    const first = send(upstream, { target: '/first' });
    await asked.passed;
    const left = new CollectingSink();
    const sending = upstream.send(outbound({ target: '/left' }), left);
    assert.equal((await send(upstream)).outcome, 'queue-full');
    sending.abort();
    assert.equal(inFlight(upstream), 1);
    const second = send(upstream, { target: '/second' });
    barrier.arrive();
    assert.deepEqual([(await first).outcome, (await second).outcome], ['200 /first', '200 /second']);
    assert.equal(left.calls, 0);
    assert.deepEqual(
      origin.requests.map(({ target }) => target),
      ['/first', '/second'],
    );
    assert.equal(origin.connections, 1);
  });

  test('while it is connecting is never sent, and its connection serves another', async () => {
    await using origin = await scriptedOrigin((request, reply) => reply.send(200, [], request.target));
    await using upstream = testUpstream([origin.address], { connections: 1 });
    const left = new CollectingSink();
    const sending = upstream.send(outbound({ target: '/left' }), left);
    sending.abort();
    assert.equal((await send(upstream, { target: '/next' })).outcome, '200 /next');
    assert.deepEqual([left.calls, origin.requests.length, origin.connections], [0, 1, 1]);
  });

  test('while its answer is awaited closes its connection at once', async () => {
    const asked = new Barrier(1);
    const closed = new Barrier(1);
    await using origin = await rawOrigin((socket) => {
      socket.on('data', () => asked.arrive());
      socket.on('close', () => closed.arrive());
    });
    await using upstream = testUpstream([origin.address]);
    const left = new CollectingSink();
    const sending = upstream.send(outbound(), left);
    await asked.passed;
    sending.abort();
    assert.equal(inFlight(upstream), 0);
    await closed.passed;
    sending.abort();
    sending.resume();
    assert.equal(left.calls, 0);
  });

  test('inside its answer closes its connection at once', async () => {
    await using origin = await scriptedOrigin(async (_request, reply) => {
      reply.head(200);
      await reply.write('begun');
      await reply.closed;
    });
    await using upstream = testUpstream([origin.address]);
    const left = new CollectingSink();
    const sending = upstream.send(outbound(), left);
    await left.fed;
    const { calls } = left;
    sending.abort();
    await eventually(() =>
      assert.partialDeepStrictEqual(upstream.stats(), [
        { address: `127.0.0.1:${origin.port}`, inFlight: 0, connections: 0 },
      ]),
    );
    assert.equal(left.calls, calls);
  });

  for (const where of ['onHead', 'onData'] as const) {
    test(`by its own sink in ${where} is so, and the sink hears nothing more`, async () => {
      const closed = new Barrier(1);
      await using origin = await rawOrigin((socket) => {
        socket.once('data', () => socket.write(ok('whole')));
        socket.on('close', () => closed.arrive());
      });
      await using upstream = testUpstream([origin.address]);
      const left = new CollectingSink();
      const original = left[where].bind(left) as (argument: never) => boolean;
      left[where] = (argument: unknown) => {
        const more = original(argument as never);
        sending.abort();
        return more;
      };
      const sending = upstream.send(outbound(), left);
      await closed.passed;
      assert.equal(left.calls, where === 'onHead' ? 1 : 2);
      assert.equal(inFlight(upstream), 0);
    });
  }

  test('after its end changes nothing for who uses the connection next', async () => {
    const barrier = new Barrier(1);
    await using origin = await scriptedOrigin(async (request, reply) => {
      if (request.target === '/next') await barrier.passed;
      reply.send(200, [], request.target);
    });
    await using upstream = testUpstream([origin.address], { connections: 1 });
    const first = new CollectingSink();
    const sending = upstream.send(outbound({ target: '/first' }), first);
    await first.over;
    const next = send(upstream, { target: '/next' });
    await eventually(() => assert.equal(origin.requests.length, 2));
    sending.abort();
    sending.resume();
    barrier.arrive();
    assert.equal((await next).outcome, '200 /next');
    assert.equal(origin.connections, 1);
  });
});

describe('the queue', () => {
  test('[case 70] has an end: who comes then is told so (503), and it moves on', async () => {
    const asked = new Barrier(1);
    const barrier = new Barrier(1);
    await using origin = await scriptedOrigin(async (request, reply) => {
      asked.arrive();
      await barrier.passed;
      reply.send(200, [], request.target);
    });
    await using upstream = testUpstream([origin.address], { connections: 1, queue: 2 });
    const waiting = ['/1', '/2', '/3'].map((target) => send(upstream, { target }));
    const { fault } = await send(upstream);
    assert.deepEqual([fault?.reason, fault?.status, fault?.retryAfterSeconds], ['queue-full', 503, 1]);
    assert.equal(fault?.message, 'all connections to app are in use, and 2 requests wait, which is the limit');
    await asked.passed;
    barrier.arrive();
    const outcomes = await Promise.all(waiting);
    assert.deepEqual(
      outcomes.map(({ outcome }) => outcome),
      ['200 /1', '200 /2', '200 /3'],
    );
    assert.equal((await send(upstream, { target: '/4' })).outcome, '200 /4');
    assert.equal(inFlight(upstream), 0);
  });

  test('is emptied when nobody listens', async () => {
    await using gone = await rawOrigin(() => undefined);
    const { address } = gone;
    await gone[Symbol.asyncDispose]();
    await using upstream = testUpstream([address], { connections: 2, queue: 300 });
    const all = await Promise.all(Array.from({ length: 300 }, () => send(upstream)));
    assert.ok(all.every(({ outcome }) => outcome === 'refused'));
    assert.equal(inFlight(upstream), 0);
  });
});
