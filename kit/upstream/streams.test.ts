import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Barrier } from '../testing/barrier.ts';
import { CollectingSink } from '../testing/collecting-sink.ts';
import { eventually } from '../testing/eventually.ts';
import { rawOrigin, scriptedOrigin } from '../testing/scripted-origin.ts';
import { outbound, send, testUpstream } from '../testing/upstream-stand.ts';

describe('an answer comes in pieces', () => {
  test('interim ones first, each with its fields', async () => {
    await using origin = await scriptedOrigin((_request, reply) => {
      reply.interim(103, ['Link', '</a.css>; rel=preload']);
      reply.interim(102);
      reply.interim(103, ['Link', '</b.css>; rel=preload', 'Link', '</c.css>']);
      reply.send(200, [], 'ok');
    });
    await using upstream = testUpstream([origin.address]);
    for (let i = 0; i < 2; i++) {
      const { outcome, interim } = await send(upstream);
      assert.equal(outcome, '200 ok');
      assert.deepEqual(interim, [
        { status: 103, fields: ['Link', '</a.css>; rel=preload'] },
        { status: 102, fields: [] },
        { status: 103, fields: ['Link', '</b.css>; rel=preload', 'Link', '</c.css>'] },
      ]);
    }
  });

  test('to a sink that does not want interim ones without them', async () => {
    await using origin = await scriptedOrigin((_request, reply) => {
      reply.interim(103);
      reply.send(200, [], 'ok');
    });
    await using upstream = testUpstream([origin.address]);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    let status = 0;
    upstream.send(outbound(), {
      onHead: (head) => {
        status = head.status;
      },
      onData: () => true,
      onEnd: () => resolve(status),
      onFault: reject,
    });
    assert.equal(await promise, 200);
  });

  test('the head before the body, each part of the body when it comes', async () => {
    const parts = [new Barrier(1), new Barrier(1)];
    await using origin = await scriptedOrigin(async (_request, reply) => {
      reply.head(200);
      await parts[0]?.passed;
      await reply.write('first ');
      await parts[1]?.passed;
      reply.end('second');
    });
    await using upstream = testUpstream([origin.address]);
    const sink = new CollectingSink();
    upstream.send(outbound(), sink);
    await sink.headed;
    assert.equal(sink.body.length, 0);
    parts[0]?.arrive();
    await sink.fed;
    assert.equal(sink.outcome, '200 first ');
    parts[1]?.arrive();
    assert.equal((await sink.over).outcome, '200 first second');
  });

  test('trailers last', async () => {
    await using origin = await scriptedOrigin((_request, reply) => {
      reply.head(200);
      reply.end('body', ['X-Sum', 'a', 'x-sum', 'b']);
    });
    await using upstream = testUpstream([origin.address]);
    const sink = await send(upstream);
    assert.deepEqual([sink.outcome, sink.trailers], ['200 body', ['X-Sum', 'a', 'x-sum', 'b']]);
  });

  test('up to the end of the connection where nothing else tells the end', async () => {
    await using origin = await rawOrigin((socket) => {
      socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\nas long as it takes'));
    });
    await using upstream = testUpstream([origin.address]);
    assert.equal((await send(upstream)).outcome, '200 as long as it takes');
  });
});

describe('an answer that is not taken', () => {
  const megabytes = 64;

  test('waits at the next hop, and comes whole in the end', async () => {
    let sent = 0;
    await using origin = await scriptedOrigin(async (_request, reply) => {
      reply.head(200, ['Content-Length', String(megabytes * 1024 * 1024)]);
      for (; sent < megabytes; sent++) await reply.write(Buffer.alloc(1024 * 1024, 'x'));
      reply.end();
    });
    await using upstream = testUpstream([origin.address]);
    let bytes = 0;
    let isTaking = false;
    const { promise: over, resolve, reject } = Promise.withResolvers<void>();
    const fed = new Barrier(1);
    const sending = upstream.send(outbound(), {
      onHead: () => undefined,
      onData: (chunk) => {
        bytes += chunk.length;
        fed.arrive();
        return isTaking;
      },
      onEnd: () => resolve(),
      onFault: reject,
    });
    await fed.passed;
    const held = await settled(() => sent);
    assert.ok(bytes < 1024 * 1024, `${bytes} bytes came`);
    assert.ok(held < megabytes / 2, `${held} MB were sent`);
    // One chunk for each time it is asked for.
    const before = bytes;
    sending.resume();
    await eventually(() => assert.ok(bytes > before));
    assert.ok(bytes < 1024 * 1024, `${bytes} bytes came`);
    isTaking = true;
    sending.resume();
    await over;
    assert.equal(bytes, megabytes * 1024 * 1024);
  });

  test('is there all the same when the next hop has closed meanwhile', async () => {
    const body = 'x'.repeat(300_000);
    const closed = new Barrier(1);
    await using origin = await rawOrigin((socket) => {
      socket.once('data', () => {
        socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${body}`, () => closed.arrive());
      });
    });
    await using upstream = testUpstream([origin.address]);
    const sink = new CollectingSink();
    sink.wantsMore = () => false;
    const sending = upstream.send(outbound(), sink);
    await sink.fed;
    await closed.passed;
    sink.wantsMore = () => true;
    sending.resume();
    assert.equal((await sink.over).body.length, body.length);
  });
});

/** The value once it no longer changes. */
async function settled(read: () => number): Promise<number> {
  let last = -1;
  return await eventually(async () => {
    const before = last;
    last = read();
    assert.equal(last, before);
    return last;
  });
}
