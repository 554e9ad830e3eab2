import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Address } from '../process/units.ts';
import { CollectingSink } from '../testing/collecting-sink.ts';
import { eventually } from '../testing/eventually.ts';
import { ManualTimers } from '../testing/manual-timers.ts';
import { namesakes, ScriptedNames } from '../testing/scripted-names.ts';
import { outbound, send, testUpstream } from '../testing/upstream-stand.ts';
import type { NameChange, UpstreamOptions } from './options.ts';
import type { Upstream } from './upstream.ts';

// Other systems have but one loopback address.
const onLinux = process.platform === 'linux' ? {} : { skip: 'needs 127.0.0.2' };

function stand(port: number, addresses: readonly string[] | undefined, options: Partial<UpstreamOptions> = {}) {
  const names = new ScriptedNames(addresses ? { app: addresses } : {});
  const timers = new ManualTimers();
  const told: NameChange[] = [];
  const address: Address = { kind: 'tcp', host: 'app', port };
  const upstream = testUpstream([address], {
    lookup: names.lookup,
    clock: timers.clock.read,
    timer: timers.set,
    onName: (change) => told.push(change),
    ...options,
  });
  return { names, timers, told, address, upstream, [Symbol.asyncDispose]: () => upstream[Symbol.asyncDispose]() };
}

/** A connection is free again a turn of the loop behind the end of the answer. */
const turn = () => new Promise((done) => setImmediate(done));

const outcomes = async (upstream: Upstream, count: number) => {
  const all: string[] = [];
  for (let i = 0; i < count; i++) {
    all.push((await send(upstream)).outcome);
    await turn();
  }
  return all;
};
const upstreamRow = (upstream: Upstream, wanted: string) =>
  upstream.stats().find(({ standing }) => standing === wanted);
const present = (upstream: Upstream) => upstream.stats().filter(({ standing }) => standing !== 'leaving');
const endpoints = (upstream: Upstream) => present(upstream).map(({ endpoint = '' }) => endpoint.replace(/:\d+$/, ''));

describe('a name', onLinux, () => {
  test('stands for all its addresses, which are asked in turn', async () => {
    await using servers = await namesakes(3);
    await using s = stand(servers.port, ['127.0.0.1', '127.0.0.2', '127.0.0.3']);
    assert.deepEqual((await outcomes(s.upstream, 6)).toSorted(), [
      ...['200 127.0.0.1', '200 127.0.0.1', '200 127.0.0.2', '200 127.0.0.2', '200 127.0.0.3', '200 127.0.0.3'],
    ]);
    const [first] = s.upstream.stats();
    assert.partialDeepStrictEqual(first, {
      address: `app:${servers.port}`,
      endpoint: `127.0.0.1:${servers.port}`,
      dnsAgeMs: 0,
    });
    assert.equal(s.names.asked, 1);
  });

  test('[case 70] that moved is followed within ten seconds, behind the request that finds it old', async () => {
    await using servers = await namesakes(2);
    await using s = stand(servers.port, ['127.0.0.1']);
    assert.deepEqual(await outcomes(s.upstream, 1), ['200 127.0.0.1']);
    s.names.rows.set('app', ['127.0.0.2']);
    s.timers.advance(9_999);
    assert.deepEqual(await outcomes(s.upstream, 2), ['200 127.0.0.1', '200 127.0.0.1']);
    s.timers.advance(1);
    assert.deepEqual(await outcomes(s.upstream, 2), ['200 127.0.0.1', '200 127.0.0.2']);
    await eventually(async () => assert.equal(await servers.connections('127.0.0.1'), 0));
  });

  for (const method of ['GET', 'POST']) {
    test(`whose address takes no connection is looked up at once, and ${method} goes to the new one`, async () => {
      await using servers = await namesakes(2);
      await using s = stand(servers.port, ['127.0.0.1']);
      await servers.stop('127.0.0.1');
      s.names.isSilent = true;
      const sink = new CollectingSink();
      s.upstream.send(outbound({ method }), sink);
      await eventually(() => assert.equal(s.names.asked, 1));
      s.names.answer();
      s.names.isSilent = true;
      s.names.rows.set('app', ['127.0.0.2']);
      await eventually(() => assert.equal(s.names.asked, 2));
      s.names.answer();
      assert.equal((await sink.over).outcome, '200 127.0.0.2');
      assert.deepEqual(endpoints(s.upstream), ['127.0.0.2']);
    });
  }

  test('of which one address takes no connection: the other is asked at once', async () => {
    await using servers = await namesakes(2);
    await servers.stop('127.0.0.2');
    await using s = stand(servers.port, ['127.0.0.2', '127.0.0.1']);
    assert.deepEqual(await outcomes(s.upstream, 3), Array(3).fill('200 127.0.0.1'));
  });

  test('[case 70] that leaves an address lets what is in flight there finish', async () => {
    const gate = Promise.withResolvers<void>();
    await using servers = await namesakes(2, gate.promise);
    await using s = stand(servers.port, ['127.0.0.1'], { connections: 1, queueWaitMs: 60_000 });
    const inFlight = send(s.upstream);
    await eventually(async () => assert.equal(await servers.connections('127.0.0.1'), 1));
    const waiting = send(s.upstream);
    s.names.rows.set('app', ['127.0.0.2']);
    s.timers.advance(10_000 - 1);
    await eventually(() => assert.equal(s.upstream.groupStats().waiting, 1));
    s.timers.clock.advance(1);
    const late = send(s.upstream);
    await eventually(() => assert.deepEqual(endpoints(s.upstream), ['127.0.0.2']));
    assert.equal(upstreamRow(s.upstream, 'leaving')?.inFlight, 1);
    assert.equal(s.upstream.groupStats().waiting, 1, 'one of two has gone to the new address');
    gate.resolve();
    const answers = await Promise.all([inFlight, waiting, late]);
    assert.deepEqual(
      answers.map(({ outcome }) => outcome),
      ['200 127.0.0.1', '200 127.0.0.2', '200 127.0.0.2'],
    );
    await eventually(async () => assert.equal(await servers.connections('127.0.0.1'), 0));
  });

  test('that keeps an address keeps its connections', async () => {
    await using servers = await namesakes(2);
    await using s = stand(servers.port, ['127.0.0.1']);
    await outcomes(s.upstream, 1);
    s.names.rows.set('app', ['127.0.0.2', '127.0.0.1']);
    s.timers.advance(10_000);
    await outcomes(s.upstream, 4);
    assert.deepEqual(endpoints(s.upstream), ['127.0.0.1', '127.0.0.2']);
    assert.equal(await servers.connections('127.0.0.1'), 1);
  });
});

describe('a name that does not resolve', () => {
  test('is no reason not to start: requests fail (503) until it does', async () => {
    await using servers = await namesakes(1);
    await using s = stand(servers.port, undefined);
    const { fault } = await send(s.upstream);
    assert.deepEqual([fault?.reason, fault?.status, fault?.blame], ['dns', 503, 'upstream']);
    assert.match(String(fault?.message), /^app at app has no address/);
    assert.match(String(fault?.cause), /no app/);
    assert.equal(s.upstream.isHealthy, false);
    assert.equal(upstreamRow(s.upstream, 'unresolved')?.address, `app:${servers.port}`);
    s.names.rows.set('app', ['127.0.0.1']);
    s.timers.advance(500);
    assert.equal((await send(s.upstream)).outcome, '200 127.0.0.1');
    assert.deepEqual(
      s.told.map(({ verdict, host }) => `${host} ${verdict}`),
      ['app unresolved', 'app resolved'],
    );
  });

  test('any more leaves what is known in force', async () => {
    await using servers = await namesakes(1);
    await using s = stand(servers.port, ['127.0.0.1']);
    await outcomes(s.upstream, 1);
    s.names.rows.delete('app');
    for (let i = 0; i < 3; i++) {
      s.timers.advance(20_000);
      assert.deepEqual(await outcomes(s.upstream, 2), ['200 127.0.0.1', '200 127.0.0.1']);
    }
    assert.equal(s.told.length, 1);
    assert.deepEqual(s.told[0]?.kept, ['127.0.0.1']);
  });

  test('in time is not waited for longer than for a connection, nor by a client that left', async () => {
    await using s = stand(1, ['127.0.0.1'], { timeouts: { connectMs: 40, firstByteMs: 1, betweenBytesMs: 1 } });
    s.names.isSilent = true;
    const [left, stayed] = [new CollectingSink(), new CollectingSink()];
    s.upstream.send(outbound(), left).abort();
    s.upstream.send(outbound(), stayed);
    s.timers.advance(40);
    assert.equal((await stayed.over).outcome, 'dns');
    s.names.answer();
    assert.deepEqual([left.calls, s.timers.count], [0, 0]);
  });

  test('lets no more requests wait for it than may wait for a connection', async () => {
    await using s = stand(1, ['127.0.0.1'], { connections: 1, queue: 1 });
    s.names.isSilent = true;
    for (let i = 0; i < 2; i++) s.upstream.send(outbound(), new CollectingSink());
    assert.equal((await send(s.upstream)).outcome, 'queue-full');
  });

  test('while the upstream is disposed: who waits is told so', async () => {
    const s = stand(1, ['127.0.0.1']);
    s.names.isSilent = true;
    const waiting = send(s.upstream);
    await s[Symbol.asyncDispose]();
    assert.equal((await waiting).fault?.blame, 'self');
  });
});

test('while nobody asks, no name is looked up, unless its members are probed', async () => {
  await using servers = await namesakes(1);
  await using idle = stand(servers.port, ['127.0.0.1']);
  await outcomes(idle.upstream, 1);
  idle.timers.advance(3_600_000);
  assert.deepEqual([idle.names.asked, idle.timers.count], [1, 0]);
  await using probed = stand(servers.port, ['127.0.0.1'], { probe: {} });
  await eventually(() => assert.equal(probed.upstream.stats()[0]?.standing, 'sick'));
  probed.timers.advance(5_000);
  probed.timers.advance(5_000);
  assert.equal(probed.names.asked, 2);
});

test('an address that is none is not looked up', async () => {
  await using servers = await namesakes(1);
  const names = new ScriptedNames({});
  await using upstream = testUpstream([{ kind: 'tcp', host: '127.0.0.1', port: servers.port }], {
    lookup: names.lookup,
  });
  assert.equal((await send(upstream)).outcome, '200 127.0.0.1');
  assert.equal(names.asked, 0);
});

test('other connections are opened where requests go: to addresses, or to a name that is not known yet', async () => {
  await using s = stand(81, ['127.0.0.1', '127.0.0.2']);
  assert.deepEqual(s.upstream.endpoints(), [s.address]);
  const hosts = () => s.upstream.endpoints().map((address) => (address.kind === 'tcp' ? address.host : ''));
  await eventually(() => assert.deepEqual(hosts().toSorted(), ['127.0.0.1', '127.0.0.2']));
  assert.deepEqual(hosts(), hosts().reverse());
});

test('a name whose members fail their probes is looked up at once, and the new ones are probed', onLinux, async () => {
  await using servers = await namesakes(2);
  await servers.stop('127.0.0.1');
  await using s = stand(servers.port, ['127.0.0.1'], { probe: {} });
  await eventually(() => assert.equal(upstreamRow(s.upstream, 'sick')?.endpoint, `127.0.0.1:${servers.port}`));
  s.names.rows.set('app', ['127.0.0.2']);
  s.timers.advance(0);
  await eventually(() => assert.deepEqual(endpoints(s.upstream), ['127.0.0.2']));
  s.timers.advance(0);
  await eventually(() => assert.equal(s.upstream.isHealthy, true));
  assert.deepEqual(await outcomes(s.upstream, 1), ['200 127.0.0.2']);
});
