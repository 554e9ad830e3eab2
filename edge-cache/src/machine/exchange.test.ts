import assert from 'node:assert/strict';
import { test } from 'node:test';
import { field, lines } from '@trivet/kit/semantics/fields.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { edgeStand, numbered } from '../testing/stand.ts';

const fresh = ['Cache-Control', 'max-age=60'];

test('every answer says what it is: age, way, cache, id and time', async () => {
  const upstream = [
    ...fresh,
    ...['Age', '7', 'Via', '1.1 static-frontend', 'Cache-Status', 'other; hit'],
    ...[
      'Server-Timing',
      'front;dur=1',
      'X-Request-Id',
      'theirs',
      'Surrogate-Control',
      'max-age=90',
      'CDN-Cache-Control',
      'max-age=80',
    ],
  ];
  await using stand = await edgeStand(numbered(() => ({ fields: upstream })));
  const miss = await stand.get('/');
  assert.equal(miss.header('age'), '7');
  assert.equal(miss.header('via'), '1.1 static-frontend, 1.1 edge-cache');
  assert.equal(miss.cacheStatus, 'other; hit, edge-cache; fwd=uri-miss; stored');
  assert.match(miss.header('server-timing') ?? '', /^front;dur=1, edge;dur=[\d.]+$/);
  assert.match(miss.header('x-request-id') ?? '', /^[0-9a-f-]{32,36}$/);
  assert.equal(miss.header('surrogate-control'), undefined);
  assert.equal(miss.header('cdn-cache-control'), 'max-age=80');
  stand.clock.advance(2500);
  const hit = await stand.get('/');
  assert.equal(hit.header('age'), '9');
  assert.equal(hit.header('via'), '1.1 static-frontend, 1.1 edge-cache');
  assert.equal(hit.cacheStatus, 'other; hit, edge-cache; hit; ttl=71');
  assert.match(hit.header('server-timing') ?? '', /^edge;dur=[\d.]+$/);
  assert.notEqual(hit.header('x-request-id'), miss.header('x-request-id'));
  assert.equal(hit.header('surrogate-control'), undefined);
  assert.equal(hit.header('date'), miss.header('date'));
  const passed = await stand.send('POST', '/', { body: 'x' });
  assert.equal(passed.cacheStatus, 'other; hit, edge-cache; fwd=method');
  assert.equal(passed.header('via'), '1.1 static-frontend, 1.1 edge-cache');
});

test('the origin is told who asked, by the same id, and not what belongs to the connection', async () => {
  await using stand = await edgeStand(numbered(() => ({ fields: fresh })));
  const answer = await stand.get('/a?b', {
    te: 'trailers',
    connection: 'x-hop',
    'x-hop': '1',
    'x-forwarded-for': '9.9.9.9',
  });
  const [request] = stand.origin.requests;
  const fields = request?.fields ?? [];
  assert.equal(request?.target, '/a?b');
  assert.equal(field(fields, 'x-request-id'), answer.header('x-request-id'));
  assert.equal(field(fields, 'x-forwarded-for'), '127.0.0.1');
  assert.equal(field(fields, 'via'), '1.1 edge-cache');
  assert.equal(field(fields, 'x-hop'), undefined);
  assert.equal(field(fields, 'host'), `127.0.0.1:${stand.port}`);
  assert.equal(field(fields, 'surrogate-capability'), 'edge-cache="Surrogate/1.0 ESI/1.0"');
  assert.equal(lines(fields, 'host').length, 1);
});

test('a request id is believed of a trusted peer only', async () => {
  for (const trusted of [true, false]) {
    await using stand = await edgeStand(
      numbered(() => ({})),
      { trusted },
    );
    const { header } = await stand.get('/', { 'x-request-id': 'given-by-the-client' });
    assert.equal(header('x-request-id') === 'given-by-the-client', trusted);
  }
});

for (const [setting, from, isHonoured] of [
  ['honour', '10.0.0.0/8', true],
  ['ignore', '127.0.0.1', false],
  ['trusted', '127.0.0.1', true],
  ['trusted', '10.0.0.0/8', false],
] as const) {
  test(`with EDGE_CLIENT_DIRECTIVES=${setting} and EDGE_PURGE_FROM=${from}, no-cache is honoured: ${isHonoured}`, async () => {
    await using stand = await edgeStand(
      numbered(() => ({ fields: fresh })),
      {
        clientDirectives: setting,
        purgeFrom: (address) => from === '127.0.0.1' && address === '127.0.0.1',
      },
    );
    await stand.get('/', { 'cache-control': 'max-age=9' });
    assert.equal(field(stand.origin.requests[0]?.fields ?? [], 'cache-control'), isHonoured ? 'max-age=9' : undefined);
    for (const headers of [{ 'cache-control': 'no-cache' }, { pragma: 'no-cache' }]) {
      const answer = await stand.get('/', headers);
      assert.match(answer.cacheStatus, isHonoured ? /^edge-cache; fwd=request; stored$/ : /hit/);
    }
    const only = await stand.get('/nowhere', { 'cache-control': 'only-if-cached' });
    assert.equal(only.status, isHonoured ? 504 : 200);
  });
}

test('only-if-cached without an answer is a bare 504, and nothing is asked', async () => {
  await using stand = await edgeStand(numbered(() => ({ fields: fresh })));
  const answer = await stand.get('/', { 'cache-control': 'only-if-cached' });
  assert.deepEqual([answer.status, answer.body, answer.header('proxy-status')], [504, '', undefined]);
  assert.equal(answer.cacheStatus, 'edge-cache; detail="only-if-cached"');
  assert.equal(stand.origin.requests.length, 0);
  await stand.get('/');
  assert.equal((await stand.get('/', { 'cache-control': 'only-if-cached' })).status, 200);
});

test('a request that says no-store leaves nothing behind', async () => {
  await using stand = await edgeStand(numbered(() => ({ fields: fresh })));
  const answer = await stand.get('/', { 'cache-control': 'no-store' });
  assert.equal(answer.cacheStatus, 'edge-cache; fwd=uri-miss; detail="request-no-store"');
  assert.equal(stand.edge.store.stats().entries, 0);
  assert.equal(stand.edge.uncacheable.size, 0);
});

test('hosts are apart, their spellings are not', async () => {
  await using stand = await edgeStand(numbered(() => ({ fields: fresh })));
  const of = async (host: string) => (await stand.get('/', { host })).body;
  assert.equal(await of('a.example'), 'answer 1');
  assert.equal(await of('b.example'), 'answer 2');
  assert.equal(await of('A.example:80'), 'answer 1');
  assert.equal(await of('a.example:8080'), 'answer 3');
});

test('the log has one line for each exchange, with its trail', async () => {
  await using stand = await edgeStand(numbered(() => ({ fields: fresh })));
  await stand.get('/');
  await stand.get('/');
  await stand.send('POST', '/');
  await stand.send('PURGE', '/');
  await eventually(() => assert.equal(stand.records.length, 4));
  assert.deepEqual(
    stand.records.map(({ trail, cache }) => [trail?.join(' '), cache]),
    [
      ['receive lookup fetch deliver', 'miss'],
      ['receive lookup deliver', 'hit'],
      ['receive pass', 'pass'],
      ['receive purge', 'synth'],
    ],
  );
});

test('what was stale when it came and is of no use later is not stored, and says so', async () => {
  await using stand = await edgeStand(numbered(() => ({ fields: ['Cache-Control', 's-maxage=0'] })));
  assert.equal((await stand.get('/')).cacheStatus, 'edge-cache; fwd=uri-miss; detail="stale-at-once"');
  assert.equal(stand.edge.store.stats().entries, 0);
});
