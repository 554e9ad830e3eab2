import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Answer, breaks, count, choiceStand as stand } from '../testing/choice-stand.ts';
import { ManualClock } from '../testing/clock.ts';
import { eventually } from '../testing/eventually.ts';
import { ManualTimers } from '../testing/manual-timers.ts';
import { namesakes, ScriptedNames } from '../testing/scripted-names.ts';
import { send, testUpstream } from '../testing/upstream-stand.ts';

describe('a slow start', () => {
  const slowStartMs = 10_000;

  test('is not that of the process', async () => {
    await using s = await stand([{ weight: 1 }, { weight: 1 }], { slowStartMs });
    assert.equal(await s.asked(4), 'abab');
  });

  test('is that of an address that is added: a tenth at first, half its share half way, then all', async () => {
    await using s = await stand([{}, {}], { slowStartMs });
    s.tell([{}]);
    s.tell([{}, {}]);
    assert.equal(count(await s.asked(22), 'b'), 2);
    s.clock.advance(5_000);
    assert.equal(count(await s.asked(31), 'b'), 11, '0.55 of 1.55');
    s.clock.advance(5_000);
    assert.equal(count(await s.asked(20), 'b'), 10);
  });

  for (const balance of ['round-robin', 'least-connections'] as const) {
    test(`is that of a member that returns from its ejection, by ${balance}`, async () => {
      const ejection = { maxFails: 1, failMs: 1_000 };
      await using s = await stand([{ weight: 10 }, { weight: 10 }], { slowStartMs, ejection, balance });
      s.answers[0] = breaks;
      assert.equal(await s.asked(3), '!bb');
      s.answers[0] = undefined;
      s.clock.advance(1_000);
      const trial = await s.asked(20);
      assert.ok(count(trial, 'a') >= 1 && count(trial, 'a') <= 4, trial);
      s.clock.advance(slowStartMs);
      const whole = count(await s.asked(40), 'a');
      assert.ok(whole >= 18 && whole <= 22, `${whole} of 40`);
    });
  }

  test('is that of a member that is up again', async () => {
    await using s = await stand([{}, { down: true }], { slowStartMs });
    s.tell([{}, {}]);
    assert.equal(count(await s.asked(22), 'b'), 2);
  });

  test('is that of a member that was sick, not that of its first probe', async () => {
    const timers = new ManualTimers();
    const asking = { clock: timers.clock.read, timer: timers.set, random: () => 0.5 };
    const probe = { path: '/ready', window: 2, threshold: 2, initial: 1 };
    await using s = await stand([{}, {}], { slowStartMs, probe, ...asking });
    const state = { isWell: true };
    s.answers[0] = (request, reply) => reply.send(request.target === '/ready' && !state.isWell ? 500 : 200, [], 'a');
    const probed = async (probes: number) => {
      timers.advance(5_000);
      await eventually(() => assert.ok(s.upstream.stats().every(({ probe }) => probe?.probes === probes)));
    };
    const held = Promise.withResolvers<void>();
    s.answers[1] = async (_request, reply) => {
      await held.promise;
      reply.send(200, [], 'b');
    };
    timers.advance(0);
    await eventually(() => assert.equal(s.upstream.stats()[0]?.probe?.probes, 1));
    timers.advance(1_999);
    held.resolve();
    await eventually(() => assert.equal(s.upstream.stats()[1]?.probe?.probes, 1));
    assert.equal(count(await s.asked(20), 'a'), 10, 'the first probe of b was later, and is no return');
    state.isWell = false;
    await probed(2);
    assert.equal(await s.asked(3), 'bbb');
    state.isWell = true;
    await probed(3);
    await probed(4);
    assert.equal(count(await s.asked(22), 'a'), 2);
  });

  test('is that of an address that a name has of late', { skip: process.platform !== 'linux' }, async () => {
    await using servers = await namesakes(2);
    const names = new ScriptedNames({ app: ['127.0.0.1'] });
    const clock = new ManualClock();
    const address = { kind: 'tcp', host: 'app', port: servers.port } as const;
    await using upstream = testUpstream([address], { lookup: names.lookup, clock: clock.read, slowStartMs });
    const asked = async (times: number) => {
      let late = 0;
      for (let i = 0; i < times; i++) if ((await send(upstream)).outcome === '200 127.0.0.2') late += 1;
      return late;
    };
    await asked(1);
    names.rows.set('app', ['127.0.0.1', '127.0.0.2']);
    clock.advance(10_000);
    await asked(1);
    assert.equal(await asked(22), 2);
    clock.advance(9_999);
    await asked(2);
    assert.equal(Math.abs((await asked(20)) - 10) <= 1, true);
  });

  test('is none where the order is fixed', async () => {
    await using s = await stand([{ down: true }, {}], { slowStartMs, balance: 'fallback' });
    s.tell([{}, {}]);
    assert.equal(await s.asked(3), 'aaa');
  });
});

describe('by peak-ewma', () => {
  test('who answers slowly is asked less, is seen with its time, and is asked again when that has faded', async () => {
    await using s = await stand([{}, {}], { balance: 'peak-ewma' });
    const after = (ms: number, name: string): Answer => {
      return (_request, reply) => {
        s.clock.advance(ms);
        reply.send(200, [], name);
      };
    };
    s.answers[0] = after(200, 'a');
    s.answers[1] = after(10, 'b');
    assert.equal(await s.asked(12), `ab${'b'.repeat(10)}`);
    assert.deepEqual(
      s.upstream.stats().map(({ ewmaMs }) => Math.round(ewmaMs ?? 0)),
      [198, 10],
    );
    s.answers[0] = after(1, 'a');
    s.clock.advance(60_000);
    assert.equal(await s.asked(6), 'baaaaa');
  });

  test('a member that is silent counts as slow, not as one that nobody knows', async () => {
    const timeouts = { connectMs: 1_000, firstByteMs: 20, betweenBytesMs: 1_000 };
    await using s = await stand([{}, {}], { balance: 'peak-ewma', timeouts, ejection: { maxFails: 100 } });
    s.answers[0] = async (_request, reply) => {
      s.clock.advance(5_000);
      await reply.closed;
    };
    s.answers[1] = (_request, reply) => {
      s.clock.advance(1);
      reply.send(200, [], 'b');
    };
    assert.equal(await s.asked(6), '!bbbbb');
  });
});
