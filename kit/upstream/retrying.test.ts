import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Answer, breaks, choiceStand, count } from '../testing/choice-stand.ts';
import { CollectingSink } from '../testing/collecting-sink.ts';
import { eventually } from '../testing/eventually.ts';
import { ManualTimers } from '../testing/manual-timers.ts';
import { passingTier } from '../testing/passing-tier.ts';
import { rawExchange } from '../testing/raw-client.ts';
import { rawOrigin, scriptedOrigin } from '../testing/scripted-origin.ts';
import { outbound, send, testUpstream } from '../testing/upstream-stand.ts';
import { settingsOf, type UpstreamOptions } from './options.ts';
import { alwaysGranted } from './retry-budget.ts';

/** Two members, a before b, of which the first is as the test says; it is not taken out for that. */
async function stand(first: Answer, options: Partial<UpstreamOptions> = {}) {
  const s = await choiceStand([{}, {}], { balance: 'fallback', retries: 1, ...options });
  s.answers[0] = first;
  const requests = () => s.origins.map(({ requests }) => requests.length).join();
  return { ...s, requests, [Symbol.asyncDispose]: () => s[Symbol.asyncDispose]() };
}

describe('a request whose connection breaks before an answer', () => {
  for (const [method, body, outcome, requests] of [
    ['GET', undefined, '200 b', '1,1'],
    ['HEAD', undefined, '200 ', '1,1'],
    ['DELETE', undefined, '200 b', '1,1'],
    ['PUT', Buffer.from('all of it'), '200 b', '1,1'],
    ['POST', Buffer.from('all of it'), 'reset-before-head', '1,0'],
    ['POST', undefined, 'reset-before-head', '1,0'],
    ['PATCH', Buffer.from('all of it'), 'reset-before-head', '1,0'],
  ] as const) {
    test(`is given to another: ${method}${body ? ' with a body' : ''}, ${outcome}`, async () => {
      await using s = await stand(breaks);
      s.answers[1] = (request, reply) => {
        assert.equal(request.body.toString(), body?.toString() ?? '');
        reply.send(200, [], method === 'HEAD' ? '' : 'b');
      };
      assert.equal((await send(s.upstream, { method, body })).outcome, outcome);
      assert.equal(s.requests(), requests);
    });
  }

  test('says of each retry what it was, why, and to whom it went', async () => {
    await using s = await stand(breaks);
    const [retry, ...others] = (await send(s.upstream)).retries;
    assert.deepEqual([retry?.kind, retry?.fault.reason, others.length], ['retry', 'reset-before-head', 0]);
    assert.equal(retry?.to, `127.0.0.1:${s.origins[1]?.port}`);
    assert.match(retry?.fault.message ?? '', new RegExp(`^app at 127.0.0.1:${s.origins[0]?.port} closed`));
    assert.partialDeepStrictEqual(s.upstream.groupStats(), { requests: 1, retries: 1, redials: 0, replays: 0 });
  });

  test('is given to the same again where there is no other', async () => {
    let asked = 0;
    await using origin = await scriptedOrigin((_request, reply) => {
      asked += 1;
      if (asked === 1) reply.break();
      else reply.send(200, [], 'at last');
    });
    await using upstream = testUpstream([origin.address], { retries: 1 });
    assert.equal((await send(upstream)).outcome, '200 at last');
  });

  for (const [retries, outcome, requests] of [
    [0, 'reset-before-head', 1],
    [1, 'reset-before-head', 2],
    [3, '200 a', 4],
  ] as const) {
    test(`is tried as often as it may be: ${retries} times`, async () => {
      await using s = await stand(breaks, { retries });
      let asked = 0;
      const answer: Answer = (_request, reply) => {
        asked += 1;
        if (asked <= 3) reply.break();
        else reply.send(200, [], 'a');
      };
      for (const at of [0, 1]) s.answers[at] = answer;
      assert.equal((await send(s.upstream)).outcome, outcome);
      assert.equal(asked, requests);
    });
  }

  test('is not tried again when the time for a first byte is over', async () => {
    const timers = new ManualTimers();
    await using s = await stand(
      (_request, reply) => {
        timers.advance(1_000);
        reply.break();
      },
      { clock: timers.clock.read, timeouts: { connectMs: 1_000, firstByteMs: 1_000, betweenBytesMs: 1_000 } },
    );
    assert.equal((await send(s.upstream)).outcome, 'reset-before-head');
    assert.equal(s.requests(), '1,0');
  });

  test('is not tried again when its body flowed by', async () => {
    await using s = await stand(breaks);
    await using tier = await passingTier(s.upstream);
    const request = 'PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc';
    assert.match(await rawExchange(tier.port, request), /^HTTP\/1\.1 502 [\s\S]*reset-before-head/);
    assert.equal(s.requests(), '1,0');
  });

  test('is not tried again when the client has left', async () => {
    await using s = await stand(breaks);
    const left = new CollectingSink();
    s.answers[0] = (_request, reply) => {
      sending.abort();
      reply.break();
    };
    const sending = s.upstream.send(outbound(), left);
    await eventually(() => assert.equal(s.requests(), '1,0'));
    await eventually(() => assert.equal(s.upstream.stats()[0]?.inFlight, 0));
    assert.deepEqual([s.requests(), left.calls, s.upstream.groupStats().retries], ['1,0', 0, 0]);
  });
});

test('an answer that breaks off behind its head is never asked for again', async () => {
  const half = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n';
  await using origin = await rawOrigin((socket) => void socket.once('data', () => socket.end(half)));
  await using other = await scriptedOrigin((_request, reply) => reply.send(200));
  await using upstream = testUpstream([origin.address, other.address], { retries: 9, balance: 'fallback' });
  assert.equal((await send(upstream)).outcome, '200 reset-mid-body');
  assert.equal(other.requests.length, 0);
});

test('silence is not retried: the whole time has passed', async () => {
  await using silent = await rawOrigin(() => undefined);
  await using other = await scriptedOrigin((_request, reply) => reply.send(200));
  const timeouts = { firstByteMs: 60 };
  await using upstream = testUpstream([silent.address, other.address], { retries: 9, balance: 'fallback', timeouts });
  assert.equal((await send(upstream)).outcome, 'timeout-first-byte');
  assert.equal(other.requests.length, 0);
});

describe('the budget', () => {
  test('ends what would be a multiple of the load', async () => {
    await using s = await stand(breaks, { ejection: { maxFails: 1e9 } });
    s.answers[1] = breaks;
    const sent = 40;
    assert.equal(count(await s.asked(sent), '!'), sent);
    const requests = s.origins.reduce((sum, { requests }) => sum + requests.length, 0);
    assert.equal(requests, sent + alwaysGranted);
    assert.partialDeepStrictEqual(s.upstream.groupStats(), {
      retries: alwaysGranted,
      unaffordable: sent - alwaysGranted,
    });
  });

  test('is not spent by connections that are not taken', async () => {
    await using gone = await rawOrigin(() => undefined);
    const { address } = gone;
    await gone[Symbol.asyncDispose]();
    await using origin = await scriptedOrigin((_request, reply) => reply.send(200));
    const never = { balance: 'fallback', retryBudget: 0, clock: () => 0 } as const;
    await using upstream = testUpstream([address, origin.address], { ...never, ejection: { maxFails: 1e9 } });
    for (let i = 0; i < 30; i++) assert.equal((await send(upstream, { method: 'POST' })).outcome, '200 ');
    assert.partialDeepStrictEqual(upstream.groupStats(), { redials: 30, retries: 0, unaffordable: 0 });
  });
});

test('the record of the exchange says what was tried before', async () => {
  await using s = await stand(breaks);
  await using tier = await passingTier(s.upstream);
  assert.match(await rawExchange(tier.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'), /200 OK/);
  const [a, b] = s.origins.map(({ port }) => `127.0.0.1:${port}`);
  const [record] = tier.records;
  assert.equal(record?.why, `retry at ${b}: reset-before-head, app at ${a} closed the connection before it answered`);
});

test('unless told otherwise one retry is made, of a tenth of the requests, for no status', () => {
  const timeouts = { connectMs: 1, firstByteMs: 1, betweenBytesMs: 1 };
  const settings = settingsOf({ name: 'app', addresses: [{ kind: 'unix', path: '/a' }], timeouts });
  assert.partialDeepStrictEqual(settings, { retries: 1, retryBudget: 10, retryOn: [] });
  for (const wrong of [{ retries: -1 }, { retryBudget: -1 }, { queue: -1 }]) {
    assert.throws(() => settingsOf({ ...settings, ...wrong, probe: undefined as never }), RangeError);
  }
});
