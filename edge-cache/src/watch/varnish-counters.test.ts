import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openMetrics } from '@trivet/kit/process/metrics.ts';
import { field } from '@trivet/kit/semantics/fields.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import type { Script } from '@trivet/kit/testing/scripted-origin.ts';
import { adminStand } from '../testing/admin-stand.ts';
import { edgeStand, type Stand } from '../testing/stand.ts';
import { counterRows, countersTable, measureCounters, varnishCounters } from './varnish-counters.ts';

test('the README’s table of counters is the one that is in force', async () => {
  const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8');
  assert.ok(readme.includes(countersTable()), countersTable());
});

test('no name stands for two counters', () => {
  for (const names of [counterRows.map(({ varnish }) => varnish), counterRows.map(({ metric }) => metric)]) {
    assert.equal(new Set(names).size, names.length);
  }
});

const long = ['Cache-Control', 'max-age=60'];

let gate = Promise.withResolvers<void>();

/** What the origin does, by path. */
const scripts: Readonly<Record<string, Script>> = {
  '/break': (_, reply) => reply.break(),
  '/204': (_, reply) => reply.send(204, long),
  '/none': (_, reply) => reply.send(200, long),
  '/private': (_, reply) => reply.send(200, ['Cache-Control', 'private'], 'x'),
  '/swr': (_, reply) => reply.send(200, ['Cache-Control', 'max-age=1, stale-while-revalidate=60'], 'x'),
  '/etag': (request, reply) =>
    field(request.fields, 'if-none-match') === undefined
      ? reply.send(200, ['Cache-Control', 'max-age=1', 'ETag', '"e"'], 'x')
      : reply.send(304, ['ETag', '"e"']),
  '/chunks': (_, reply) => {
    reply.head(200, [...long, 'Transfer-Encoding', 'chunked']);
    reply.end('x');
  },
  '/early': (_, reply) => {
    reply.interim(103, ['Link', '</a>']);
    reply.send(200, long, 'x');
  },
  '/slow': async (_, reply) => {
    await gate.promise;
    reply.send(200, long, 'x');
  },
};

const open = () =>
  edgeStand(
    (request, reply) => {
      const script = scripts[request.target] ?? (() => reply.send(200, long, 'x'));
      return script(request, reply);
    },
    { staleIfError: 0 },
  );

type Deed = (stand: Stand) => Promise<unknown>;
const twice =
  (path: string, later = 0): Deed =>
  async (stand) => {
    await stand.get(path);
    stand.clock.advance(later);
    await stand.get(path);
  };

const deeds: readonly [what: string, deed: Deed, counted: Record<string, number>][] = [
  [
    'a miss and a hit',
    twice('/a'),
    { client_req: 2, cache_miss: 1, cache_hit: 1, backend_req: 1, fetch_length: 1, n_object: 1 },
  ],
  ['a stale hit with a refresh', twice('/swr', 2000), { cache_hit: 1, cache_hit_grace: 1, bgfetch: 1, backend_req: 2 }],
  ['a 304', twice('/etag', 2000), { cache_miss: 2, fetch_304: 1, fetch_length: 1 }],
  ['an entry past its keep', twice('/a', 100 * 60_000), { n_expired: 1, cache_miss: 2 }],
  ['an uncacheable key', twice('/private'), { cache_miss: 2, cache_hitmiss: 1 }],
  [
    'an uncacheable key asked with a condition',
    async (stand) => {
      await stand.get('/private');
      await stand.get('/private', { 'if-none-match': '"x"' });
    },
    { cache_hitpass: 1, cache_hitmiss: 0 },
  ],
  ['a pass', (stand) => stand.send('POST', '/a'), { s_pass: 1, backend_req: 1, fetch_length: 1, cache_miss: 0 }],
  ['a HEAD', (stand) => stand.send('HEAD', '/a'), { fetch_head: 1 }],
  ['an early hint', (stand) => stand.get('/early'), { fetch_1xx: 1, fetch_length: 1 }],
  ['a 204', (stand) => stand.get('/204'), { fetch_204: 1 }],
  ['an empty body', (stand) => stand.get('/none'), { fetch_none: 1 }],
  ['chunks', (stand) => stand.get('/chunks'), { fetch_chunked: 1 }],
  ['a fetch that breaks', (stand) => stand.get('/break'), { fetch_failed: 1, cache_miss: 1 }],
  ['a pass that breaks', (stand) => stand.send('POST', '/break'), { fetch_failed: 1, s_pass: 1 }],
  [
    'an answer of its own',
    (stand) => stand.get('/a', { 'cache-control': 'only-if-cached' }),
    { s_synth: 1, backend_req: 0 },
  ],
  [
    'a purge',
    async (stand) => {
      await stand.get('/a');
      await stand.send('PURGE', '/a');
    },
    { n_purges: 1, n_obj_purged: 1, n_object: 0 },
  ],
  [
    'a ban that takes something',
    async (stand) => {
      await stand.get('/a');
      await using admin = await adminStand(stand);
      await admin.json('/ban', { method: 'POST', body: '{"expression": "req.url == /a"}' });
      await stand.get('/a');
    },
    { bans_added: 1, bans_obj_killed: 1, cache_miss: 2 },
  ],
  [
    'two that share a fetch',
    async (stand) => {
      gate = Promise.withResolvers<void>();
      const both = [stand.ask('/slow'), stand.ask('/slow')];
      await eventually(() => assert.equal(varnishCounters({ edge: stand.edge })['MAIN.busy_sleep'], 1));
      assert.equal(varnishCounters({ edge: stand.edge })['MAIN.busy_wakeup'], 0);
      gate.resolve();
      for (const one of both) await one.whole();
    },
    { busy_sleep: 1, busy_wakeup: 1, backend_req: 1, client_req: 2 },
  ],
];
for (const [what, deed, counted] of deeds) {
  test(`${what} is counted under Varnish’s names: ${Object.keys(counted).join(', ')}`, async () => {
    await using stand = await open();
    await deed(stand);
    const counters = varnishCounters({ edge: stand.edge });
    const expected = Object.fromEntries(Object.entries(counted).map(([name, value]) => [`MAIN.${name}`, value]));
    assert.partialDeepStrictEqual(counters, expected);
  });
}

test('GET /varnishstat answers as varnishstat -j does', async () => {
  await using stand = await open();
  await using admin = await adminStand(stand);
  await stand.get('/a');
  stand.clock.advance(5000);
  const { body } = await admin.json('/varnishstat');
  assert.deepEqual([body.version, body.timestamp], [1, '2026-01-01T00:00:05']);
  assert.partialDeepStrictEqual(body.counters, {
    'MAIN.uptime': { description: 'Seconds since the start.', flag: 'g', format: 'i', value: 5 },
    'MAIN.client_req': { flag: 'c', format: 'i', value: 1 },
  });
});

test('Prometheus gets every counter once, those it has already included', async () => {
  await using stand = await open();
  const metrics = openMetrics('edge-cache');
  metrics.counter('trivet_cache_misses_total', 'Registered elsewhere.', () => 41);
  measureCounters({ edge: stand.edge }, metrics);
  await stand.get('/a');
  const text = await metrics.registry.metrics();
  assert.match(text, /^trivet_cache_misses_total\{tier="edge-cache"\} 41$/m);
  assert.match(text, /^trivet_requests_total\{tier="edge-cache"\} 1$/m);
  assert.match(text, /^trivet_fetch_length_total\{tier="edge-cache"\} 1$/m);
  assert.match(text, /^trivet_esi_fragments_total\{tier="edge-cache"\} 0$/m);
});

test('GET /top tells the URLs asked for most, and refuses what it does not know', async () => {
  await using stand = await open();
  await using admin = await adminStand(stand);
  for (const path of ['/a', '/a', '/a', '/b', '/b']) await stand.get(path);
  const host = `127.0.0.1:${stand.port}`;
  const hits = await eventually(async () => {
    const { body } = await admin.json('/top?by=hits&limit=1');
    assert.partialDeepStrictEqual(body.urls, [{ count: 2 }]);
    return body;
  });
  assert.deepEqual(hits, { by: 'hits', sinceSeconds: 0, urls: [{ url: `${host}/a`, count: 2, over: 0 }] });
  await eventually(async () => {
    const { body } = await admin.json('/top');
    assert.partialDeepStrictEqual(body, { by: 'misses', urls: [{ count: 1 }, { count: 1 }] });
  });
  for (const query of ['by=size', 'limit=0', 'limit=1001', 'order=x']) {
    assert.equal((await admin.json(`/top?${query}`)).status, 400, query);
  }
});
