import assert from 'node:assert/strict';
import { test } from 'node:test';
import { field } from '@trivet/kit/semantics/fields.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { edgeStand, numbered, type Stand } from '../testing/stand.ts';
import { purge } from './purger.ts';

const fresh = ['Cache-Control', 'max-age=60'];
const gate = () => Promise.withResolvers<void>();
const asked = (stand: Stand, n: number) => eventually(() => assert.equal(stand.origin.requests.length, n));
const everything = { selector: { by: 'all' }, soft: false, dryRun: false } as const;

/** An edge whose origin lets nothing go before the gate opens; answers carry their number. */
async function gated(fields: readonly string[], options = {}) {
  const open = gate();
  let n = 0;
  const stand = await edgeStand(async (_, reply) => {
    n += 1;
    const mine = n;
    if (mine === 1) await open.promise;
    reply.send(200, fields, `answer ${mine}`);
  }, options);
  return { stand, open };
}

test('[case 12] who has waited EDGE_COALESCE_WAIT for the fetch of another fetches for itself, and says so', async () => {
  const { stand, open } = await gated(fresh, { coalesceWait: 3000 });
  await using _ = stand;
  const leader = stand.ask('/');
  await asked(stand, 1);
  const follower = stand.ask('/');
  await stand.begun(2);
  stand.clock.advance(2999);
  assert.equal(stand.edge.counters.coalesceTimeouts, 0);
  stand.clock.advance(1);
  const own = await follower.whole();
  assert.deepEqual(
    [own.body, own.cacheStatus],
    ['answer 2', 'edge-cache; fwd=uri-miss; stored; detail="coalesce-wait"'],
  );
  assert.equal(stand.edge.counters.coalesceTimeouts, 1);
  open.resolve();
  assert.equal((await leader.whole()).body, 'answer 1', 'the other fetch goes on');
});

test('[case 12] a head that comes in time ends the wait, however long its body takes', async () => {
  const { stand, open } = await gated(fresh, { coalesceWait: 3000 });
  await using _ = stand;
  const both = [stand.ask('/'), stand.ask('/')];
  await stand.begun(2);
  open.resolve();
  for (const one of both) assert.equal((await one.whole()).body, 'answer 1');
  stand.clock.advance(60_000);
  assert.equal(stand.edge.counters.coalesceTimeouts, 0);
});

test('[case 12] all that a request waits for others, one after the other, counts together', async () => {
  const gates = [gate(), gate()];
  let n = 0;
  await using stand = await edgeStand(
    async (request, reply) => {
      const mine = n++;
      await gates[mine]?.promise;
      reply.send(200, [...fresh, 'Vary', 'X-Lang'], field(request.fields, 'x-lang') ?? '');
    },
    { coalesceWait: 3000 },
  );
  const german = stand.ask('/', { headers: { 'x-lang': 'de' } });
  await asked(stand, 1);
  const french = [stand.ask('/', { headers: { 'x-lang': 'fr' } }), stand.ask('/', { headers: { 'x-lang': 'fr' } })];
  await stand.begun(3);
  stand.clock.advance(2000);
  // It was German: one of the French asks, the other waits again.
  gates[0]?.resolve();
  await german.whole();
  await asked(stand, 2);
  stand.clock.advance(1000);
  await eventually(() => assert.equal(stand.edge.counters.coalesceTimeouts, 1));
  await asked(stand, 3);
  gates[1]?.resolve();
  for (const one of french) assert.equal((await one.whole()).body, 'fr');
});

test('[case 12] beyond EDGE_COALESCE_QUEUE a request is turned away at once, and counted', async () => {
  const { stand, open } = await gated(fresh, { coalesceQueue: 2 });
  await using _ = stand;
  const waiting = [stand.ask('/'), stand.ask('/'), stand.ask('/')];
  await stand.begun(3);
  const turnedAway = await stand.get('/');
  assert.deepEqual([turnedAway.status, turnedAway.header('retry-after')], [503, '1']);
  assert.match(turnedAway.header('proxy-status') ?? '', /^edge-cache;error=connection_limit_reached/);
  assert.equal(stand.edge.counters.coalesceQueueFull, 1);
  assert.equal((await stand.get('/other')).status, 200, 'other pages are fetched');
  open.resolve();
  for (const one of waiting) assert.equal((await one.whole()).body, 'answer 1');
});

test('[case 12] beyond it a stale answer stands in, where it may', async () => {
  const open = gate();
  let n = 0;
  await using stand = await edgeStand(
    async (_, reply) => {
      n += 1;
      if (n === 2) await open.promise;
      reply.send(200, ['Cache-Control', 'max-age=10'], `answer ${n}`);
    },
    { coalesceQueue: 0 },
  );
  await stand.get('/');
  stand.clock.advance(11_000);
  const leader = stand.ask('/');
  await asked(stand, 2);
  assert.equal((await stand.get('/')).cacheStatus, 'edge-cache; fwd=stale; ttl=-1; detail="stale-if-error"');
  open.resolve();
  assert.equal((await leader.whole()).body, 'answer 2');
});

for (const isVariant of [false, true]) {
  test(`[case 12] what was asked for first and comes last ${isVariant ? 'is stored beside another variant' : 'does not take the place of what came before it'}`, async () => {
    const open = gate();
    await using stand = await edgeStand(
      async (request, reply) => {
        const mine = stand.origin.requests.length;
        if (mine === 1) await open.promise;
        reply.send(
          200,
          [...fresh, ...(isVariant ? ['Vary', 'X-Lang'] : [])],
          `${mine} ${field(request.fields, 'x-lang')}`,
        );
      },
      { coalesceWait: 3000 },
    );
    const leader = stand.ask('/', { headers: { 'x-lang': 'de' } });
    await asked(stand, 1);
    const follower = stand.ask('/', { headers: { 'x-lang': 'en' } });
    await stand.begun(2);
    stand.clock.advance(3000);
    assert.equal((await follower.whole()).body, '2 en');
    open.resolve();
    assert.equal((await leader.whole()).body, '1 de');
    assert.equal((await stand.get('/', { 'x-lang': 'en' })).body, '2 en');
    assert.equal((await stand.get('/', { 'x-lang': 'de' })).body, isVariant ? '1 de' : '2 en');
    assert.equal(stand.origin.requests.length, 2);
  });
}

test('[case 15] a follower that leaves has no more time to run out', async () => {
  const { stand, open } = await gated(fresh, { coalesceWait: 3000 });
  await using _ = stand;
  const leader = stand.ask('/');
  await asked(stand, 1);
  const follower = stand.ask('/');
  await stand.begun(2);
  follower.leave();
  await eventually(() => assert.equal(stand.records.length, 1));
  stand.clock.advance(10_000);
  assert.equal(stand.edge.counters.coalesceTimeouts, 0);
  open.resolve();
  assert.equal((await leader.whole()).body, 'answer 1');
  assert.equal(stand.origin.requests.length, 1);
});

test('[case 5] purged while it is validated for many, an answer is asked for once more, by one of them for all', async () => {
  const open = gate();
  await using stand = await edgeStand(async (request, reply) => {
    if (field(request.fields, 'if-none-match') === undefined) {
      return reply.send(200, ['Cache-Control', 'max-age=10', 'ETag', '"a"'], `body ${stand.origin.requests.length}`);
    }
    await open.promise;
    reply.send(304, ['ETag', '"a"']);
  });
  await stand.get('/');
  stand.clock.advance(11_000);
  const all = Array.from({ length: 6 }, () => stand.ask('/'));
  await stand.begun(7);
  await asked(stand, 2);
  assert.equal(purge(stand.edge, everything), 1);
  open.resolve();
  const answers = await Promise.all(all.map((one) => one.whole()));
  assert.deepEqual(new Set(answers.map(({ body }) => body)), new Set(['body 3']));
  assert.equal(answers.filter(({ cacheStatus }) => cacheStatus.includes('collapsed')).length, 5);
  assert.equal(stand.origin.requests.length, 3);
});

test('[case 5] who waited before a purge shares what was fetched for them all the same; it is not stored', async () => {
  const { stand, open } = await gated(fresh);
  await using _ = stand;
  const all = Array.from({ length: 4 }, () => stand.ask('/'));
  await stand.begun(4);
  purge(stand.edge, everything);
  open.resolve();
  for (const one of all) assert.equal((await one.whole()).body, 'answer 1');
  assert.equal((await stand.get('/')).cacheStatus, 'edge-cache; fwd=uri-miss; stored');
  assert.equal(stand.origin.requests.length, 2);
});

test('[case 7] a key that is known to be uncacheable is asked for without conditions of the edge', async () => {
  await using stand = await edgeStand(
    numbered((n) => ({
      fields: ['ETag', '"a"', 'Cache-Control', n === 1 ? 'max-age=10' : 'private'],
    })),
  );
  await stand.get('/');
  stand.clock.advance(11_000);
  await stand.get('/');
  await stand.get('/');
  const conditions = stand.origin.requests.map(({ fields }) => field(fields, 'if-none-match'));
  assert.deepEqual(conditions, [undefined, '"a"', undefined]);
});

test('[case 3] who limits the age of its answer does not join one that is older', async () => {
  const open = gate();
  let n = 0;
  await using stand = await edgeStand(async (_, reply) => {
    n += 1;
    if (n > 1) return reply.send(200, fresh, 'second');
    reply.head(200, fresh);
    await reply.write('first ');
    await open.promise;
    reply.end('end');
  });
  const early = stand.ask('/');
  await eventually(() => assert.equal(early.received, 'first '));
  stand.clock.advance(9000);
  assert.equal((await stand.get('/', { 'cache-control': 'max-age=5' })).body, 'second');
  open.resolve();
  assert.equal((await early.whole()).body, 'first end');
});
