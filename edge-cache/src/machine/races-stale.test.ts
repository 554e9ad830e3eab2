import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatHttpDate } from '@trivet/kit/semantics/date.ts';
import { field } from '@trivet/kit/semantics/fields.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { edgeStand, type Stand } from '../testing/stand.ts';

const swr = ['Cache-Control', 'max-age=10, stale-while-revalidate=60'];
const gate = () => Promise.withResolvers<void>();
const asked = (stand: Stand, n: number) => eventually(() => assert.equal(stand.origin.requests.length, n));

test('[case 23] a refresh for which the origin has no connection left harms nobody', async () => {
  const open = gate();
  await using stand = await edgeStand(
    async ({ target }, reply) => {
      if (target === '/slow') await open.promise;
      reply.send(200, swr, target);
    },
    { connections: 1, queue: 0 },
  );
  await stand.get('/');
  const slow = stand.ask('/slow');
  await asked(stand, 2);
  stand.clock.advance(11_000);
  const stale = await stand.get('/');
  assert.deepEqual([stale.status, stale.body], [200, '/']);
  assert.match(stale.cacheStatus, /stale-while-revalidate/);
  assert.deepEqual([stand.edge.counters.failedRefreshes, stand.origin.requests.length], [1, 2]);
  open.resolve();
  await slow.whole();
});

for (const framing of ['with a length', 'in chunks']) {
  test(`[case 56] the refresh behind a stale HEAD is a GET, and what comes ${framing} is whole`, async () => {
    let n = 0;
    await using stand = await edgeStand((request, reply) => {
      n += 1;
      const body = request.method === 'HEAD' ? '' : `answer ${n}`;
      if (framing === 'with a length') return reply.send(200, swr, body);
      reply.head(200, swr);
      reply.end(body);
    });
    await stand.get('/');
    stand.clock.advance(11_000);
    assert.match((await stand.send('HEAD', '/')).cacheStatus, /stale-while-revalidate/);
    await eventually(async () => assert.equal((await stand.get('/')).body, 'answer 2'));
    assert.deepEqual(
      stand.origin.requests.map(({ method }) => method),
      ['GET', 'GET'],
    );
  });
}

test('[case 56] a HEAD that misses leaves nothing that a GET could be answered with', async () => {
  await using stand = await edgeStand(({ method }, reply) => {
    reply.head(200, ['Cache-Control', 'max-age=60']);
    reply.end(method === 'HEAD' ? '' : 'body');
  });
  await stand.send('HEAD', '/');
  assert.equal((await stand.get('/')).body, 'body');
});

test('[case 25] a 304 is not put over a body that another fetch has brought meanwhile', async () => {
  const open = gate();
  let n = 0;
  await using stand = await edgeStand(async (request, reply) => {
    n += 1;
    const head = (version: number) => [
      'Cache-Control',
      'max-age=10',
      'ETag',
      `"${version}"`,
      'X-Version',
      `${version}`,
    ];
    if (n === 1) return reply.send(200, head(1), 'version 1');
    if (n > 2) return reply.send(200, head(2), 'version 2');
    assert.equal(field(request.fields, 'if-none-match'), '"1"');
    await open.promise;
    reply.send(304, head(1));
  });
  await stand.get('/');
  stand.clock.advance(11_000);
  const validating = stand.ask('/');
  await asked(stand, 2);
  assert.equal((await stand.get('/', { 'cache-control': 'no-cache' })).body, 'version 2');
  open.resolve();
  for (const answer of [await validating.whole(), await stand.get('/')]) {
    assert.deepEqual([answer.body, answer.header('etag'), answer.header('x-version')], ['version 2', '"2"', '2']);
  }
});

test('[case 25] two 304s for the same body renew it one after the other', async () => {
  const open = gate();
  let n = 0;
  await using stand = await edgeStand(async (_, reply) => {
    n += 1;
    const mine = n;
    const fields = ['Cache-Control', 'max-age=10', 'ETag', '"a"', 'X-N', `${mine}`];
    if (mine === 1) return reply.send(200, fields, 'body');
    if (mine === 2) await open.promise;
    reply.send(304, fields);
  });
  await stand.get('/');
  stand.clock.advance(11_000);
  const first = stand.ask('/');
  await asked(stand, 2);
  assert.equal((await stand.get('/', { 'cache-control': 'no-cache' })).body, 'body');
  open.resolve();
  assert.match((await first.whole()).cacheStatus, /fwd-status=304; stored/);
  assert.equal(stand.origin.requests.length, 3);
});

test('[case 27] what is no success is not validated, and a 304 to it is an error', async () => {
  let n = 0;
  await using stand = await edgeStand((_, reply) => {
    n += 1;
    reply.send(n === 1 ? 404 : 304, ['Cache-Control', 'max-age=10, must-revalidate', 'ETag', '"a"'], 'gone');
  });
  assert.equal((await stand.get('/')).status, 404);
  stand.clock.advance(11_000);
  assert.equal((await stand.get('/')).status, 502);
  assert.equal(field(stand.origin.requests[1]?.fields ?? [], 'if-none-match'), undefined);
});

test('[case 29] when an answer that went stale while it streams breaks off, what was fetched beside it stays', async () => {
  const breaking = gate();
  let n = 0;
  await using stand = await edgeStand(async (_, reply) => {
    n += 1;
    const fields = ['Cache-Control', 'max-age=10', 'ETag', `"${n}"`];
    if (n > 1) return reply.send(200, fields, 'second');
    reply.head(200, fields);
    await reply.write('first ');
    await breaking.promise;
    reply.break();
  });
  const early = stand.ask('/');
  await eventually(() => assert.equal(early.received, 'first '));
  stand.clock.advance(11_000);
  assert.equal((await stand.get('/')).body, 'second');
  breaking.resolve();
  assert.equal(await early.outcome, 'broken');
  assert.match((await stand.get('/')).cacheStatus, /hit/);
  assert.equal(field(stand.origin.requests[1]?.fields ?? [], 'if-none-match'), undefined);
});

test('[case 31] a 304 carries what renews the client’s copy, and nothing of the body', async () => {
  const date = formatHttpDate(Date.UTC(2026, 0, 1));
  const fields = ['Cache-Control', 'max-age=60', 'ETag', '"a"', 'Vary', 'X', 'Date', date, 'Expires', date];
  await using stand = await edgeStand((_, reply) => reply.send(200, [...fields, 'Content-Language', 'de'], 'body'));
  await stand.get('/');
  const { status, header, body } = await stand.get('/', { 'if-none-match': '"x", W/"a"' });
  assert.deepEqual([status, body], [304, '']);
  for (let i = 0; i < fields.length; i += 2) assert.equal(header(fields[i] ?? ''), fields[i + 1]);
  for (const name of ['content-length', 'content-language', 'transfer-encoding']) assert.equal(header(name), undefined);
});

test('[case 34] the time that a slow origin takes counts as age, and is taken from the lifetime', async () => {
  const open = gate();
  await using stand = await edgeStand(async (_, reply) => {
    await open.promise;
    reply.send(200, ['Cache-Control', 'max-age=10', 'Age', '2'], 'slow');
  });
  const asking = stand.ask('/');
  await asked(stand, 1);
  stand.clock.advance(5000);
  open.resolve();
  await asking.whole();
  const hit = await stand.get('/');
  assert.deepEqual([hit.header('age'), hit.cacheStatus], ['7', 'edge-cache; hit; ttl=3']);
  for (let second = 0; second < 3; second++) {
    assert.ok(Number((await stand.get('/')).header('age')) < 10, 'while fresh, Age stays below the lifetime');
    stand.clock.advance(1000);
  }
  assert.match((await stand.get('/')).cacheStatus, /fwd=stale/);
});
