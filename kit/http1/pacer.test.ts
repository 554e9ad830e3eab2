/** Clients that are never silent for long, and slow: on real sockets, in both lanes. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Barrier } from '../testing/barrier.ts';
import { describeLanes } from '../testing/both-lanes.ts';
import { eventually } from '../testing/eventually.ts';
import { statusesOf } from '../testing/hostile/holds.ts';
import { laneStand } from '../testing/lane-stand.ts';
import { rawConnect } from '../testing/raw-client.ts';
import { generousLimits } from '../testing/test-listener.ts';
import { paceRules } from './pacer.ts';

const head = 'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n';
const limits = { clientTimeout: 10_000, minRate: 10_000, minRateGrace: 100 };

/** Sends a byte every few milliseconds until it is told to stop; what came back. */
async function trickle(port: number): Promise<string> {
  await using client = await rawConnect(port);
  await client.write(head);
  const beat = setInterval(() => client.socket.write('a'), 5);
  await client.closed.finally(() => clearInterval(beat));
  return client.received;
}

describeLanes('a request body that comes', (testListener) => {
  test('more slowly than it may is refused, and the connection closed', async () => {
    await using server = await testListener({
      limits,
      onRequest: async ({ body }, response) => {
        for await (const _chunk of body ?? []);
        response.end();
      },
    });
    const answer = await trickle(server.port);
    assert.deepEqual(statusesOf(answer), [408]);
    assert.match(answer, /^connection: close\r$/im);
    await eventually(() => assert.equal(server.records[0]?.fault?.reason, 'body-timeout'));
    assert.match(server.records[0]?.fault?.message ?? '', /slower than 10000 bytes a second for longer than 100ms/);
    await eventually(() => assert.equal(server.listener.connections(), 0));
  });

  test('as slowly where there is no rate is waited for', async () => {
    await using server = await testListener({
      limits: { ...limits, minRate: 0 },
      onRequest: async ({ body }, response) => {
        let bytes = 0;
        for await (const chunk of body ?? []) {
          bytes += chunk.length;
          if (bytes > 80) break;
        }
        response.end('patient');
      },
    });
    assert.match(await trickle(server.port), /patient/);
  });

  test('slowly is cut when its answer has begun', async () => {
    await using server = await testListener({
      limits,
      onRequest: ({ body }, response) => {
        body?.resume();
        response.write('begun');
      },
    });
    assert.doesNotMatch(await trickle(server.port), /\r\n0\r\n/);
    await eventually(() => assert.equal(server.records[0]?.outcome, 'client-left'));
  });

  test('and is not read is waited for: the time is ours', async () => {
    const turns = new Barrier(1);
    await using server = await testListener({
      limits,
      onRequest: async ({ body, target }, response) => {
        if (target === '/') for await (const _chunk of body ?? []);
        body?.pause();
        await turns.passed;
        response.end('ok');
      },
    });
    await using patient = await rawConnect(server.port);
    await patient.write(head.replace('/', '/unread'));
    // By then the time of the first one is up as well.
    assert.deepEqual(statusesOf(await trickle(server.port)), [408]);
    turns.arrive();
    assert.match(await patient.readUntil('ok'), /200 OK/);
  });
});

/** Takes some of an answer every few milliseconds, so that no silence is long. The bytes that came before it was closed. */
async function sip(port: number, target: string): Promise<number> {
  await using client = await rawConnect(port, 20_000);
  let bytes = 0;
  client.socket.removeAllListeners('data');
  client.socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    client.socket.pause();
  });
  const beat = setInterval(() => client.socket.resume(), 2);
  await client.write(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  await client.closed.finally(() => clearInterval(beat));
  return bytes;
}

const size = 50_000_000;
const ways: readonly [what: string, lane: 'on' | 'off', target: string][] = [
  ['of the fast lane', 'on', `/fast/${size}`],
  ['of the slow lane behind it', 'on', `/other/${size}`],
  ['of the slow lane alone', 'off', `/other/${size}`],
];
describe('an answer that is taken', () => {
  const quick = { clientTimeout: 250, minRateGrace: 100 };
  for (const [what, lane, target] of ways) {
    test(`more slowly than it may, though without a silence, is cut: ${what}`, async () => {
      await using server = await laneStand({ lane, limits: { ...quick, minRate: 1_000_000_000 } });
      const bytes = await sip(server.port, target);
      assert.ok(bytes > 0 && bytes < size, `${bytes} bytes`);
      await eventually(() => assert.equal(server.records[0]?.outcome, 'client-left'));
      assert.equal(server.listener.connections(), 0);
    });
  }

  test('as slowly where the rate is less comes whole', async () => {
    await using server = await laneStand({ limits: { clientTimeout: 5_000, minRateGrace: 100, minRate: 1_000 } });
    assert.ok((await sip(server.port, '/fast/20000000')) > 20_000_000);
  });
});

test('a reader may be behind for as long as it may be silent, as what it takes is seen in steps', () => {
  const rules = (minRateGrace: number) =>
    paceRules({ ...generousLimits, clientTimeout: 60_000, minRate: 1, minRateGrace });
  assert.deepEqual(rules(20_000).answers, { bytesPerSecond: 1, graceMs: 60_000 });
  assert.deepEqual(rules(90_000).answers, { bytesPerSecond: 1, graceMs: 90_000 });
  assert.deepEqual(rules(20_000).bodies, { bytesPerSecond: 1, graceMs: 20_000 });
});

test('a tunnel is as slow as it likes', async () => {
  await using server = await laneStand({
    limits: { clientTimeout: 60, minRate: 1_000_000_000, minRateGrace: 60 },
    onUpgrade: (_inbound, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      socket.write(Buffer.alloc(size));
    },
  });
  await using client = await rawConnect(server.port);
  await client.write(
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  await client.readUntil('101');
  client.socket.pause();
  // By the time that this one is cut, the tunnel would be.
  assert.ok((await sip(server.port, `/fast/${size}`)) < size);
  assert.equal(server.listener.connections(), 1);
  assert.equal(client.socket.destroyed, false);
});
