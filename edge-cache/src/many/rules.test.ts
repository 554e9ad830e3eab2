import assert from 'node:assert/strict';
import { test } from 'node:test';
import { merged } from '@trivet/kit/process/workers/merge.ts';
import { bansTogether, purgedTogether } from './change-routes.ts';
import { bestKnowing, type Knowing } from './explain.ts';
import { policyRules, statsRules, topQuestion, topTogether, varnishstatRules } from './rules.ts';

test('what each worker has of the whole edge is not added up, the rest is', () => {
  const of = (n: number) => ({
    region: 'here',
    store: { entries: n, limitBytes: 10 },
    bans: { inForce: 2, needRequest: 1, added: 3, superseded: 1, tests: n, failures: 0 },
    answers: { hits: n, purges: 4, purged: n, fetched: { requests: n } },
    counters: { 'MAIN.uptime': n, 'MAIN.cache_hit': n, 'MAIN.bans': 2, 'MAIN.n_purges': 4 },
    top: {
      hits: [
        { url: `/${n}`, count: n, over: 0 },
        { url: '/both', count: 1, over: 0 },
      ],
    },
    listeners: 1,
    backends: { default: [{ address: 'a:1', inFlight: n, standing: 'free', dnsAgeMs: n }] },
  });
  assert.deepEqual(merged([of(5), of(7)], statsRules), {
    region: 'here',
    store: { entries: 12, limitBytes: 20 },
    bans: { inForce: 2, needRequest: 1, added: 3, superseded: 1, tests: 12, failures: 0 },
    answers: { hits: 12, purges: 4, purged: 12, fetched: { requests: 12 } },
    counters: { 'MAIN.uptime': 7, 'MAIN.cache_hit': 12, 'MAIN.bans': 2, 'MAIN.n_purges': 4 },
    top: {
      hits: [
        { url: '/7', count: 7, over: 0 },
        { url: '/5', count: 5, over: 0 },
        { url: '/both', count: 2, over: 0 },
      ],
    },
    listeners: 1,
    backends: { default: [{ address: 'a:1', inFlight: 12, standing: 'free', dnsAgeMs: 7 }] },
  });
});

test('the list of counters keeps its version and what is said of each', () => {
  const of = (value: number) => ({
    version: 1,
    timestamp: 't',
    counters: { 'MAIN.cache_hit': { description: 'd', flag: 'c', format: 'i', value } },
  });
  assert.deepEqual(merged([of(1), of(2)], varnishstatRules), of(3));
});

test('of a policy the newest version counts, and all its requests', () => {
  const of = (version: number, requests: number) => ({
    version,
    failures: 1,
    lastError: null,
    requests,
    older: [{ version: 1, requests }],
  });
  assert.deepEqual(merged([of(3, 2), of(1, 4)], policyRules), {
    version: 3,
    failures: 1,
    lastError: null,
    requests: 6,
    older: [{ version: 1, requests: 6 }],
  });
});

for (const [asked, told] of [
  ['/top', '/top?limit=1000'],
  ['/top?by=hits&limit=5', '/top?by=hits&limit=1000'],
  // For a worker to refuse.
  ['/top?limit=0', '/top?limit=0'],
  ['/top?limit=1001', '/top?limit=1001'],
  ['/top?limit=x', '/top?limit=x'],
] as const) {
  test(`to answer ${asked}, a worker is asked ${told}`, () => {
    assert.equal(topQuestion({ method: 'GET', path: asked }).path, told);
  });
}

test('the first few of all are found among more of each', () => {
  const top = (...urls: [string, number][]) => ({
    by: 'hits',
    sinceSeconds: urls.length,
    urls: urls.map(([url, count]) => ({ url, count, over: 0 })),
  });
  const told = topTogether(
    [top(['/a', 5], ['/b', 4]), top(['/c', 5], ['/b', 4], ['/d', 1])],
    new URLSearchParams('limit=2'),
  );
  assert.deepEqual(told, {
    by: 'hits',
    sinceSeconds: 3,
    urls: [
      { url: '/b', count: 8, over: 0 },
      { url: '/a', count: 5, over: 0 },
    ],
  });
});

test('a ban is done when it is done in every worker that has it', () => {
  const ban = (id: number, taken: number, ended: string | null) => ({
    id,
    expression: 'req.url == /a',
    added: '2026-01-01T00:00:00.000Z',
    needsRequest: false,
    tested: taken,
    taken,
    untested: 0,
    completed: ended !== null,
    ended,
  });
  const lists = [[ban(1, 2, 'tested')], [ban(2, 1, 'tested'), ban(1, 3, null)], [ban(2, 1, 'tested')]];
  assert.deepEqual(bansTogether(lists), [ban(2, 2, 'tested'), ban(1, 5, null)]);
});

test('a purge takes what all workers took, and nothing where there is none', () => {
  assert.deepEqual(
    purgedTogether(
      [
        [{ purged: 1 }, { purged: 0 }],
        [{ purged: 2 }, { purged: 5 }],
      ],
      2,
    ),
    [{ purged: 3 }, { purged: 5 }],
  );
  assert.deepEqual(purgedTogether([], 2), [{ purged: 0 }, { purged: 0 }]);
});

const knowing = (does: string, variants: number, at: string | undefined): Knowing => ({
  lookup: { do: does },
  variants: Array.from({ length: variants }),
  last: at === undefined ? null : { at, status: 200, cacheStatus: '', trail: [], requestId: '' },
});

for (const [what, all, best] of [
  ['would answer from its store', [knowing('fetch', 1, '2026-01-02'), knowing('deliver', 1, undefined)], 1],
  ['has something stored', [knowing('fetch', 0, '2026-01-02'), knowing('fetch', 2, '2026-01-01')], 1],
  ['was asked last', [knowing('fetch', 0, '2026-01-01'), knowing('fetch', 0, '2026-01-02')], 1],
  ['comes first where all know the same', [knowing('fetch', 0, undefined), knowing('fetch', 0, undefined)], 0],
] as const) {
  test(`the worker explains that ${what}`, () => assert.equal(bestKnowing(all), best));
}
