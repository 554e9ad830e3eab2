import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Answer, choiceStand } from '../testing/choice-stand.ts';
import { CollectingSink } from '../testing/collecting-sink.ts';
import { eventually } from '../testing/eventually.ts';
import { outbound, send } from '../testing/upstream-stand.ts';
import type { UpstreamOptions } from './options.ts';
import { stickyId } from './sticky.ts';

type Told = Parameters<typeof choiceStand>[0];

/** Origins that answer with their name and the target, each request when the test says `open`; one connection each. */
async function gatedStand(told: Told, options: Partial<UpstreamOptions> = {}) {
  const stand = await choiceStand(told, { connections: 1, balance: 'fallback', ...options });
  const gates = new Map<string, () => void>();
  for (const at of told.keys()) {
    const answer: Answer = async ({ target }, reply) => {
      const gate = Promise.withResolvers<void>();
      gates.set(target, gate.resolve);
      await gate.promise;
      reply.send(200, [], `${'abc'[at]}${target}`);
    };
    stand.answers[at] = answer;
  }
  const arrived = (target: string) => eventually(() => assert.ok(gates.has(target), `${target} has arrived`));
  const open = (target: string) => gates.get(target)?.();
  const ask = (target: string, stickyTo?: string) => {
    const sink = new CollectingSink();
    const sending = stand.upstream.send(outbound({ target, stickyTo }), sink);
    return { sink, sending, outcome: sink.over.then(({ outcome }) => outcome) };
  };
  const waiting = () => stand.upstream.groupStats().waiting;
  const idOf = (at: number) => stickyId(stand.origins[at]?.address ?? { kind: 'unix', path: '' });
  return { ...stand, arrived, open, ask, waiting, idOf, gates };
}

describe('the queue of a group', () => {
  test('gives whatever comes free to the first that waits', async () => {
    await using s = await gatedStand([{}, {}]);
    const [one, two] = [s.ask('/1'), s.ask('/2')];
    await Promise.all([s.arrived('/1'), s.arrived('/2')]);
    const [three, four] = [s.ask('/3'), s.ask('/4')];
    assert.equal(s.waiting(), 2);
    s.open('/2');
    assert.equal(await two.outcome, '200 b/2');
    await s.arrived('/3');
    s.open('/1');
    await s.arrived('/4');
    s.open('/3');
    s.open('/4');
    const outcomes = await Promise.all([one, three, four].map(({ outcome }) => outcome));
    assert.deepEqual(outcomes, ['200 a/1', '200 b/3', '200 a/4']);
    assert.partialDeepStrictEqual(s.upstream.groupStats(), { waiting: 0, mostWaiting: 2, requests: 4 });
  });

  test('has one bound for all members', async () => {
    await using s = await gatedStand([{}, {}], { queue: 2 });
    const asked = ['/1', '/2', '/3', '/4'].map((target) => s.ask(target));
    assert.equal((await send(s.upstream)).outcome, 'queue-full');
    for (const target of ['/1', '/2', '/3', '/4']) {
      await s.arrived(target);
      s.open(target);
    }
    await Promise.all(asked.map(({ outcome }) => outcome));
  });

  test('is left at once by who leaves, and nobody is sent in his name', async () => {
    await using s = await gatedStand([{}], { queue: 1 });
    const one = s.ask('/1');
    const two = s.ask('/2');
    two.sending.abort();
    assert.equal(s.waiting(), 0);
    const three = s.ask('/3');
    await s.arrived('/1');
    s.open('/1');
    await s.arrived('/3');
    s.open('/3');
    assert.deepEqual([await one.outcome, await three.outcome, two.sink.calls], ['200 a/1', '200 a/3', 0]);
    assert.equal(s.gates.has('/2'), false);
  });

  test('who leaves in the moment it is his turn leaves the connection to the next', async () => {
    await using s = await gatedStand([{}]);
    const one = s.ask('/1');
    const [two, three] = [s.ask('/2'), s.ask('/3')];
    await s.arrived('/1');
    const { sink } = one;
    const onEnd = sink.onEnd.bind(sink);
    // The connection is promised to the second by then.
    sink.onEnd = (trailers) => {
      assert.equal(s.waiting(), 1);
      two.sending.abort();
      onEnd(trailers);
    };
    s.open('/1');
    await s.arrived('/3');
    s.open('/3');
    assert.deepEqual([await three.outcome, two.sink.calls, s.gates.has('/2')], ['200 a/3', 0, false]);
    await eventually(() => assert.equal(s.upstream.stats()[0]?.inFlight, 0));
  });

  test('does not make use of a backup while another is well, but the overflow does', async () => {
    await using s = await gatedStand([{}, { backup: true }], { queue: 1 });
    const [one, two, three] = [s.ask('/1'), s.ask('/2'), s.ask('/3')];
    await Promise.all([s.arrived('/1'), s.arrived('/3')]);
    s.open('/3');
    assert.equal(await three.outcome, '200 b/3');
    assert.equal(s.waiting(), 1);
    s.open('/1');
    await s.arrived('/2');
    s.open('/2');
    assert.deepEqual([await one.outcome, await two.outcome], ['200 a/1', '200 a/2']);
  });

  test('lets in who waits when a member may have more connections, or another comes', async () => {
    await using s = await gatedStand([{ maxConnections: 1 }, { down: true }]);
    const asked = ['/1', '/2', '/3', '/4'].map((target) => s.ask(target));
    assert.equal(s.waiting(), 3);
    s.tell([{ maxConnections: 2 }, { down: true }]);
    await s.arrived('/2');
    assert.equal(s.waiting(), 2);
    s.tell([{ maxConnections: 2 }, {}]);
    await s.arrived('/3');
    assert.equal(s.waiting(), 1);
    for (const target of ['/1', '/2', '/3']) s.open(target);
    await s.arrived('/4');
    s.open('/4');
    const outcomes = await Promise.all(asked.map(({ outcome }) => outcome));
    assert.deepEqual(outcomes.slice(0, 3), ['200 a/1', '200 a/2', '200 b/3']);
  });

  test('a member that may have fewer connections takes nobody until enough have left', async () => {
    await using s = await gatedStand([{ maxConnections: 2 }]);
    const asked = ['/1', '/2', '/3'].map((target) => s.ask(target));
    await Promise.all([s.arrived('/1'), s.arrived('/2')]);
    s.tell([{ maxConnections: 1 }]);
    s.open('/1');
    await asked[0]?.outcome;
    assert.equal(s.waiting(), 1);
    s.open('/2');
    await s.arrived('/3');
    s.open('/3');
    assert.equal(await asked[2]?.outcome, '200 a/3');
  });

  test('a client that stays with a busy member waits for that one, and who came later does not wait for him', async () => {
    await using s = await gatedStand([{}, {}]);
    const [one, two] = [s.ask('/1'), s.ask('/2')];
    await Promise.all([s.arrived('/1'), s.arrived('/2')]);
    const [stays, other] = [s.ask('/stays', s.idOf(0)), s.ask('/other')];
    s.open('/2');
    await s.arrived('/other');
    assert.equal(s.waiting(), 1);
    s.open('/other');
    assert.equal(await other.outcome, '200 b/other');
    const now = s.ask('/now');
    await s.arrived('/now');
    assert.equal(s.waiting(), 1, 'a free member is not kept for who waits for another');
    s.open('/1');
    await s.arrived('/stays');
    for (const target of ['/now', '/stays']) s.open(target);
    const outcomes = await Promise.all([one, two, now, stays].map(({ outcome }) => outcome));
    assert.deepEqual(outcomes, ['200 a/1', '200 b/2', '200 b/now', '200 a/stays']);
  });

  test('and goes elsewhere when that one is taken down', async () => {
    await using s = await gatedStand([{}, {}]);
    const one = s.ask('/1');
    await s.arrived('/1');
    const stays = s.ask('/stays', s.idOf(0));
    assert.equal(s.waiting(), 1);
    s.tell([{ down: true }, {}]);
    await s.arrived('/stays');
    for (const target of ['/1', '/stays']) s.open(target);
    assert.deepEqual([await one.outcome, await stays.outcome], ['200 a/1', '200 b/stays']);
  });

  test('or when that one fails', async () => {
    await using s = await gatedStand([{}, {}], { ejection: { maxFails: 1, failMs: 1_000 } });
    s.answers[0] = async (_request, reply) => {
      await eventually(() => assert.equal(s.waiting(), 1));
      reply.break();
    };
    const one = s.ask('/1');
    const stays = s.ask('/stays', s.idOf(0));
    assert.equal(await one.outcome, 'reset-before-head');
    await s.arrived('/stays');
    s.open('/stays');
    assert.equal(await stays.outcome, '200 b/stays');
  });

  test('a key of a hash goes to its member while that is free, and to whoever comes free first when all are busy', async () => {
    await using s = await gatedStand([{}, {}], { balance: 'hash' });
    const [one, two] = [s.ask('/key'), s.ask('/2')];
    await s.arrived('/key');
    const first = (await Promise.race([one.outcome, s.arrived('/2')])) ?? '';
    assert.equal(first, '');
    const waiting = s.ask('/3');
    s.open('/2');
    await s.arrived('/3');
    s.open('/3');
    s.open('/key');
    const outcomes = await Promise.all([one, two, waiting].map(({ outcome }) => outcome));
    assert.equal(outcomes[2]?.[4], outcomes[1]?.[4]);
  });

  test('with nobody left but those that failed of late, takes the first of these that comes free', async () => {
    await using s = await gatedStand([{}, {}], { balance: 'round-robin', ejection: { maxFails: 1, failMs: 60_000 } });
    const answers = [...s.answers];
    s.answers.fill((_request, reply) => reply.break());
    assert.equal(await s.asked(2), '!!');
    for (const [at, answer] of answers.entries()) s.answers[at] = answer;
    const targets = ['/1', '/2', '/3'];
    const asked = targets.map((target) => s.ask(target));
    await Promise.all([s.arrived('/1'), s.arrived('/2')]);
    assert.deepEqual(
      s.upstream.stats().map(({ standing, inFlight }) => `${standing} ${inFlight}`),
      ['ejected 1', 'ejected 1'],
    );
    s.open('/2');
    await s.arrived('/3');
    for (const target of targets) s.open(target);
    for (const { outcome } of asked) assert.match(await outcome, /^200 /);
  });
});

test('a group that is closed sends away who waits', async () => {
  await using s = await gatedStand([{}]);
  const one = s.ask('/1');
  const two = s.ask('/2');
  await s.arrived('/1');
  await s.upstream[Symbol.asyncDispose]();
  assert.deepEqual([await one.outcome, await two.outcome], ['internal', 'internal']);
});

test('who waits too long for any of the group is told so, while others are served', async () => {
  await using s = await gatedStand([{}, {}], { queueWaitMs: 30, clock: () => performance.now() });
  const inFlight = [s.ask('/1'), s.ask('/2')];
  assert.equal((await send(s.upstream)).outcome, 'queue-late');
  for (const target of ['/1', '/2']) {
    await s.arrived(target);
    s.open(target);
  }
  for (const { outcome } of inFlight) assert.match(await outcome, /^200 /);
});
