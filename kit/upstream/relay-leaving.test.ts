import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Barrier } from '../testing/barrier.ts';
import { eventually } from '../testing/eventually.ts';
import { passingTier } from '../testing/passing-tier.ts';
import { rawConnect } from '../testing/raw-client.ts';
import { scriptedOrigin } from '../testing/scripted-origin.ts';
import { testListener } from '../testing/test-listener.ts';
import { outbound, testUpstream } from '../testing/upstream-stand.ts';
import { relay } from './relay.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const last = get.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');

describe('a client that leaves takes its request with it', () => {
  const inFlight = (upstream: { stats(): object }) => (upstream.stats() as { inFlight: number }[])[0]?.inFlight;

  test('while the next hop is asked', async () => {
    const asked = new Barrier(1);
    await using origin = await scriptedOrigin(async (_request, reply) => {
      asked.arrive();
      await reply.closed;
      assert.ok(reply.isAbandoned);
    });
    await using upstream = testUpstream([origin.address]);
    await using tier = await passingTier(upstream);
    {
      await using client = await rawConnect(tier.port);
      await client.write(get);
      await asked.passed;
      client.reset();
    }
    await eventually(() => assert.deepEqual([inFlight(upstream), tier.settled.count], [0, 1]));
    await eventually(() => assert.equal(tier.records[0]?.outcome, 'client-left'));
  });

  test('though others are pipelined before it', async () => {
    const asked = new Barrier(2);
    await using origin = await scriptedOrigin(async (_request, reply) => {
      asked.arrive();
      await reply.closed;
    });
    await using upstream = testUpstream([origin.address]);
    await using tier = await passingTier(upstream);
    {
      await using client = await rawConnect(tier.port);
      await client.write(get + get);
      await asked.passed;
      client.reset();
    }
    await eventually(() => assert.deepEqual([inFlight(upstream), tier.settled.count], [0, 2]));
  });

  test('while a large answer waits for it, and meanwhile the next hop waits too', async () => {
    let sent = 0;
    await using origin = await scriptedOrigin(async (_request, reply) => {
      reply.head(200);
      while (!reply.isAbandoned && sent < 256) {
        await reply.write(Buffer.alloc(1024 * 1024, 'x'));
        sent += 1;
      }
    });
    await using upstream = testUpstream([origin.address]);
    await using tier = await passingTier(upstream);
    {
      await using client = await rawConnect(tier.port);
      client.socket.pause();
      await client.write(get);
      let before = -1;
      await eventually(() => {
        const now = sent;
        const isSame = now === before && now > 0;
        before = now;
        assert.ok(isSame);
      });
      assert.ok(sent < 64, `${sent} MB were sent`);
      client.reset();
    }
    await eventually(() => assert.deepEqual([inFlight(upstream), tier.settled.count], [0, 1]));
  });

  test('before it was relayed: the next hop is not asked', async () => {
    await using origin = await scriptedOrigin((_request, reply) => reply.send(200));
    await using upstream = testUpstream([origin.address]);
    const left = new Barrier(1);
    const settled = new Barrier(1);
    await using tier = await testListener({
      onRequest: async (_inbound, response) => {
        left.arrive();
        await new Promise((closed) => response.once('close', closed));
        await relay({
          upstream,
          outbound: outbound(),
          response,
          dress: ({ status }) => ({ status, fields: [] }),
          takesTrailers: false,
          takesInterim: true,
        });
        settled.arrive();
      },
    });
    await using client = await rawConnect(tier.port);
    await client.write(get);
    await left.passed;
    client.reset();
    await settled.passed;
    assert.equal(origin.requests.length, 0);
  });

  test('and a slow one gets all of a large answer', async () => {
    const bytes = 30_000_000;
    await using origin = await scriptedOrigin((_request, reply) => reply.send(200, [], Buffer.alloc(bytes, 'x')));
    await using upstream = testUpstream([origin.address]);
    await using tier = await passingTier(upstream);
    await using client = await rawConnect(tier.port);
    client.socket.removeAllListeners('data');
    let taken = 0;
    client.socket.on('data', (chunk: Buffer) => {
      taken += chunk.length;
      client.socket.pause();
      setImmediate(() => client.socket.resume());
    });
    await client.write(last);
    await client.closed;
    assert.ok(taken > bytes && taken < bytes + 1_000, String(taken));
    assert.equal(tier.records[0]?.outcome, 'done');
  });
});
