import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Barrier } from '../testing/barrier.ts';
import { type Answer, breaks, count, choiceStand as stand } from '../testing/choice-stand.ts';
import { eventually } from '../testing/eventually.ts';
import { send } from '../testing/upstream-stand.ts';
import { stickyId } from './sticky.ts';

describe('addresses with weights', () => {
  test('are asked smoothly, as nginx asks', async () => {
    await using s = await stand([{ weight: 5 }, {}, {}]);
    assert.equal(await s.asked(14), 'aabacaaaabacaa');
  });

  test('that change are asked by the new ones at once, on the connections that are there', async () => {
    await using s = await stand([{ weight: 100 }, { weight: 1 }]);
    assert.equal(count(await s.asked(51), 'b'), 1);
    s.tell([{ weight: 1 }, { weight: 1 }]);
    assert.equal(await s.asked(6), 'ababab');
    assert.deepEqual(
      s.origins.map(({ connections }) => connections),
      [1, 1],
    );
  });

  test('are asked less after a failure, and as before after as many picks as that took away', async () => {
    await using s = await stand([{ weight: 4 }, { weight: 4 }], { ejection: { maxFails: 2 } });
    s.answers[0] = breaks;
    assert.equal(await s.asked(1), '!');
    s.answers[0] = undefined;
    assert.equal(await s.asked(7), 'bbababa');
  });
});

describe('a backup', () => {
  test('is asked when the others are out, and no longer when they are back', async () => {
    await using s = await stand([{}, {}, { backup: true }], { ejection: { maxFails: 1, failMs: 1_000 } });
    assert.equal(await s.asked(4), 'abab');
    s.answers[0] = breaks;
    s.answers[1] = breaks;
    assert.equal(await s.asked(4), '!!cc');
    assert.partialDeepStrictEqual(s.upstream.stats()[2], { backup: true, standing: 'free' });
    s.answers.fill(undefined);
    s.clock.advance(1_000);
    assert.equal(count(await s.asked(4), 'c'), 0);
  });

  test('that is one no longer shares in', async () => {
    await using s = await stand([{}, { backup: true }]);
    assert.equal(await s.asked(3), 'aaa');
    s.tell([{}, { backup: false }]);
    assert.equal(count(await s.asked(4), 'b'), 2);
    assert.equal(s.origins[0]?.connections, 1);
  });
});

describe('an address that is down', () => {
  test('is not asked, is shown, and is no health; one that is up again is asked', async () => {
    await using s = await stand([{}, { down: true }]);
    assert.equal(await s.asked(3), 'aaa');
    assert.partialDeepStrictEqual(s.upstream.stats()[1], { standing: 'down', down: true, connections: 0 });
    assert.equal(s.upstream.endpoints().length, 1);
    s.tell([{ down: true }, { down: true }]);
    assert.equal(s.upstream.isHealthy, false);
    const { fault } = await send(s.upstream);
    assert.deepEqual([fault?.reason, fault?.status], ['unavailable', 503]);
    assert.equal(fault?.message, 'app is down: none of it is to be asked');
    s.tell([{ down: true }, {}]);
    assert.equal(await s.asked(2), 'bb');
  });

  test('finishes what it has, and who waited for it goes elsewhere', async () => {
    await using s = await stand([{ maxConnections: 1 }, { backup: true }]);
    const arrived = new Barrier(1);
    const answer = Promise.withResolvers<void>();
    s.answers[0] = async (_request, reply) => {
      arrived.arrive();
      await answer.promise;
      reply.send(200, [], 'late');
    };
    const [inFlight, waiting] = [send(s.upstream), send(s.upstream)];
    await arrived.passed;
    assert.partialDeepStrictEqual(s.upstream.stats()[0], { inFlight: 1, standing: 'busy' });
    assert.equal(s.upstream.groupStats().waiting, 1);
    s.tell([{ maxConnections: 1, down: true }, { backup: true }]);
    assert.equal((await waiting).outcome, '200 b');
    answer.resolve();
    assert.equal((await inFlight).outcome, '200 late');
  });

  test('is not probed', async () => {
    await using s = await stand([{}, { down: true }], { probe: { path: '/ready' } });
    await eventually(() => assert.equal(s.upstream.stats()[0]?.probe?.probes, 1));
    assert.deepEqual([s.upstream.stats()[1]?.probe?.probes, s.origins[1]?.requests.length], [0, 0]);
    s.tell([{}, {}]);
    await eventually(() => assert.equal(s.upstream.stats()[1]?.probe?.probes, 1));
  });
});

test('an address with connections of its own has no more, though others have', async () => {
  await using s = await stand([{ maxConnections: 1 }, {}], { connections: 2, balance: 'fallback' });
  const arrived = new Barrier(3);
  const answer = Promise.withResolvers<void>();
  const holds: Answer = async (_request, reply) => {
    arrived.arrive();
    await answer.promise;
    reply.send(200);
  };
  s.answers.fill(holds);
  s.answers.push(holds, holds);
  const sent = [send(s.upstream), send(s.upstream), send(s.upstream)];
  await arrived.passed;
  assert.deepEqual(
    s.origins.map(({ requests }) => requests.length),
    [1, 2],
  );
  answer.resolve();
  await Promise.all(sent);
});

describe('a client that stays', () => {
  test('is told who answered, and goes there again whatever the turn', async () => {
    await using s = await stand([{}, {}, {}]);
    const [first, second] = [await send(s.upstream), await send(s.upstream)];
    const ids = s.origins.map(({ address }) => stickyId(address));
    assert.deepEqual([first.head?.memberId, second.head?.memberId], ids.slice(0, 2));
    for (let i = 0; i < 4; i++) {
      const stickyTo = second.head?.memberId;
      const again = await send(s.upstream, { stickyTo });
      assert.deepEqual([again.outcome, again.head?.memberId], ['200 b', stickyTo]);
    }
    assert.equal((await send(s.upstream)).outcome, '200 c', 'the turns of the others are as they were');
    assert.match((await send(s.upstream, { stickyTo: 'unknown' })).outcome, /^200 /);
  });

  test('goes elsewhere when its member is out, takes no connection or is down, and is told so', async () => {
    await using s = await stand([{}, {}], { balance: 'fallback', ejection: { maxFails: 1, failMs: 60_000 } });
    const [, b] = s.origins;
    assert.ok(b);
    const stickyTo = stickyId(b.address);
    assert.equal((await send(s.upstream, { stickyTo })).outcome, '200 b');
    s.tell([{}, { down: true }]);
    const elsewhere = await send(s.upstream, { stickyTo });
    assert.deepEqual([elsewhere.outcome, elsewhere.head?.memberId !== stickyTo], ['200 a', true]);
    s.tell([{}, {}]);
    s.answers[1] = breaks;
    assert.equal((await send(s.upstream, { stickyTo })).fault?.reason, 'reset-before-head');
    assert.equal((await send(s.upstream, { stickyTo })).outcome, '200 a');
  });
});

test('a place for another connection is that of the key or of the client, where there is one', async () => {
  await using s = await stand([{}, {}, {}], { balance: 'hash', random: () => 0.99 });
  const [, b] = s.origins;
  assert.ok(b);
  assert.deepEqual(s.upstream.endpoints({ stickyTo: stickyId(b.address) })[0], b.address);
  const { head } = await send(s.upstream, { hashKey: 'x' });
  const places = s.upstream.endpoints({ hashKey: 'x' });
  assert.equal(places.length, 3);
  assert.deepEqual(
    places.slice(0, 1).map((place) => stickyId(place)),
    [head?.memberId],
  );
});

test('where nobody may wait, who finds all connections in use is told so', async () => {
  await using s = await stand([{ maxConnections: 1 }], { queue: 0 });
  s.answers[0] = async (_request, reply) => await reply.closed;
  void send(s.upstream);
  const { fault } = await send(s.upstream);
  assert.equal(fault?.reason, 'queue-full');
  assert.equal(fault?.message, 'all connections to app are in use, and none may wait');
});

test('what is known of an address is shown where it was told, and only there', async () => {
  await using s = await stand([{ weight: 3 }, { backup: true }, {}, { down: true }]);
  assert.deepEqual(
    s.upstream.stats().map(({ weight, backup, down, ewmaMs }) => ({ weight, backup, down, ewmaMs })),
    [
      { weight: 3, backup: undefined, down: undefined, ewmaMs: undefined },
      { weight: undefined, backup: true, down: undefined, ewmaMs: undefined },
      { weight: undefined, backup: undefined, down: undefined, ewmaMs: undefined },
      { weight: undefined, backup: undefined, down: true, ewmaMs: undefined },
    ],
  );
  assert.equal('weight' in (s.upstream.stats()[2] ?? {}), false);
});
