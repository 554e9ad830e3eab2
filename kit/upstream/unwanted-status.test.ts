import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';
import { type Answer, choiceStand } from '../testing/choice-stand.ts';
import { eventually } from '../testing/eventually.ts';
import { ManualTimers } from '../testing/manual-timers.ts';
import { rawOrigin, scriptedOrigin } from '../testing/scripted-origin.ts';
import { send, testUpstream } from '../testing/upstream-stand.ts';
import type { UpstreamOptions } from './options.ts';
import { stickyId } from './sticky.ts';

/** Two members, a before b, of which the first is as the test says; it is not taken out for that. */
async function stand(first: Answer, options: Partial<UpstreamOptions> = {}) {
  const s = await choiceStand([{}, {}], { balance: 'fallback', retries: 1, ...options });
  s.answers[0] = first;
  const requests = () => s.origins.map(({ requests }) => requests.length).join();
  return { ...s, requests, [Symbol.asyncDispose]: () => s[Symbol.asyncDispose]() };
}

const says =
  (status: number, body = ''): Answer =>
  (_request, reply) =>
    reply.send(status, [], body);

describe('a status that is not wanted', () => {
  const options = { retryOn: [502, 503] };

  test('is forgotten when another member is free, with head and body', async () => {
    await using s = await stand(says(503, 'no'), options);
    const sink = await send(s.upstream);
    assert.deepEqual([sink.outcome, s.requests()], ['200 b', '1,1']);
    assert.deepEqual(
      sink.retries.map(({ kind, fault }) => [kind, fault.message]),
      [['retry', `app at 127.0.0.1:${s.origins[0]?.port} answered 503`]],
    );
    await send(s.upstream);
    assert.equal(s.origins[0]?.connections, 1, 'the connection of the answer that was not wanted is used again');
  });

  for (const [what, told, method, outcome, requests] of [
    ['for a POST', {}, 'POST', '503 no', '1,0'],
    ['that is not named', { retryOn: [500] }, 'GET', '503 no', '1,0'],
    ['without retries', { retries: 0 }, 'GET', '503 no', '1,0'],
    ['without a budget', { retryBudget: 0 }, 'GET', '503 no', '1,0'],
  ] as const) {
    test(`is passed on ${what}`, async () => {
      await using s = await stand(says(503, 'no'), { ...options, ...told });
      assert.equal((await send(s.upstream, { method })).outcome, outcome);
      assert.equal(s.requests(), requests);
    });
  }

  test('is passed on when all say so, and each was asked once', async () => {
    await using s = await stand(says(503, 'a'), { ...options, retries: 9 });
    s.answers[1] = says(502, 'b');
    assert.equal((await send(s.upstream)).outcome, '502 b');
    assert.equal(s.requests(), '1,1');
  });

  test('is passed on when no other member is free', async () => {
    await using s = await stand(says(503, 'no'), { ...options, connections: 1 });
    s.answers[1] = async (_request, reply) => await reply.closed;
    void send(s.upstream, { stickyTo: stickyId(s.origins[1]?.address ?? { kind: 'unix', path: '' }) });
    await eventually(() => assert.equal(s.requests(), '0,1'));
    assert.equal((await send(s.upstream)).outcome, '503 no');
    assert.equal(s.upstream.groupStats().waiting, 0);
  });

  test('counts though its answer is whole', async () => {
    await using s = await stand(says(503, 'no'), { ...options, ejection: { maxFails: 2, failMs: 60_000 } });
    for (let i = 0; i < 2; i++) {
      await send(s.upstream);
      await eventually(() => assert.equal(s.upstream.stats()[0]?.inFlight, 0));
    }
    assert.partialDeepStrictEqual(s.upstream.stats()[0], { standing: 'ejected', failures: 2 });
  });

  test('counts against the member, and an endless body of it holds no connection', async () => {
    const timers = new ManualTimers();
    await using s = await stand(
      (_request, reply) => {
        reply.head(503, []);
        void reply.write('a part');
      },
      { ...options, ejection: { maxFails: 1, failMs: 60_000 }, timer: timers.set, clock: timers.clock.read },
    );
    assert.equal((await send(s.upstream)).outcome, '200 b');
    assert.partialDeepStrictEqual(s.upstream.stats()[0], { standing: 'ejected', failures: 1, inFlight: 1 });
    timers.advance(1_000);
    assert.partialDeepStrictEqual(s.upstream.stats()[0], { inFlight: 0 });
  });
});

test('a member that takes connections again is back, though its answer is not wanted', async () => {
  await using other = await scriptedOrigin((_request, reply) => reply.send(200, [], 'b'));
  await using gone = await rawOrigin(() => undefined);
  const { address } = gone;
  await gone[Symbol.asyncDispose]();
  const { clock } = new ManualTimers();
  const rules = { clock: clock.read, retryOn: [503], balance: 'fallback' as const };
  await using upstream = testUpstream([address, other.address], rules);
  assert.equal((await send(upstream)).outcome, '200 b');
  assert.equal(upstream.stats()[0]?.standing, 'ejected');
  await using again = createServer((_request, response) => response.writeHead(503).end('no'));
  again.listen('port' in address ? address.port : 0, '127.0.0.1');
  await once(again, 'listening');
  clock.now += 1_000;
  assert.equal((await send(upstream)).outcome, '503 no');
  assert.equal(upstream.stats()[0]?.standing, 'free');
});
