import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CollectingSink } from '../testing/collecting-sink.ts';
import { eventually } from '../testing/eventually.ts';
import { ManualTimers } from '../testing/manual-timers.ts';
import { rawOrigin, type ScriptedOrigin, scriptedOrigin } from '../testing/scripted-origin.ts';
import { outbound, send, testUpstream } from '../testing/upstream-stand.ts';
import type { HealthChange, UpstreamOptions } from './options.ts';

/** The interval, when chance is in the middle. */
const tick = 5_000;

/** An origin that answers probes as `health` says, and all else with its name. */
async function origin(name: string, health: { status: number }): Promise<ScriptedOrigin> {
  return await scriptedOrigin((request, reply) => {
    if (request.target === '/ready') reply.send(health.status, [], 'x'.repeat(100));
    else reply.send(200, [], name);
  });
}

const probe = { path: '/ready', window: 4, threshold: 2, timeoutMs: 1_000 };

/** An upstream whose probes go by the test's clock; `probed(n)` waits until each member had n of them. */
function stand(origins: readonly Pick<ScriptedOrigin, 'address'>[], options: Partial<UpstreamOptions> = {}) {
  const timers = new ManualTimers();
  const changes: HealthChange[] = [];
  const upstream = testUpstream(
    origins.map(({ address }) => address),
    {
      probe,
      clock: timers.clock.read,
      timer: timers.set,
      random: () => 0.5,
      onHealth: (change) => changes.push(change),
      ...options,
    },
  );
  const probed = async (count: number) => {
    await eventually(() => assert.ok(upstream.stats().every((member) => (member.probe?.probes ?? 0) === count)));
  };
  const probesOn = async (from: number, count: number) => {
    for (let done = from; done < count; done++) {
      timers.advance(done === 0 ? 0 : tick);
      await probed(done + 1);
    }
  };
  const dispose = () => upstream[Symbol.asyncDispose]();
  return { upstream, timers, changes, probed, probesOn, [Symbol.asyncDispose]: dispose };
}

describe('a member that is probed', () => {
  test('is not used before its first good probe, and that is said', async () => {
    await using a = await origin('a', { status: 200 });
    await using s = stand([a]);
    assert.equal(s.upstream.isHealthy, false);
    const { fault } = await send(s.upstream);
    assert.deepEqual([fault?.reason, fault?.status, fault?.blame], ['unavailable', 503, 'upstream']);
    assert.equal(a.requests.length, 0);
    await s.probesOn(0, 1);
    assert.equal((await send(s.upstream)).outcome, '200 a');
    assert.equal(s.upstream.isHealthy, true);
    assert.deepEqual(
      s.changes.map(({ verdict, why }) => `${verdict}: ${why}`),
      ['healthy: status 200'],
    );
  });

  test('[case 70] goes sick at its threshold and comes back, and each is said once', async () => {
    const health = { status: 200 };
    await using a = await origin('a', health);
    await using s = stand([a]);
    await s.probesOn(0, 4);
    health.status = 500;
    await s.probesOn(4, 9);
    assert.equal((await send(s.upstream)).outcome, 'unavailable');
    health.status = 200;
    await s.probesOn(9, 12);
    assert.equal((await send(s.upstream)).outcome, '200 a');
    assert.deepEqual(
      s.changes.map(({ verdict, why }) => `${verdict}: ${why}`),
      ['healthy: status 200', 'sick: status 500, not 200', 'healthy: status 200'],
    );
  });

  test('shows its window, its last probe and how long it has been as it is', async () => {
    const health = { status: 200 };
    await using a = await origin('a', health);
    await using s = stand([a]);
    await s.probesOn(0, 2);
    health.status = 404;
    await s.probesOn(2, 3);
    s.timers.clock.advance(5);
    const [member] = s.upstream.stats();
    assert.partialDeepStrictEqual(member, {
      standing: 'free',
      probe: { isHealthy: true, window: '1110', probes: 3, lastProbe: 'status 404, not 200', forMs: 2 * tick + 5 },
    });
  });

  test('sick from the first probe on is said to be', async () => {
    await using a = await origin('a', { status: 503 });
    await using s = stand([a]);
    await s.probesOn(0, 3);
    assert.deepEqual(
      s.changes.map(({ verdict }) => verdict),
      ['sick'],
    );
  });

  test('is left out while another is healthy, and asked again when it is well', async () => {
    const health = { status: 500 };
    await using a = await origin('a', health);
    await using b = await origin('b', { status: 200 });
    await using s = stand([a, b]);
    await s.probesOn(0, 1);
    for (let i = 0; i < 3; i++) assert.equal((await send(s.upstream)).outcome, '200 b');
    health.status = 200;
    await s.probesOn(1, 3);
    const outcomes = [(await send(s.upstream)).outcome, (await send(s.upstream)).outcome];
    assert.deepEqual(outcomes.toSorted(), ['200 a', '200 b']);
  });

  test('by fallback: the first is asked as long as it is well, then the second, then the first again', async () => {
    const health = { status: 200 };
    await using a = await origin('a', health);
    await using b = await origin('b', { status: 200 });
    await using s = stand([a, b], { balance: 'fallback' });
    await s.probesOn(0, 4);
    const asked = [(await send(s.upstream)).outcome, (await send(s.upstream)).outcome];
    health.status = 500;
    await s.probesOn(4, 7);
    asked.push((await send(s.upstream)).outcome);
    health.status = 200;
    await s.probesOn(7, 9);
    asked.push((await send(s.upstream)).outcome);
    assert.deepEqual(asked, ['200 a', '200 a', '200 b', '200 a']);
  });

  test('[case 70] that goes sick lets go of who waits for it: at once, to another or with a fault', async () => {
    const health = { status: 200 };
    const answer = Promise.withResolvers<void>();
    await using a = await scriptedOrigin(async (request, reply) => {
      if (request.target === '/') await answer.promise;
      reply.send(request.target === '/' ? 200 : health.status);
    });
    await using s = stand([a], { connections: 1, queueWaitMs: 10 * tick });
    await s.probesOn(0, 2);
    const first = send(s.upstream);
    const waiting = send(s.upstream);
    assert.equal(s.upstream.groupStats().waiting, 1);
    health.status = 500;
    await s.probesOn(2, 5);
    assert.equal((await waiting).outcome, 'unavailable');
    answer.resolve();
    assert.equal((await first).outcome, '200 ', 'what was sent is answered');
  });
});

describe('a probe', () => {
  for (const [what, bytes, isGood] of [
    ['is good with the status and a whole answer', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', true],
    ['is good with an answer up to the close', 'HTTP/1.1 200 OK\r\n\r\nok', true],
    ['is bad with another status', 'HTTP/1.1 204 No Content\r\n\r\n', false],
    ['is bad with half an answer', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok', false],
    ['is bad with garbage', 'garbage\r\n\r\n', false],
    ['is bad with nothing', '', false],
    ['is bad with a switch of protocols', 'HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n', false],
  ] as const) {
    test(what, async () => {
      await using a = await rawOrigin((socket) => socket.once('data', () => socket.end(bytes)));
      await using s = stand([a], { probe: { threshold: 1 } });
      await s.probesOn(0, 1);
      assert.equal(s.upstream.isHealthy, isGood, JSON.stringify(s.upstream.stats()));
    });
  }

  test('asks on a connection of its own, with the Host it was told, and closes it', async () => {
    await using a = await scriptedOrigin((_request, reply) => reply.send(200));
    await using s = stand([a], { probe: { path: '/ready?x', host: 'example.org' } });
    await s.probesOn(0, 2);
    const [request] = a.requests;
    assert.deepEqual([request?.method, request?.target, a.connections], ['GET', '/ready?x', 2]);
    assert.deepEqual(request?.fields.slice(0, 4), ['host', 'example.org', 'connection', 'close']);
  });

  test('of an endless answer does not wait for its end', async () => {
    await using a = await rawOrigin((socket) => {
      socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(200_000)}`));
    });
    await using s = stand([a]);
    await s.probesOn(0, 1);
    assert.equal(s.upstream.isHealthy, true);
  });

  test('that is not answered in time is bad, and no connection is left of it', async () => {
    await using a = await rawOrigin(() => undefined);
    await using s = stand([a]);
    s.timers.advance(0);
    await eventually(() => assert.match(a.received, /^GET/));
    s.timers.advance(probe.timeoutMs);
    await s.probed(1);
    assert.equal(s.upstream.stats()[0]?.probe?.lastProbe, 'no whole answer in 1000ms');
  });

  test('is made a tenth earlier or later than the interval, as chance will', async () => {
    for (const [random, early, late] of [
      [0, 4_499, 1],
      [0.5, 4_999, 1],
      [0.999, 5_498, 2],
    ] as const) {
      await using a = await scriptedOrigin((_request, reply) => reply.send(200));
      await using s = stand([a], { random: () => random });
      await s.probesOn(0, 1);
      s.timers.advance(early);
      assert.equal(s.timers.count, 1);
      s.timers.advance(late);
      await s.probed(2);
    }
  });

  test('is no longer made, and the one under way is cut, when the upstream is disposed', async () => {
    await using a = await rawOrigin(() => undefined);
    const s = stand([a]);
    s.timers.advance(0);
    await eventually(() => assert.equal(a.connections, 1));
    await s[Symbol.asyncDispose]();
    assert.equal(s.timers.count, 0);
    s.timers.advance(10 * tick);
    assert.deepEqual([a.connections, s.changes], [1, []]);
  });
});

test('all members full is another thing than all sick', async () => {
  const answer = Promise.withResolvers<void>();
  await using a = await scriptedOrigin(async (request, reply) => {
    if (request.target === '/') await answer.promise;
    reply.send(200);
  });
  await using s = stand([a], { connections: 1, queue: 0 });
  await s.probesOn(0, 1);
  const sink = new CollectingSink();
  s.upstream.send(outbound(), sink);
  assert.equal((await send(s.upstream)).outcome, 'queue-full');
  answer.resolve();
  assert.equal((await sink.over).outcome, '200 ');
});
