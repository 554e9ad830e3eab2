import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminStand } from '../testing/admin-stand.ts';
import { edgeStand, numbered } from '../testing/stand.ts';

const open = () =>
  edgeStand(numbered(() => ({ fields: ['Cache-Control', 'max-age=60', 'Vary', 'X-V, Accept-Language'] })));

test('explain says what would become of a request, and what became of the last one', async () => {
  await using stand = await open();
  await using admin = await adminStand(stand);
  const url = `http://127.0.0.1:${stand.port}/a`;
  assert.partialDeepStrictEqual(await admin.explain({ url }), {
    status: 200,
    body: {
      reception: { do: 'lookup', by: 'built-in' },
      lookup: { do: 'fetch', fwd: 'uri-miss', why: 'miss', says: 'nothing is stored under this key', selected: null },
      variants: [],
      last: null,
      lastArrival: null,
    },
  });
  await stand.get('/a', { 'x-v': '1' });
  const asked: [string, string][] = [
    ['url', url],
    ['header', 'X-V: 1'],
  ];
  const { body } = await admin.explain(asked);
  assert.partialDeepStrictEqual(body, {
    key: `127.0.0.1:${stand.port}/a`,
    keyParts: { by: 'built-in', host: `127.0.0.1:${stand.port}`, path: '/a', removed: [] },
    lookup: { do: 'deliver', why: 'fresh', selected: 0 },
    last: {
      status: 200,
      cacheStatus: 'edge-cache; fwd=uri-miss; stored',
      trail: ['receive', 'lookup', 'fetch', 'deliver'],
    },
    lastArrival: { status: 200, verdict: 'store', why: 'max-age', isStored: true },
  });
  assert.partialDeepStrictEqual(await admin.explain({ url, method: 'POST' }), {
    body: { reception: { do: 'pass', why: 'method' } },
  });
  assert.equal(stand.origin.requests.length, 1, 'explaining asks nobody');
});

test('explain tells of every variant in which fields it matches, and in which it does not', async () => {
  await using stand = await open();
  await using admin = await adminStand(stand);
  await stand.get('/a', { 'x-v': '1', 'accept-language': 'de' });
  await stand.get('/a', { 'accept-language': 'fr' });
  const asked: [string, string][] = [
    ['url', `http://127.0.0.1:${stand.port}/a`],
    ['header', 'X-V: 1'],
    ['header', 'Accept-Language: de'],
  ];
  assert.partialDeepStrictEqual((await admin.explain(asked)).body, {
    lookup: { selected: 1 },
    variants: [
      {
        matches: false,
        why: 'the request says something else in accept-language, x-v',
        selecting: [
          { field: 'accept-language', stored: 'fr', request: 'de', matches: false },
          { field: 'x-v', stored: null, request: '1', matches: false },
        ],
      },
      { matches: true, why: 'the request says the same in accept-language, x-v' },
    ],
  });
});

test('explain gives the instants of a stored response, and the rule behind each', async () => {
  await using stand = await edgeStand(
    numbered(() => ({
      fields: ['CDN-Cache-Control', 'max-age=60', 'Cache-Control', 'no-store', 'ETag', '"e"', 'Age', '10'],
    })),
    { grace: 5000 },
  );
  await using admin = await adminStand(stand);
  await stand.get('/a');
  stand.clock.advance(20_000);
  const { body } = await admin.explain({ url: `http://127.0.0.1:${stand.port}/a` });
  assert.partialDeepStrictEqual(body, {
    variants: [
      {
        ageSeconds: 30,
        ttlSeconds: 30,
        instants: {
          born: { inSeconds: -30 },
          freshUntil: { at: new Date(stand.clock.now + 30_000).toISOString(), inSeconds: 30 },
          graceUntil: { inSeconds: 35 },
          errorUntil: { inSeconds: 3630 },
          keepUntil: { inSeconds: 3930 },
        },
        rules: {
          from: 'cdn-cache-control',
          fresh: { why: 'max-age', seconds: 60, says: 'max-age=60 in cdn-cache-control' },
          grace: { why: 'default', seconds: 5, says: 'EDGE_GRACE' },
          staleIfError: { why: 'default', seconds: 3600, says: 'EDGE_STALE_IF_ERROR' },
          keep: { why: 'default', seconds: 300, says: 'EDGE_KEEP' },
          wasChanged: false,
        },
        now: { verdict: 'serve', why: 'fresh', says: 'it is fresh' },
        backOff: false,
        bans: [],
      },
    ],
  });
  await admin.purge({ all: true, soft: true });
  const softened = await admin.explain({ url: `http://127.0.0.1:${stand.port}/a` });
  assert.partialDeepStrictEqual(softened.body, { variants: [{ ttlSeconds: 0, rules: { wasChanged: true } }] });
});

test('explain knows of keys that are uncacheable, and why the last answer was not stored', async () => {
  await using stand = await edgeStand(numbered(() => ({ fields: ['Cache-Control', 'private'] })));
  await using admin = await adminStand(stand);
  await stand.get('/a');
  const { body } = await admin.explain({ url: `http://127.0.0.1:${stand.port}/a` });
  assert.partialDeepStrictEqual(body, {
    uncacheable: { why: 'private', says: 'the response is private', secondsLeft: 120 },
    last: { cacheStatus: 'edge-cache; fwd=uri-miss; detail="private"' },
    lastArrival: { status: 200, verdict: 'pass', why: 'private', says: 'the response is private' },
  });
});

test('explain tells that what could be stored is not, because it was purged while it came', async () => {
  const go = Promise.withResolvers<void>();
  await using stand = await edgeStand(async (_, reply) => {
    reply.head(200, ['Cache-Control', 'max-age=60', 'Content-Length', '4']);
    await go.promise;
    reply.end('body');
  });
  await using admin = await adminStand(stand);
  const asking = stand.ask('/a');
  await asking.head();
  await admin.purge({ all: true });
  go.resolve();
  await asking.whole();
  const { body } = await admin.explain({ url: `http://127.0.0.1:${stand.port}/a` });
  assert.partialDeepStrictEqual(body, { variants: [], lastArrival: { verdict: 'store', isStored: false } });
  assert.match(String((body.lastArrival as { says?: unknown } | undefined)?.says), /purged on its way/);
});

test('explain remembers what a refresh that nobody waited for brought', async () => {
  let n = 0;
  await using stand = await edgeStand((_, reply) => {
    n += 1;
    reply.send(
      n === 1 ? 200 : 304,
      ['Cache-Control', 'max-age=1, stale-while-revalidate=60', 'ETag', '"e"'],
      n === 1 ? 'x' : '',
    );
  });
  await using admin = await adminStand(stand);
  await stand.get('/a');
  stand.clock.advance(2000);
  await stand.get('/a');
  const { body } = await admin.explain({ url: `http://127.0.0.1:${stand.port}/a` });
  assert.partialDeepStrictEqual(body, { last: { status: 200 }, lastArrival: { status: 304, why: 'max-age' } });
});

test('explain tells what the policy removes, whose directives count, and whose verdict it was', async () => {
  const policy = {
    query: { remove: ['utm_*'] },
    cookies: { keep: ['session'] },
    receive: ({ path }: { path: string }) =>
      path === '/out' ? ({ do: 'pass', why: 'never here' } as const) : undefined,
  };
  await using stand = await edgeStand(
    numbered(() => ({})),
    { policy, clientDirectives: 'trusted' },
  );
  await using admin = await adminStand(stand);
  const { body } = await admin.explain([
    ['url', 'http://h/a?utm_x=1&b=2&utm_x=1'],
    ['header', 'Cookie: session=1; other=2'],
    ['header', 'Cache-Control: no-cache'],
    ['client', '192.0.2.1'],
  ]);
  assert.partialDeepStrictEqual(body, {
    keyParts: { host: 'h', path: '/a?b=2', askedFor: '/a?utm_x=1&b=2&utm_x=1', removed: ['utm_x=1', 'utm_x=1'] },
    request: {
      fields: ['Cookie: session=1'],
      withheld: ['Cookie: session=1; other=2', 'Cache-Control: no-cache'],
      directives: {
        given: ['no-cache'],
        honoured: false,
        why: 'EDGE_CLIENT_DIRECTIVES=trusted, and the client is not in EDGE_PURGE_FROM',
      },
    },
  });
  assert.partialDeepStrictEqual((await admin.explain({ url: '/out' })).body, {
    reception: { do: 'pass', by: 'policy', why: 'never here', says: 'never here' },
  });
});

test('a path alone is no key: explain names the hosts that have it', async () => {
  await using stand = await open();
  await using admin = await adminStand(stand);
  for (const host of ['a.example', 'b.example']) await stand.get('/a', { host });
  const { body } = await admin.explain({ url: '/a' });
  assert.partialDeepStrictEqual(body, { key: '/a', variants: [], hosts: ['a.example', 'b.example'] });
  const whole = await admin.explain({ url: 'http://a.example/a' });
  assert.partialDeepStrictEqual(whole.body, { lookup: { do: 'deliver' } });
  assert.equal('hosts' in whole.body, false);
});

test('explain names the bans that a stored response falls under', async () => {
  await using stand = await open();
  await using admin = await adminStand(stand);
  await stand.get('/a');
  await admin.json('/ban', { method: 'POST', body: '{"expression": "req.http.x-v == none"}' });
  await admin.json('/ban', { method: 'POST', body: '{"expression": "req.http.x-v == 1"}' });
  const url = `http://127.0.0.1:${stand.port}/a`;
  const { body } = await admin.explain({ url });
  assert.partialDeepStrictEqual(body, { lookup: { do: 'deliver', selected: 0 }, variants: [{ bans: [] }] });
  await admin.json('/ban', { method: 'POST', body: '{"expression": "req.url ~ ^/a && obj.status == 200"}' });
  const banned = await admin.explain({ url });
  assert.partialDeepStrictEqual(banned.body, {
    lookup: { do: 'fetch', fwd: 'uri-miss', selected: null },
    variants: [{ bans: [{ id: 3, expression: 'req.url ~ ^/a && obj.status == 200' }] }],
  });
});
