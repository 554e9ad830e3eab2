import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Address } from '../process/units.ts';
import { Barrier } from '../testing/barrier.ts';
import { eventually } from '../testing/eventually.ts';
import { ManualTimers } from '../testing/manual-timers.ts';
import { scriptedOrigin } from '../testing/scripted-origin.ts';
import { send } from '../testing/upstream-stand.ts';
import { Upstream, type UpstreamOptions } from './upstream.ts';

const timeouts = { connectMs: 5_000, firstByteMs: 5_000, betweenBytesMs: 5_000 };
const options = (addresses: readonly Address[], more: Partial<UpstreamOptions> = {}): UpstreamOptions => ({
  ...{ name: 'app', addresses, timeouts },
  ...more,
});
const named = (name: string) => scriptedOrigin((_request, reply) => reply.send(200, [], name));

async function asked(upstream: Upstream, count: number): Promise<string[]> {
  const all: string[] = [];
  for (let i = 0; i < count; i++) {
    all.push((await send(upstream)).outcome);
    // A connection is free again a turn of the loop behind the end of the answer.
    await new Promise((done) => setImmediate(done));
  }
  return all.toSorted();
}

describe('an upstream that is told other options', () => {
  test('asks the new addresses and no others', async () => {
    await using a = await named('a');
    await using b = await named('b');
    await using c = await named('c');
    await using upstream = new Upstream(options([a.address, b.address]));
    assert.deepEqual(await asked(upstream, 4), ['200 a', '200 a', '200 b', '200 b']);
    upstream.reconfigure(options([b.address, c.address]));
    assert.deepEqual(await asked(upstream, 4), ['200 b', '200 b', '200 c', '200 c']);
    assert.deepEqual([a.connections, b.connections], [1, 1], 'an address that stays keeps its connection');
  });

  test('[case 70] finishes what is in flight at an address that goes, and sends who waited there elsewhere', async () => {
    const arrived = new Barrier(1);
    const answer = Promise.withResolvers<void>();
    await using a = await scriptedOrigin(async (_request, reply) => {
      arrived.arrive();
      await answer.promise;
      reply.send(200, [], 'a');
    });
    await using b = await named('b');
    await using upstream = new Upstream(options([a.address], { connections: 1 }));
    const inFlight = send(upstream);
    const waiting = send(upstream);
    await arrived.passed;
    upstream.reconfigure(options([b.address], { connections: 1 }));
    assert.equal((await waiting).outcome, '200 b');
    answer.resolve();
    assert.equal((await inFlight).outcome, '200 a');
    assert.equal(a.requests.length, 1);
  });

  test('changes timeouts without breaking what is in flight', async () => {
    const answer = Promise.withResolvers<void>();
    await using a = await scriptedOrigin(async (_request, reply) => {
      await answer.promise;
      reply.send(200, [], 'a');
    });
    await using upstream = new Upstream(options([a.address]));
    const before = send(upstream);
    await eventually(() => assert.equal(a.requests.length, 1));
    upstream.reconfigure(options([a.address], { timeouts: { ...timeouts, firstByteMs: 20 } }));
    assert.equal((await send(upstream)).outcome, 'timeout-first-byte');
    answer.resolve();
    assert.equal((await before).outcome, '200 a');
  });

  test('changes the balance', async () => {
    await using a = await named('a');
    await using b = await named('b');
    await using upstream = new Upstream(options([a.address, b.address], { balance: 'fallback' }));
    assert.deepEqual(await asked(upstream, 3), ['200 a', '200 a', '200 a']);
    upstream.reconfigure(options([a.address, b.address], { balance: 'hash' }));
    assert.equal(new Set(await asked(upstream, 4)).size, 1);
  });

  test('changes nothing when they are wrong', async () => {
    await using a = await named('a');
    await using upstream = new Upstream(options([a.address]));
    assert.throws(() => upstream.reconfigure(options([], {})), RangeError);
    assert.throws(() => upstream.reconfigure(options([a.address], { probe: { window: 99 } })), RangeError);
    assert.deepEqual(await asked(upstream, 1), ['200 a']);
  });

  test('[case 71] keeps what it knows of the health of an address that stays, and does not probe it for that', async () => {
    await using a = await named('a');
    const timers = new ManualTimers();
    const probed = { probe: {}, timer: timers.set, clock: timers.clock.read, random: () => 0.5 };
    await using upstream = new Upstream(options([a.address], probed));
    timers.advance(0);
    await eventually(() => assert.equal(upstream.isHealthy, true));
    upstream.reconfigure(options([a.address], { ...probed, balance: 'random' }));
    assert.equal(upstream.isHealthy, true);
    timers.advance(4_999);
    assert.equal(a.requests.length, 1);
    upstream.reconfigure(options([a.address], { ...probed, probe: { threshold: 8, initial: 0 } }));
    assert.equal(upstream.isHealthy, false, 'what was seen is judged by the new rule');
    timers.advance(0);
    await eventually(() => assert.equal(upstream.stats()[0]?.probe?.probes, 2));
    upstream.reconfigure(options([a.address]));
    assert.equal(upstream.isHealthy, true);
    assert.equal(timers.count, 0);
  });

  test('keeps an ejection, and what failed stays counted', async () => {
    await using a = await scriptedOrigin((_request, reply) => reply.break());
    await using b = await named('b');
    const ejecting = { ejection: { maxFails: 1, failMs: 60_000 } };
    await using upstream = new Upstream(options([a.address, b.address], ejecting));
    await asked(upstream, 2);
    upstream.reconfigure(options([b.address, a.address], ejecting));
    assert.deepEqual(await asked(upstream, 3), ['200 b', '200 b', '200 b']);
    const [, member] = upstream.stats();
    assert.deepEqual([member?.standing, member?.failures], ['ejected', 1]);
  });

  test('closes the connections of what went when it is disposed, though it still has a request', async () => {
    await using a = await scriptedOrigin(async (_request, reply) => await reply.closed);
    await using b = await named('b');
    const upstream = new Upstream(options([a.address]));
    const inFlight = send(upstream);
    await eventually(() => assert.equal(a.requests.length, 1));
    upstream.reconfigure(options([b.address]));
    await upstream[Symbol.asyncDispose]();
    assert.equal((await inFlight).fault?.blame, 'self');
  });
});
