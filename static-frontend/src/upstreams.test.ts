import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { Barrier } from '@trivet/kit/testing/barrier.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import type { UpstreamOptions } from './define-site.ts';
import { named, siteOf, upstreamFront, whoAnswers } from './testing/upstream-front.ts';

const sorted = (text: string) => [...text].toSorted().join('');

describe('balance', () => {
  const table: [balance: UpstreamOptions['balance'], weight: number, answers: string][] = [
    ['round-robin', 1, 'aaaabbbb'],
    ['round-robin', 3, 'aaaaaabb'],
    ['fallback', 1, 'aaaaaaaa'],
  ];
  for (const [balance, weight, answers] of table) {
    test(`${balance}, with a weight of ${weight} to 1`, async () => {
      await using a = await named('a');
      await using b = await named('b');
      await using front = await upstreamFront(
        siteOf({ ...(balance && { balance }), addresses: [{ address: a.url, weight }, b.url] }),
      );
      assert.equal(sorted(await whoAnswers(front, 8)), answers);
    });
  }

  for (const balance of ['least-connections', 'two-choices'] as const) {
    test(`${balance} spares who is busy`, async () => {
      await using stack = new AsyncDisposableStack();
      const arrived = new Barrier(1);
      const answer = Promise.withResolvers<void>();
      const held: string[] = [];
      const origins = ['a', 'b'].map((name) =>
        named(name, async (request, reply) => {
          if (request.target === '/slow') {
            held.push(name);
            arrived.arrive();
            await answer.promise;
          }
          reply.send(200, [], name);
        }),
      );
      const [a, b] = await Promise.all(origins.map(async (origin) => stack.use(await origin)));
      await using front = await upstreamFront(siteOf({ balance, addresses: [a?.url ?? '', b?.url ?? ''] }));
      // Both are known to answer.
      await whoAnswers(front, 2);
      const slow = front.ask('/slow');
      await arrived.passed;
      const other = held[0] === 'a' ? 'b' : 'a';
      const answers = await whoAnswers(front, 4);
      answer.resolve();
      assert.equal((await slow).body, held[0]);
      assert.equal(answers, other.repeat(4));
    });
  }

  test('peak-ewma asks who answers fastest', async () => {
    await using a = await named('a', async (_, reply) => {
      await wait(100);
      reply.send(200, [], 'a');
    });
    await using b = await named('b');
    await using front = await upstreamFront(siteOf({ balance: 'peak-ewma', addresses: [a.url, b.url] }));
    assert.equal(sorted(await whoAnswers(front, 2)), 'ab');
    assert.equal(await whoAnswers(front, 4), 'bbbb');
  });

  test('random asks everybody sooner or later', async () => {
    await using a = await named('a');
    await using b = await named('b');
    await using front = await upstreamFront(siteOf({ balance: 'random', addresses: [a.url, b.url] }));
    assert.equal(new Set(await whoAnswers(front, 40)).size, 2);
  });
});

test('a backup is asked when no other can be', async () => {
  await using b = await named('b');
  await using front = await (async () => {
    await using a = await named('a');
    const opened = await upstreamFront(siteOf({ addresses: [{ address: b.url, backup: true }, a.url] }));
    assert.equal(await whoAnswers(opened, 4), 'aaaa');
    return opened;
  })();
  assert.equal(await whoAnswers(front, 3), 'bbb');
});

test('who is down is not asked, and when all are it is a 503', async () => {
  await using a = await named('a');
  await using b = await named('b');
  const down = { address: a.url, down: true };
  await using front = await upstreamFront(siteOf({ addresses: [down, b.url] }));
  assert.equal(await whoAnswers(front, 4), 'bbbb');
  await using none = await upstreamFront(siteOf({ addresses: [down] }));
  assert.equal(await whoAnswers(none, 1), '(503)');
});

describe('who is beyond the connections of an address', () => {
  const table: [what: string, options: UpstreamOptions, maxConnections: number | undefined][] = [
    ['is refused where nobody may wait', { maxConnections: 1, queue: 0 }, undefined],
    ['is refused by the limit of the address, too', { maxConnections: 9, queue: 0 }, 1],
    ['is refused behind queueWait', { maxConnections: 1, queue: 5, queueWait: '30ms' }, undefined],
  ];
  for (const [what, options, maxConnections] of table) {
    test(what, async () => {
      const arrived = new Barrier(1);
      const answer = Promise.withResolvers<void>();
      await using a = await named('a', async (_, reply) => {
        arrived.arrive();
        await answer.promise;
        reply.send(200, [], 'a');
      });
      const address = { address: a.url, ...(maxConnections !== undefined && { maxConnections }) };
      await using front = await upstreamFront(siteOf({ ...options, addresses: [address] }));
      const first = front.ask('/x');
      await arrived.passed;
      assert.match(await whoAnswers(front, 1), options.queue === 0 ? /^\(503\)$/ : /^\(504\)$/);
      answer.resolve();
      assert.equal((await first).body, 'a');
      assert.equal(a.requests.length, 1);
    });
  }

  test('waits for its turn where it may', async () => {
    const arrived = new Barrier(1);
    const answer = Promise.withResolvers<void>();
    await using a = await named('a', async (_, reply) => {
      arrived.arrive();
      await answer.promise;
      reply.send(200, [], 'a');
    });
    await using front = await upstreamFront(siteOf({ addresses: a.url, maxConnections: 1, queue: 5 }));
    const asked = [front.ask('/x'), front.ask('/x')];
    await arrived.passed;
    answer.resolve();
    assert.deepEqual(
      (await Promise.all(asked)).map(({ body }) => body),
      ['a', 'a'],
    );
    assert.equal(a.connections, 1);
  });
});

test('an address whose probes fail is not asked, until they are good again', async () => {
  let status = 500;
  await using a = await named('a', (request, reply) => reply.send(request.target === '/up' ? status : 200, [], 'a'));
  await using b = await named('b');
  const probe = { path: '/up', interval: '10ms', window: 2, threshold: 1, host: 'probe.test' };
  await using front = await upstreamFront(siteOf({ addresses: [a.url, b.url], balance: 'fallback', probe }));
  await eventually(async () => assert.equal(await whoAnswers(front, 2), 'bb'));
  const asked = a.requests.find(({ target }) => target === '/up');
  assert.equal(asked?.fields[asked.fields.findIndex((name) => /^host$/i.test(name)) + 1], 'probe.test');
  status = 200;
  await eventually(async () => assert.equal(await whoAnswers(front, 2), 'aa'));
});

describe('an address that breaks a request', () => {
  const table: [what: string, options: UpstreamOptions, answers: string][] = [
    ['is asked last from then on', {}, 'abbb'],
    ['is asked until it has failed as often as it may', { maxFails: 2 }, 'aabb'],
    ['is asked all the same where nothing is counted', { maxFails: 0 }, 'aaaa'],
  ];
  for (const [what, options, answers] of table) {
    test(what, async () => {
      let asked = '';
      await using a = await named('a', (_, reply) => {
        asked += 'a';
        reply.break();
      });
      await using b = await named('b', (_, reply) => {
        asked += 'b';
        reply.send(200, [], 'b');
      });
      const site = siteOf({ addresses: [a.url, b.url], balance: 'fallback', ...options });
      await using front = await upstreamFront(site);
      // Posted: that is sent once, whatever becomes of it.
      for (let i = 0; i < 4; i++) await front.ask('/x', ['Content-Length', '0'], 'POST');
      assert.equal(asked, answers);
    });
  }

  test('is asked again behind failTimeout', async () => {
    let isWell = false;
    await using a = await named('a', (_, reply) => (isWell ? reply.send(200, [], 'a') : reply.break()));
    await using b = await named('b');
    const site = siteOf({ addresses: [a.url, b.url], balance: 'fallback', failTimeout: '40ms' });
    await using front = await upstreamFront(site);
    await front.ask('/x', ['Content-Length', '0'], 'POST');
    isWell = true;
    await eventually(async () => assert.equal(await whoAnswers(front, 1), 'a'));
  });
});

test('timeouts of an upstream stand above the settings', async () => {
  await using a = await named('a', async (_, reply) => await reply.closed);
  const site = siteOf({ addresses: a.url, timeouts: { firstByte: '30ms' } });
  await using front = await upstreamFront(site, { timeouts: { firstByteMs: 60_000 } });
  assert.equal(await whoAnswers(front, 1), '(504)');
});

test('an idle connection is closed behind `idle`', async () => {
  await using a = await named('a');
  await using front = await upstreamFront(siteOf({ addresses: a.url, idle: '300ms' }));
  const open = () => front.upstreams.byName.get('app')?.stats()[0]?.connections;
  assert.equal(await whoAnswers(front, 1), 'a');
  assert.equal(open(), 1);
  // Sooner than by what node:http asks for, 5 s.
  await eventually(() => assert.equal(open(), 0), 2000);
});

test('the statistics have each upstream by its name', async () => {
  await using a = await named('a');
  await using front = await upstreamFront(siteOf({}, { upstreams: { api: { addresses: a.url } } }));
  const stats = front.upstreams.stats();
  assert.partialDeepStrictEqual(stats, { app: { tunnels: 0 }, api: { addresses: [{ standing: 'free' }], tunnels: 0 } });
});
