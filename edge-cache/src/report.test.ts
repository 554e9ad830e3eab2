import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openAdmin } from '@trivet/kit/process/admin.ts';
import { silentLog } from '@trivet/kit/testing/silent.ts';
import { Registry } from 'prom-client';
import { adminRoutes, report } from './report.ts';
import { edgeStand, numbered, type Stand } from './testing/stand.ts';

async function withAdmin(stand: Stand) {
  const admin = await openAdmin({
    tier: 'edge-cache',
    listen: { kind: 'tcp', host: '127.0.0.1', port: 0 },
    token: '',
    registry: new Registry(),
    log: silentLog,
    ready: () => true,
    stats: () => report(stand.edge),
    config: () => ({}),
    routes: (app) => adminRoutes(app, stand.edge),
  });
  const json = async (path: string, init?: RequestInit) => {
    const response = await fetch(admin.url + path, init);
    return { status: response.status, body: (await response.json()) as Record<string, never> };
  };
  return {
    purge: (body: unknown) => json('/purge', { method: 'POST', body: JSON.stringify(body) }),
    explain: (query: Record<string, string> | [string, string][]) => json(`/explain?${new URLSearchParams(query)}`),
    stats: () => json('/stats'),
    [Symbol.asyncDispose]: () => admin[Symbol.asyncDispose](),
  };
}

const open = () => edgeStand(numbered(() => ({ fields: ['Cache-Control', 'max-age=60', 'Vary', 'X-V'] })));

test('POST /purge answers with the number of what it took, or with what is wrong', async () => {
  await using stand = await open();
  await using admin = await withAdmin(stand);
  await stand.get('/a');
  assert.deepEqual(await admin.purge({ url: '/a', dryRun: true }), { status: 200, body: { purged: 1 } });
  assert.deepEqual(await admin.purge({ url: `http://127.0.0.1:${stand.port}/a` }), {
    status: 200,
    body: { purged: 1 },
  });
  assert.deepEqual(await admin.purge({ all: true }), { status: 200, body: { purged: 0 } });
  const bad = await admin.purge({ url: 'nonsense' });
  assert.equal(bad.status, 400);
  assert.match(bad.body.error ?? '', /"url" must be/);
});

test('GET /stats tells what is stored and what was answered', async () => {
  await using stand = await open();
  await using admin = await withAdmin(stand);
  await stand.get('/a');
  await stand.get('/a');
  const { body } = await admin.stats();
  assert.partialDeepStrictEqual(body, { store: { entries: 1 }, answers: { hits: 1, misses: 1, stored: 1 } });
});

test('explain says what would become of a request, and what became of the last one', async () => {
  await using stand = await open();
  await using admin = await withAdmin(stand);
  const url = `http://127.0.0.1:${stand.port}/a`;
  assert.partialDeepStrictEqual(await admin.explain({ url }), {
    status: 200,
    body: {
      reception: { do: 'lookup' },
      lookup: { do: 'fetch', fwd: 'uri-miss', why: 'miss' },
      stored: [],
      last: null,
    },
  });
  await stand.get('/a', { 'x-v': '1' });
  const asked: [string, string][] = [
    ['url', url],
    ['header', 'X-V: 1'],
  ];
  assert.partialDeepStrictEqual(await admin.explain(asked), {
    body: {
      lookup: { do: 'deliver', why: 'fresh', selected: { status: 200, ttlSeconds: 60, variant: ['x-v:1'] } },
      last: {
        status: 200,
        cacheStatus: 'edge-cache; fwd=uri-miss; stored',
        trail: ['receive', 'lookup', 'fetch', 'deliver'],
      },
    },
  });
  assert.partialDeepStrictEqual(await admin.explain({ url }), { body: { lookup: { do: 'fetch', fwd: 'vary-miss' } } });
  assert.partialDeepStrictEqual(await admin.explain({ url, method: 'POST' }), {
    body: { reception: { do: 'pass', why: 'method' } },
  });
  assert.equal(stand.origin.requests.length, 1, 'explaining asks nobody');
});

test('explain knows of keys that are uncacheable, and why', async () => {
  await using stand = await edgeStand(numbered(() => ({ fields: ['Cache-Control', 'private'] })));
  await using admin = await withAdmin(stand);
  await stand.get('/a');
  const { body } = await admin.explain({ url: `http://127.0.0.1:${stand.port}/a` });
  assert.partialDeepStrictEqual(body, {
    uncacheable: { why: 'private', secondsLeft: 120 },
    last: { cacheStatus: 'edge-cache; fwd=uri-miss; detail="private"' },
  });
});

for (const [what, query] of [
  ['no url', {}],
  ['a bad url', { url: 'ftp://h/' }],
  ['a bad method', { url: '/', method: 'A B' }],
  ['a bad header', { url: '/', header: 'nonsense' }],
] as const) {
  test(`explain refuses ${what}`, async () => {
    await using stand = await open();
    await using admin = await withAdmin(stand);
    const { status, body } = await admin.explain({ ...query });
    assert.equal(status, 400);
    assert.ok(body.error);
  });
}
