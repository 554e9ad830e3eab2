import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { ManualClock } from '../testing/clock.ts';
import { CollectingSink } from '../testing/collecting-sink.ts';
import { eventually } from '../testing/eventually.ts';
import { ManualTimers } from '../testing/manual-timers.ts';
import { rawOrigin, scriptedOrigin } from '../testing/scripted-origin.ts';
import { outbound, send, testUpstream } from '../testing/upstream-stand.ts';
import type { HealthChange, UpstreamOptions } from './options.ts';

const ok = (text: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`;

type Act = { now(socket: Socket): void };

/** Two members by turns: `bad` does with each connection what the test says, `good` answers. */
async function stand(act: Act, options: Partial<UpstreamOptions> = {}) {
  const building = new AsyncDisposableStack();
  const bad = building.use(await rawOrigin((socket) => socket.once('data', () => act.now(socket))));
  const good = building.use(await scriptedOrigin((_request, reply) => reply.send(200, [], 'good')));
  const clock = new ManualClock();
  const changes: HealthChange[] = [];
  const upstream = building.use(
    testUpstream([bad.address, good.address], {
      clock: clock.read,
      ejection: { maxFails: 2, failMs: 1_000 },
      onHealth: (change) => changes.push(change),
      ...options,
    }),
  );
  const outcomes = async (count: number) => {
    const all: string[] = [];
    for (let i = 0; i < count; i++) all.push((await send(upstream)).outcome);
    return all;
  };
  return { bad, upstream, clock, changes, outcomes, [Symbol.asyncDispose]: () => building.disposeAsync() };
}

const failures = {
  'resets before it answers': [(socket: Socket) => void socket.resetAndDestroy(), 'reset-before-head'],
  'breaks off its answers': [
    (socket: Socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx'),
    '200 reset-mid-body',
  ],
  'is silent for too long': [() => undefined, 'timeout-first-byte'],
} as const;

describe('a member that', () => {
  for (const [what, [fails, outcome]] of Object.entries(failures)) {
    test(`${what} is left out at its limit, for a time`, async () => {
      const patience = { firstByteMs: what.includes('silent') ? 30 : 5_000 };
      await using s = await stand(
        { now: fails },
        { timeouts: { connectMs: 1_000, betweenBytesMs: 1_000, ...patience } },
      );
      assert.deepEqual(await s.outcomes(7), [outcome, '200 good', outcome, ...Array(4).fill('200 good')]);
      const [{ standing, ejectedForMs, failures } = {}] = s.upstream.stats();
      assert.deepEqual([standing, ejectedForMs, failures], ['ejected', 1_000, 2]);
      s.clock.advance(1_000);
      assert.deepEqual(
        (await s.outcomes(2)).toSorted(),
        ['200 good', outcome].toSorted(),
        'one is given to it on trial',
      );
      assert.equal(s.upstream.stats()[0]?.ejectedForMs, 2_000, 'it is out for longer');
    });
  }

  test('answers its trial is asked in turn again, and both are said', async () => {
    const act = { now: (socket: Socket) => void socket.resetAndDestroy() };
    await using s = await stand(act);
    await s.outcomes(4);
    act.now = (socket) => void socket.end(ok('bad'));
    s.clock.advance(1_000);
    assert.deepEqual((await s.outcomes(4)).toSorted(), ['200 bad', '200 bad', '200 good', '200 good']);
    assert.deepEqual(
      s.changes.map(({ verdict }) => verdict),
      ['ejected', 'returned'],
    );
  });

  test('is on trial gets one request: others go elsewhere until it has answered', async () => {
    const act: Act = { now: (socket) => socket.resetAndDestroy() };
    await using s = await stand(act);
    await s.outcomes(4);
    const onTrial = Promise.withResolvers<Socket>();
    act.now = onTrial.resolve;
    s.clock.advance(1_000);
    const trial = [send(s.upstream), send(s.upstream)];
    const socket = await onTrial.promise;
    assert.deepEqual(
      await s.outcomes(6),
      Array.from({ length: 6 }, () => '200 good'),
    );
    assert.equal(s.upstream.stats()[0]?.inFlight, 1);
    act.now = (later) => void later.end(ok('bad'));
    socket.end(ok('bad'));
    const outcomes = (await Promise.all(trial)).map(({ outcome }) => outcome);
    assert.deepEqual(outcomes.toSorted(), ['200 bad', '200 good']);
    assert.equal((await s.outcomes(4)).filter((outcome) => outcome === '200 bad').length, 2);
  });

  test('fails now and then, not in a row, stays in', async () => {
    let count = 0;
    const act = { now: (socket: Socket) => void (count++ % 2 ? socket.end(ok('bad')) : socket.resetAndDestroy()) };
    await using s = await stand(act);
    assert.equal((await s.outcomes(12)).filter((outcome) => outcome === '200 good').length, 6);
  });

  test('fails every other request is left out where a half is too many, whatever it answers meanwhile', async () => {
    let count = 0;
    const late: Socket[] = [];
    const act = {
      now: (socket: Socket) => {
        if (late.length === 0 && count === 2) return void late.push(socket);
        return void (count++ % 2 ? socket.resetAndDestroy() : socket.end(ok('bad')));
      },
    };
    await using s = await stand(act, { ejection: { maxFails: 2, failMs: 1_000, failFraction: 0.5 } });
    await s.outcomes(4);
    const waits = [send(s.upstream), send(s.upstream)];
    await eventually(() => assert.equal(late.length, 1));
    const before = await s.outcomes(14);
    assert.equal(s.upstream.stats()[0]?.standing, 'free', 'nine outcomes are too few');
    const [last] = [...before, ...(await s.outcomes(4))].toReversed();
    assert.equal(last, '200 good');
    assert.equal(s.upstream.stats()[0]?.standing, 'ejected');
    late[0]?.end(ok('late'));
    const outcomes = (await Promise.all(waits)).map(({ outcome }) => outcome);
    assert.deepEqual(outcomes.toSorted(), ['200 good', '200 late']);
    assert.deepEqual(await s.outcomes(4), Array(4).fill('200 good'), 'an answer does not bring it back');
    s.clock.advance(1_000);
    assert.ok((await s.outcomes(2)).includes('200 bad'), 'a trial does');
    assert.deepEqual(
      s.changes.map(({ verdict }) => verdict),
      ['ejected', 'returned'],
    );
  });

  for (const [isTold, standing] of [
    [true, 'ejected'],
    [false, 'free'],
  ] as const) {
    test(`answers in no HTTP is ${standing} where that ${isTold ? 'counts' : 'does not count'}`, async () => {
      const act = { now: (socket: Socket) => void socket.end('SSH-2.0-no\r\n\r\n') };
      await using s = await stand(act, { ejection: { maxFails: 2, countsMalformed: isTold } });
      const outcomes = await s.outcomes(4);
      assert.equal(outcomes.filter((outcome) => outcome === 'bad-response').length, 2);
      assert.equal(s.upstream.stats()[0]?.standing, standing);
    });
  }

  test('answers 500 has answered', async () => {
    const act = { now: (socket: Socket) => void socket.end('HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n') };
    await using s = await stand(act);
    assert.equal((await s.outcomes(8)).filter((outcome) => outcome === '500 ').length, 4);
  });

  test('fails without an ejection being asked for is asked in turn all the same', async () => {
    await using bad = await rawOrigin((socket) => socket.once('data', () => socket.resetAndDestroy()));
    await using good = await scriptedOrigin((_request, reply) => reply.send(200, [], 'good'));
    await using upstream = testUpstream([bad.address, good.address]);
    const outcomes: string[] = [];
    for (let i = 0; i < 6; i++) outcomes.push((await send(upstream)).outcome);
    assert.equal(outcomes.filter((outcome) => outcome === '200 good').length, 3);
  });
});

test('the last member is never left out: when all failed, all are tried', async () => {
  const act = { now: (socket: Socket) => void socket.resetAndDestroy() };
  await using bad = await rawOrigin((socket) => socket.once('data', () => act.now(socket)));
  await using upstream = testUpstream([bad.address], { ejection: { maxFails: 1, failMs: 60_000 } });
  assert.equal((await send(upstream)).outcome, 'reset-before-head');
  assert.equal(upstream.isHealthy, false);
  act.now = (socket) => void socket.end(ok('back'));
  assert.equal((await send(upstream)).outcome, '200 back');
  assert.equal(upstream.isHealthy, true);
});

test('a connection that was closed for being idle is nobody’s failure', async () => {
  let count = 0;
  await using origin = await rawOrigin((socket) => {
    socket.on('data', () => {
      if (count++ % 2 === 0) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      else socket.resetAndDestroy();
    });
  });
  await using upstream = testUpstream([origin.address], { ejection: { maxFails: 1 } });
  await send(upstream);
  await new Promise((done) => setImmediate(done));
  assert.equal((await send(upstream)).outcome, '200 ok');
  assert.equal(upstream.stats()[0]?.failures, 0);
});

test('a member whose time is over is given who waits for others, though nothing else happens', async () => {
  await using bad = await scriptedOrigin((_, reply) =>
    bad.requests.length === 1 ? reply.break() : reply.send(200, [], 'bad'),
  );
  await using slow = await scriptedOrigin(() => undefined);
  const timers = new ManualTimers();
  const told = {
    clock: timers.clock.read,
    timer: timers.set,
    ejection: { maxFails: 1, failMs: 1_000 },
    connections: 1,
  };
  await using upstream = testUpstream([bad.address, slow.address], { balance: 'fallback', ...told });
  assert.equal((await send(upstream)).outcome, 'reset-before-head');
  const [first, waits] = [new CollectingSink(), new CollectingSink()];
  const sending = upstream.send(outbound(), first);
  upstream.send(outbound(), waits);
  assert.equal(upstream.groupStats().waiting, 1);
  timers.advance(999);
  assert.equal(upstream.groupStats().waiting, 1);
  timers.advance(1);
  assert.equal((await waits.over).outcome, '200 bad');
  sending.abort();
  assert.equal(timers.count, 0);
});
