import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { field } from '@trivet/kit/semantics/fields.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { edgeStand, type StandOptions } from '../testing/stand.ts';
import { purge } from './purger.ts';

const body = Array.from({ length: 500 }, (_, i) => `line ${i}`).join('\n');
const fields = ['Cache-Control', 'max-age=10', 'Content-Type', 'text/plain', 'ETag', '"a"', 'Vary', 'X'];
const gzip = { 'accept-encoding': 'gzip' };

/** An edge that has stored it compressed, whose origin says 304 with `news` from then on. */
async function expired(news: readonly string[], options: StandOptions = {}) {
  const stand = await edgeStand((request, reply) => {
    if (field(request.fields, 'if-none-match') === undefined) reply.send(200, fields, body);
    else reply.send(304, news);
  }, options);
  await stand.get('/', gzip);
  stand.clock.advance(11_000);
  return stand;
}

test('the origin is asked with its own entity tag, and its 304 renews both forms', async () => {
  const news = ['Cache-Control', 'max-age=20', 'ETag', '"a"', 'X-New', '1', 'Content-Encoding', 'own', 'Vary', 'X'];
  await using stand = await expired(news);
  const plain = await stand.get('/');
  assert.equal(field(stand.origin.requests[1]?.fields ?? [], 'if-none-match'), '"a"');
  assert.match(plain.cacheStatus, /fwd=stale; fwd-status=304/);
  assert.deepEqual([plain.body, plain.header('etag'), plain.header('content-encoding')], [body, '"a"', undefined]);
  for (let i = 0; i < 2; i++) {
    const coded = await stand.get('/', gzip);
    assert.match(coded.cacheStatus, /hit/);
    assert.equal(gunzipSync(coded.bytes).toString(), body);
    assert.deepEqual([coded.header('etag'), coded.header('vary')], ['W/"a"', 'X, Accept-Encoding']);
    assert.equal(coded.header('x-new'), '1');
    const again = await stand.get('/');
    assert.deepEqual([again.body, again.header('etag'), again.header('vary')], [body, '"a"', 'X, Accept-Encoding']);
    assert.equal((await stand.get('/', { range: 'bytes=-4' })).body, body.slice(-4));
    stand.clock.advance(21_000);
    assert.match((await stand.get('/', gzip)).cacheStatus, /fwd-status=304/);
  }
  assert.ok(stand.origin.requests.slice(1).every((request) => field(request.fields, 'if-none-match') === '"a"'));
});

test('renewed by a client that takes no coding, it stays compressed', async () => {
  await using stand = await expired(['Cache-Control', 'max-age=10']);
  const before = [...stand.edge.store.entries()][0]?.bodyLength;
  assert.equal((await stand.get('/')).body, body);
  assert.equal([...stand.edge.store.entries()][0]?.bodyLength, before);
});

test('a 304 that forbids to transform it gives everybody what the origin sent', async () => {
  await using stand = await expired(['Cache-Control', 'max-age=60, no-transform']);
  for (const headers of [gzip, {}, gzip] as Record<string, string>[]) {
    const whole = await stand.get('/', headers);
    assert.deepEqual([whole.body, whole.header('etag'), whole.header('content-encoding')], [body, '"a"', undefined]);
  }
});

for (const headers of [gzip, {}] as Record<string, string>[]) {
  test(`a 304 that forbids to keep it gives the one that asked his form: ${JSON.stringify(headers)}`, async () => {
    await using stand = await expired(['Cache-Control', 'no-store']);
    const whole = await stand.get('/', headers);
    const isCoded = headers === gzip;
    assert.equal((isCoded ? gunzipSync(whole.bytes) : whole.bytes).toString(), body);
    assert.deepEqual(['etag', 'content-encoding', 'content-length'].map(whole.header), [
      isCoded ? 'W/"a"' : '"a"',
      isCoded ? 'gzip' : undefined,
      String(whole.bytes.length),
    ]);
    assert.match(whole.cacheStatus, /no-store/);
    assert.equal(stand.edge.store.stats().entries, 0);
  });
}

test('purged softly while the origin fails, it stands in in both forms', async () => {
  await using stand = await edgeStand((_, reply) => {
    if (stand.origin.requests.length === 1) reply.send(200, fields, body);
    else reply.send(503);
  });
  await stand.get('/', gzip);
  purge(stand.edge, { selector: { by: 'all' }, soft: true, dryRun: false });
  const [plain, coded] = [await stand.get('/'), await stand.get('/', gzip)];
  assert.match(coded.cacheStatus, /stale-if-error/);
  assert.deepEqual([plain.body, plain.header('etag'), plain.header('vary')], [body, '"a"', 'X, Accept-Encoding']);
  assert.deepEqual([gunzipSync(coded.bytes).toString(), coded.header('etag')], [body, 'W/"a"']);
});

test('a 304 renews nothing when another answer has come meanwhile', async () => {
  const open = Promise.withResolvers<void>();
  const other = body.toUpperCase();
  await using stand = await edgeStand(async (request, reply) => {
    const n = stand.origin.requests.length;
    if (n === 1) return reply.send(200, fields, body);
    if (n > 2) return reply.send(200, [...fields.slice(0, 4), 'ETag', '"b"', 'Vary', 'X'], other);
    assert.equal(field(request.fields, 'if-none-match'), '"a"');
    await open.promise;
    reply.send(304, ['Cache-Control', 'max-age=60']);
  });
  await stand.get('/', gzip);
  stand.clock.advance(11_000);
  const first = stand.ask('/');
  await eventually(() => assert.equal(stand.origin.requests.length, 2));
  const newer = await stand.get('/', { 'accept-encoding': 'br', 'cache-control': 'no-cache' });
  assert.equal(newer.header('etag'), 'W/"b"');
  open.resolve();
  for (const { body: got, header } of [await first.whole(), await stand.get('/')]) {
    assert.deepEqual([got, header('etag')], [other, '"b"']);
  }
});

test('a refresh behind a stale answer compresses by the wish of the client that it was given to', async () => {
  await using stand = await edgeStand(
    (_, reply) => reply.send(200, ['Content-Type', 'text/plain', 'Cache-Control', 'max-age=10'], body),
    { grace: 60_000 },
  );
  const coding = () => stand.get('/', gzip).then(({ header }) => header('content-encoding'));
  await stand.get('/');
  assert.equal(await coding(), undefined);
  stand.clock.advance(11_000);
  assert.equal(await coding(), undefined);
  await eventually(() => assert.deepEqual([stand.origin.requests.length, stand.edge.flights.size], [2, 0]));
  assert.equal(await coding(), 'gzip');
});
