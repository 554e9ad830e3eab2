import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import type { ScriptedReply } from '@trivet/kit/testing/scripted-reply.ts';
import { type Answer, edgeStand, numbered, type StandOptions } from '../testing/stand.ts';

const swr = ['Cache-Control', 'max-age=10, stale-while-revalidate=30'];
const gate = () => Promise.withResolvers<void>();

test('[case 21] in its grace a stale answer is given at once, with one refresh behind it for all', async () => {
  const open = gate();
  let n = 0;
  await using stand = await edgeStand(async (_, reply) => {
    n += 1;
    const mine = n;
    if (mine > 1) await open.promise;
    reply.send(200, swr, `answer ${mine}`);
  });
  await stand.get('/');
  stand.clock.advance(12_000);
  for (let i = 0; i < 5; i++) {
    const stale = await stand.get('/');
    assert.equal(stale.body, 'answer 1');
    assert.equal(stale.cacheStatus, 'edge-cache; hit; ttl=-2; detail="stale-while-revalidate"');
    assert.equal(stale.header('age'), '12');
  }
  await eventually(() => assert.equal(stand.origin.requests.length, 2));
  open.resolve();
  await eventually(() => assert.equal(stand.edge.flights.size, 0));
  assert.equal((await stand.get('/')).body, 'answer 2');
  assert.equal(stand.origin.requests.length, 2);
  assert.equal(stand.edge.counters.refreshes, 1);
});

test('EDGE_GRACE grants it where the response does not speak of it', async () => {
  await using stand = await edgeStand(
    numbered(() => ({ fields: ['Cache-Control', 'max-age=10'] })),
    { grace: 20_000 },
  );
  await stand.get('/');
  stand.clock.advance(11_000);
  assert.equal((await stand.get('/')).body, 'answer 1');
  await eventually(async () => assert.equal((await stand.get('/')).body, 'answer 2'));
});

for (const [what, second] of [
  ['an error', { status: 500 }],
  ['an error with a lifetime', { status: 503, fields: ['Cache-Control', 'max-age=100'] }],
  ['501', { status: 501 }],
] as const satisfies readonly (readonly [string, Answer])[]) {
  test(`[case 22] a refresh that brings ${what} never replaces the stale answer, and is not tried again at once`, async () => {
    await using stand = await edgeStand(numbered((n) => (n === 1 ? { fields: swr } : second)));
    await stand.get('/');
    stand.clock.advance(11_000);
    assert.equal((await stand.get('/')).body, 'answer 1');
    await eventually(() => assert.equal(stand.edge.counters.failedRefreshes, 1));
    assert.equal((await stand.get('/')).body, 'answer 1');
    assert.equal(stand.origin.requests.length, 2);
    stand.clock.advance(1000);
    assert.equal((await stand.get('/')).body, 'answer 1');
    await eventually(() => assert.equal(stand.origin.requests.length, 3));
  });
}

test('a refresh that finds the answer private takes the stale one away', async () => {
  await using stand = await edgeStand(numbered((n) => ({ fields: n === 1 ? swr : ['Cache-Control', 'private'] })));
  await stand.get('/');
  stand.clock.advance(11_000);
  assert.equal((await stand.get('/')).body, 'answer 1');
  await eventually(() => assert.equal(stand.edge.store.stats().entries, 0));
  assert.equal((await stand.get('/')).body, 'answer 3');
});

const failures: readonly [
  what: string,
  fail: (reply: ScriptedReply) => void,
  fwdStatus: string,
  options?: StandOptions,
][] = [
  ['drops the connection', (reply) => reply.break(), ''],
  ['answers 500', (reply) => reply.send(500), '; fwd-status=500'],
  ['answers 502', (reply) => reply.send(502), '; fwd-status=502'],
  ['answers 503', (reply) => reply.send(503, ['Cache-Control', 'max-age=9']), '; fwd-status=503'],
  ['answers 504', (reply) => reply.send(504), '; fwd-status=504'],
  ['does not answer in time', () => undefined, '', { firstByteMs: 100 }],
];
for (const [what, fail, fwdStatus, options] of failures) {
  test(`when the origin ${what}, the stale answer stands in`, async () => {
    let n = 0;
    await using stand = await edgeStand((_, reply) => {
      n += 1;
      if (n === 1) reply.send(200, ['Cache-Control', 'max-age=10'], 'good');
      else fail(reply);
    }, options);
    await stand.get('/');
    stand.clock.advance(20_000);
    const asked = Array.from({ length: 3 }, () => stand.ask('/'));
    for (const one of asked) {
      const { body, status, cacheStatus } = await one.whole();
      assert.deepEqual([status, body], [200, 'good']);
      assert.match(cacheStatus, /ttl=-10; detail="stale-if-error"$/);
    }
    // A reused connection that dies before the answer is tried once more; that is the upstream's business.
    assert.ok(n <= 3, 'one fetch for all');
    const before = n;
    stand.clock.advance(31_000);
    assert.match(
      (await stand.get('/')).cacheStatus,
      new RegExp(`^edge-cache; fwd=stale${fwdStatus}; ttl=-41; detail="stale-if-error"$`),
    );
    assert.ok(n > before, 'and another after a while');
  });
}

test('[case 22] when the origin refuses connections, the stale answer stands in until its time on errors is over', async () => {
  await using stand = await edgeStand(numbered(() => ({ fields: ['Cache-Control', 'max-age=10'] })));
  await stand.get('/');
  await stand.origin[Symbol.asyncDispose]();
  stand.clock.advance(10_000 + 3_599_000);
  assert.equal((await stand.get('/')).body, 'answer 1');
  stand.clock.advance(2000);
  const over = await stand.get('/');
  assert.equal(over.status, 503);
  assert.ok(over.header('retry-after'));
  assert.match(over.header('proxy-status') ?? '', /connection_refused/);
});

test('the response’s own stale-if-error wins over the setting', async () => {
  const fields = ['Cache-Control', 'max-age=10, stale-if-error=5'];
  await using stand = await edgeStand(numbered((n) => (n === 1 ? { fields } : { status: 500 })));
  await stand.get('/');
  stand.clock.advance(14_000);
  assert.equal((await stand.get('/')).status, 200);
  stand.clock.advance(2000);
  assert.equal((await stand.get('/')).status, 500);
});

for (const directive of ['must-revalidate', 'proxy-revalidate', 's-maxage=10', 'no-cache']) {
  test(`[case 33] ${directive} is never answered stale`, async () => {
    const fields = [
      'Cache-Control',
      `max-age=10, ${directive}, stale-while-revalidate=100, stale-if-error=100`,
      'ETag',
      '"a"',
    ];
    await using stand = await edgeStand(
      numbered((n) => (n === 1 ? { fields } : { status: 503 })),
      { grace: 60_000 },
    );
    await stand.get('/');
    stand.clock.advance(11_000);
    assert.equal((await stand.get('/')).status, 503);
  });
}

test('an origin that is well again is asked again', async () => {
  let isWell = true;
  await using stand = await edgeStand(
    numbered(() => (isWell ? { fields: ['Cache-Control', 'max-age=10'] } : { status: 503 })),
  );
  await stand.get('/');
  isWell = false;
  stand.clock.advance(11_000);
  assert.equal((await stand.get('/')).body, 'answer 1');
  isWell = true;
  assert.equal((await stand.get('/')).cacheStatus, 'edge-cache; hit; ttl=-1; detail="stale-if-error"');
  stand.clock.advance(1000);
  assert.equal((await stand.get('/')).body, 'answer 3');
});

test('a HEAD gets the stale answer too, and a failing origin answers it with the stale head', async () => {
  await using stand = await edgeStand(
    numbered((n) => (n === 1 ? { fields: ['Cache-Control', 'max-age=10'] } : { status: 503 })),
  );
  await stand.get('/');
  stand.clock.advance(11_000);
  const head = await stand.send('HEAD', '/');
  assert.deepEqual([head.status, head.body, head.header('content-length')], [200, '', '8']);
});

test('evicted while it is being refreshed, a stale answer stands in all the same', async () => {
  const open = gate();
  await using stand = await edgeStand(
    async ({ target }, reply) => {
      if (target !== '/') return reply.send(200, ['Cache-Control', 'max-age=10'], 'x'.repeat(20_000));
      if (stand.origin.requests.length === 1) return reply.send(200, ['Cache-Control', 'max-age=10'], 'good');
      await open.promise;
      reply.send(503);
    },
    { storeMemory: 50_000 },
  );
  await stand.get('/');
  stand.clock.advance(11_000);
  const waiting = stand.ask('/');
  await stand.begun(2);
  for (const path of ['/1', '/2', '/3', '/4']) await stand.get(path);
  open.resolve();
  const { body, cacheStatus } = await waiting.whole();
  assert.deepEqual(
    [body, cacheStatus],
    ['good', 'edge-cache; fwd=stale; fwd-status=503; ttl=-1; detail="stale-if-error"'],
  );
  await eventually(() => assert.equal(stand.edge.store.stats().reservedBytes, 0));
});

test('EDGE_GRACE is not for what the origin never calls fresh', async () => {
  const never = numbered(() => ({ fields: ['Cache-Control', 'max-age=0'] }));
  await using stand = await edgeStand(never, { grace: 60_000 });
  await stand.get('/');
  stand.clock.advance(1000);
  const second = await stand.get('/');
  assert.deepEqual([second.body, second.cacheStatus], ['answer 2', 'edge-cache; fwd=stale; stored']);
});
