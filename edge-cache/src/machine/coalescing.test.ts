import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Barrier } from '@trivet/kit/testing/barrier.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import type { ScriptedReply } from '@trivet/kit/testing/scripted-reply.ts';
import { edgeStand, numbered } from '../testing/stand.ts';

const fresh = ['Cache-Control', 'max-age=60'];
const gate = () => Promise.withResolvers<void>();
const times = <T>(n: number, make: (i: number) => T) => Array.from({ length: n }, (_, i) => make(i));
const waiting = (stand: { origin: { requests: unknown[] } }, n: number) =>
  eventually(() => assert.equal(stand.origin.requests.length, n));

test('[case 1] many simultaneous misses are one request to the origin, and all get the same bytes', async () => {
  const open = gate();
  await using stand = await edgeStand(async (_, reply) => {
    await open.promise;
    reply.send(200, fresh, 'x'.repeat(100_000));
  });
  const asked = times(50, () => stand.ask('/'));
  await stand.begun(50);
  open.resolve();
  const answers = await Promise.all(asked.map((one) => one.whole()));
  assert.equal(stand.origin.requests.length, 1);
  for (const { status, body } of answers) assert.deepEqual([status, body.length], [200, 100_000]);
  const said = answers.map((answer) => answer.cacheStatus).sort();
  assert.deepEqual(
    new Set(said),
    new Set(['edge-cache; fwd=uri-miss; stored', 'edge-cache; fwd=uri-miss; stored; collapsed']),
  );
  assert.equal(said.filter((text) => !text.includes('collapsed')).length, 1);
  assert.match((await stand.get('/')).cacheStatus, /^edge-cache; hit; ttl=60$/);
});

test('[case 2] [case 3] followers get the first bytes while the rest has not come, and one that joins late gets them all', async () => {
  const replies: ScriptedReply[] = [];
  const open = gate();
  await using stand = await edgeStand(async (_, reply) => {
    replies.push(reply);
    await open.promise;
    reply.head(200, fresh);
    await reply.write('first');
  });
  const early = times(3, () => stand.ask('/'));
  await waiting(stand, 1);
  open.resolve();
  for (const one of early) await eventually(() => assert.equal(one.received, 'first'));
  const late = stand.ask('/');
  await eventually(() => assert.equal(late.received, 'first'));
  assert.match((await late.head()).header('cache-status') ?? '', /collapsed/);
  assert.equal((await late.head()).header('age'), '0');
  replies[0]?.end(' last');
  for (const one of [...early, late]) assert.equal((await one.whole()).body, 'first last');
  assert.equal(stand.origin.requests.length, 1);
});

test('[case 4] when the origin fails before the head, all who wait share the one error', async () => {
  const open = gate();
  await using stand = await edgeStand(async (_, reply) => {
    await open.promise;
    reply.break();
  });
  const asked = times(10, () => stand.ask('/'));
  await stand.begun(10);
  open.resolve();
  for (const answer of await Promise.all(asked.map((one) => one.whole()))) {
    assert.equal(answer.status, 502);
    assert.match(answer.header('proxy-status') ?? '', /^edge-cache;error=connection_terminated/);
  }
  assert.equal(stand.origin.requests.length, 1);
  assert.equal(stand.edge.store.stats().entries, 0);
});

for (const [why, fields] of [
  ['set-cookie', [...fresh, 'Set-Cookie', 'a=b']],
  ['private', ['Cache-Control', 'private']],
  ['no-store', ['Cache-Control', 'no-store']],
  ['no-freshness', []],
] as const) {
  test(`[case 6] an answer that is ${why} is its asker’s alone: the others fetch at once, each for itself`, async () => {
    const open = gate();
    const all = new Barrier(9);
    let n = 0;
    await using stand = await edgeStand(async (_, reply) => {
      n += 1;
      const body = `answer ${n}`;
      if (n === 1) await open.promise;
      else {
        // Nobody is answered before all are here: they did not wait for each other.
        all.arrive();
        await all.passed;
      }
      reply.send(200, fields, body);
    });
    const asked = times(10, () => stand.ask('/'));
    await stand.begun(10);
    open.resolve();
    const answers = await Promise.all(asked.map((one) => one.whole()));
    assert.equal(new Set(answers.map(({ body }) => body)).size, 10);
    for (const { cacheStatus } of answers) assert.equal(cacheStatus, `edge-cache; fwd=uri-miss; detail="${why}"`);
    assert.equal(stand.edge.store.stats().entries, 0);
  });
}

test('[case 7] a key that is known to be uncacheable makes nobody wait, until an answer can be stored', async () => {
  let fields: readonly string[] = ['Cache-Control', 'private'];
  const hold = { on: false, ...gate() };
  let n = 0;
  await using stand = await edgeStand(async (_, reply) => {
    n += 1;
    const mine = n;
    if (hold.on) await hold.promise;
    reply.send(200, fields, `answer ${mine}`);
  });
  await stand.get('/');
  hold.on = true;
  const asked = times(3, () => stand.ask('/'));
  await waiting(stand, 4);
  fields = fresh;
  hold.resolve();
  hold.on = false;
  const bodies = await Promise.all(asked.map(async (one) => (await one.whole()).body));
  assert.equal(new Set(bodies).size, 3);
  assert.match((await stand.get('/')).cacheStatus, /hit/);
  assert.equal(stand.edge.uncacheable.size, 0);
});

test('what is known to be uncacheable is passed with its client’s range and conditions', async () => {
  await using stand = await edgeStand(numbered(() => ({ fields: ['Cache-Control', 'private'] })));
  await stand.get('/');
  const answer = await stand.get('/', { range: 'bytes=0-1' });
  assert.equal(answer.cacheStatus, 'edge-cache; fwd=uri-miss; detail="private"');
  assert.ok(stand.origin.requests[1]?.fields.includes('bytes=0-1'));
});

test('[case 8] an answer without a lifetime serves the questions that are asked together, and no later one', async () => {
  const open = gate();
  let n = 0;
  await using stand = await edgeStand(async (_, reply) => {
    n += 1;
    const mine = n;
    if (n === 1) await open.promise;
    reply.send(200, ['Cache-Control', 'max-age=0'], `answer ${mine}`);
  });
  const asked = times(5, () => stand.ask('/'));
  const withCookie = stand.ask('/', { headers: { cookie: 'a=b' } });
  await stand.begun(6);
  open.resolve();
  const bodies = await Promise.all(asked.map(async (one) => (await one.whole()).body));
  assert.deepEqual(new Set(bodies).size, 1);
  assert.equal((await withCookie.whole()).body, 'answer 2', 'cookies may mean somebody');
  assert.equal((await stand.get('/')).body, 'answer 3');
});

test('[case 9] [case 11] two variants are two fetches, and nobody waits for the wrong one longer than for its head', async () => {
  const open = gate();
  await using stand = await edgeStand(
    async (request, reply) => {
      const language = request.fields[request.fields.findIndex((name) => name.toLowerCase() === 'x-lang') + 1];
      if (language === 'de') await open.promise;
      reply.head(200, [...fresh, 'Vary', 'X-Lang']);
      await reply.write(`${language} `);
      if (language === 'de') await reply.closed;
      reply.end('end');
    },
    { startAt: 'head' },
  );
  const german = times(3, () => stand.ask('/', { headers: { 'x-lang': 'de' } }));
  await waiting(stand, 1);
  const english = times(3, () => stand.ask('/', { headers: { 'x-lang': 'en' } }));
  await stand.begun(6);
  open.resolve();
  for (const one of english) assert.equal((await one.whole()).body, 'en end');
  for (const one of german) await eventually(() => assert.equal(one.received, 'de '));
  assert.equal(stand.origin.requests.length, 2);
  for (const one of german) one.leave();
});

test('[case 10] where the selecting fields are known, another variant does not wait at all', async () => {
  const open = gate();
  await using stand = await edgeStand(async (request, reply) => {
    if (request.target === '/slow' || request.fields.includes('slow')) await open.promise;
    reply.send(200, ['Cache-Control', 'max-age=5', 'Vary', 'X-Kind'], 'answer');
  });
  await stand.get('/', { 'x-kind': 'known' });
  const slow = stand.ask('/', { headers: { 'x-kind': 'slow' } });
  await waiting(stand, 2);
  assert.equal((await stand.get('/', { 'x-kind': 'other' })).status, 200);
  open.resolve();
  assert.equal((await slow.whole()).status, 200);
});

test('a request with credentials and one without do not share a fetch', async () => {
  const open = gate();
  await using stand = await edgeStand(async (request, reply) => {
    await open.promise;
    reply.send(200, fresh, request.fields.includes('secret') ? 'mine' : 'everybody’s');
  });
  const anybody = stand.ask('/');
  await waiting(stand, 1);
  const somebody = stand.ask('/', { headers: { authorization: 'secret' } });
  await waiting(stand, 2);
  open.resolve();
  assert.match((await anybody.whole()).cacheStatus, /stored/);
  assert.equal((await somebody.whole()).body, 'mine');
  assert.equal((await stand.get('/', { authorization: 'secret' })).body, 'mine', 'nor a stored answer');
});
