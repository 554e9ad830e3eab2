import assert from 'node:assert/strict';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { ask, cacheStatus, nonce, script } from '../ask.ts';
import { strangers } from '../strangers.ts';
import { counters, post, tell, told } from '../tell.ts';
import type { Case } from '../topology.ts';

const fresh = { 'cache-control': 'max-age=60' };

type Explained = {
  readonly key: string;
  readonly lookup: { readonly do: string; readonly why: string };
  readonly variants: readonly { readonly matches: boolean; readonly ttlSeconds: number; readonly tags: string[] }[];
  readonly last: { readonly status: number } | null;
  readonly would?: { readonly verdict: string; readonly why: string };
};
type Stat = { readonly description: string; readonly flag: string; readonly value: number };
type Told = { readonly url: string; readonly cache: string; readonly status: number; readonly id: string };

/** What an operator asks the edge, and tells it. */
export const edgeAdmin: readonly Case[] = [
  {
    name: 'explain says what is stored of a page, for whom, and what would be done now',
    async run(stack) {
      const page = script(stack.edge, { ...fresh, vary: 'X-Size', tags: 'shoes' });
      const about = { url: page.href, header: 'X-Size: 42' };
      const before = await told<Explained>(stack, '/explain', about);
      assert.deepEqual([before.lookup.do, before.variants, before.last], ['fetch', [], null]);
      await ask(page, { headers: { 'x-size': '42' } });
      const after = await told<Explained>(stack, '/explain', about);
      assert.equal(after.key, page.host + page.pathname + page.search);
      assert.partialDeepStrictEqual(after, {
        lookup: { do: 'deliver', why: 'fresh' },
        variants: [{ matches: true, tags: ['shoes'] }],
        last: { status: 200 },
      });
      const other = await told<Explained>(stack, '/explain', { ...about, header: 'X-Size: 43' });
      assert.partialDeepStrictEqual(other, { lookup: { do: 'fetch' }, variants: [{ matches: false }] });
    },
  },
  {
    name: 'explain can be read by people, and judges responses that were never made',
    async run(stack) {
      const page = script(stack.edge, fresh);
      await ask(page);
      const query = new URLSearchParams({ url: page.href, format: 'text' });
      const { headers, text } = await stack.admin('edge-cache', `/explain?${query}`);
      assert.match(String(headers['content-type']), /^text\/plain/);
      assert.match(text, /^request +GET http:\/\//m);
      assert.match(text, /fresh 60 s \(max-age=60 in cache-control\)/);
      const made = { url: '/', status: '200', 'response-header': 'Set-Cookie: a=b' };
      const { would } = await told<Explained>(stack, '/explain', made);
      assert.partialDeepStrictEqual(would, { verdict: 'pass', why: 'set-cookie' });
    },
  },
  {
    name: 'the live log tells of what its filter lets through, and ends at its limit',
    async run(stack) {
      const page = script(stack.edge, fresh);
      const filter = `cache == hit and url ~ ${page.searchParams.get('once')}`;
      const listening = stack.admin('edge-cache', `/log?${new URLSearchParams({ filter, limit: '1' })}`);
      await eventually(async () => {
        assert.equal((await told<{ listeners: number }>(stack, '/stats')).listeners, 1);
      });
      await ask(page);
      const hit = await ask(page);
      const { headers, text } = await listening;
      assert.match(String(headers['content-type']), /^text\/event-stream/);
      const [event = '', ...more] = [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => data);
      const { url, cache, status, id }: Told = JSON.parse(event);
      assert.deepEqual([url, cache, status], [page.pathname + page.search, 'hit', 200]);
      assert.equal(id, hit.headers['x-request-id']);
      assert.deepEqual(more, ['{"why":"limit"}']);
    },
  },
  {
    name: 'a filter of the live log that is wrong is refused with its place',
    async run({ admin }) {
      const { status, text } = await admin('edge-cache', `/log?${new URLSearchParams({ filter: 'status >> 1' })}`);
      assert.equal(status, 400);
      assert.partialDeepStrictEqual(JSON.parse(text), { parameter: 'filter', column: 8 });
    },
  },
  {
    name: 'the pages that are asked for most are told with their numbers',
    async run(stack) {
      const page = script(stack.edge, { ...fresh, body: '1000' });
      for (let i = 0; i < 4; i++) await ask(page);
      const url = page.host + page.pathname + page.search;
      // Bytes are those on the wire, heads too.
      for (const [by, least, most] of [
        ['misses', 1, 1],
        ['hits', 3, 3],
        ['bytes', 4000, 4000 + 4 * 1000],
      ] as const) {
        const { urls } = await told<{ urls: { url: string; count: number }[] }>(stack, '/top', { by, limit: '1000' });
        const counts = urls.map((each) => each.count);
        assert.deepEqual(
          counts,
          counts.toSorted((a, b) => b - a),
        );
        const count = urls.find((each) => each.url === url)?.count ?? 0;
        assert.ok(least <= count && count <= most, `${count} ${by}`);
      }
    },
  },
  {
    name: 'hits, misses, passes and requests to the application are counted, by Varnish’s names too',
    async run(stack) {
      const page = script(stack.edge, fresh);
      const before = await counters(stack);
      for (let i = 0; i < 3; i++) await ask(page);
      await ask(page, { method: 'POST', body: 'x' });
      const after = await counters(stack);
      const names = ['client_req', 'cache_miss', 'cache_hit', 's_pass', 'backend_req'];
      const grown = names.map((name) => after(name) - before(name));
      assert.deepEqual(grown, [4, 1, 2, 1, 2], names.join());
      const stat = await told<{ version: number; counters: Record<string, Stat> }>(stack, '/varnishstat');
      assert.equal(stat.version, 1);
      assert.partialDeepStrictEqual(stat.counters['MAIN.cache_hit'], { flag: 'c', value: after('cache_hit') });
      const { text } = await stack.admin('edge-cache', '/metrics');
      assert.match(text, new RegExp(`^trivet_cache_all_hits_total(?:{.*})? ${after('cache_hit')}$`, 'm'));
    },
  },
  {
    name: 'a purge by prefix takes what begins with it; a dry run counts it and takes nothing',
    async run(stack) {
      const area = `${process.pid}-${Date.now()}`;
      const pages = ['one', 'two'].map((n) => script(stack.edge, { area, n, ...fresh }));
      const outside = script(stack.edge, fresh);
      const first = (await Promise.all([...pages, outside].map((page) => ask(page)))).map(nonce);
      const prefix = `/script?area=${area}`;
      assert.deepEqual(await tell(stack, '/purge', { prefix, dryRun: true }), { purged: 2, fetches: 0 });
      const spared = (await Promise.all([...pages, outside].map((page) => ask(page)))).map(nonce);
      assert.deepEqual(spared, first);
      assert.deepEqual(await tell(stack, '/purge', { prefix }), { purged: 2 });
      for (const [i, page] of pages.entries()) assert.notEqual(nonce(await ask(page)), first[i]);
      assert.equal(nonce(await ask(outside)), first[2]);
    },
  },
  {
    name: 'a batch of purges is carried out as a whole, or not at all',
    async run(stack) {
      const tag = `batch-${process.pid}-${Date.now()}`;
      const [tagged, other] = [script(stack.edge, { ...fresh, tags: tag }), script(stack.edge, fresh)];
      const first = [nonce(await ask(tagged)), nonce(await ask(other))];
      const url = other.pathname + other.search;
      const refused = await post(stack, '/purge', [{ tags: [tag] }, { url, tags: [tag] }]);
      assert.equal(refused.status, 400);
      assert.equal(JSON.parse(refused.text).index, 1);
      assert.deepEqual([nonce(await ask(tagged)), nonce(await ask(other))], first);
      const said = await tell(stack, '/purge', [{ tags: [tag] }, { url }, { tags: [tag] }]);
      assert.deepEqual(said, { purged: 2, results: [{ purged: 1 }, { purged: 1 }, { purged: 0 }] });
      assert.notEqual(nonce(await ask(tagged)), first[0]);
      assert.notEqual(nonce(await ask(other)), first[1]);
    },
  },
  {
    name: 'a purge of one page leaves its neighbours, and takes all its variants',
    async run(stack) {
      const page = script(stack.edge, { ...fresh, vary: 'X-Size' });
      const neighbour = new URL(`${page.href}0`);
      await ask(page, { headers: { 'x-size': '42' } });
      await ask(page, { headers: { 'x-size': '43' } });
      const first = await ask(neighbour);
      assert.deepEqual(await tell(stack, '/purge', { url: page.href }), { purged: 2 });
      assert.match(cacheStatus(await ask(page, { headers: { 'x-size': '43' } })), /fwd=uri-miss/);
      assert.equal(nonce(await ask(neighbour)), nonce(first));
    },
  },
  {
    name: strangers.doNotPurge,
    async run({ edge, askAsStranger }) {
      assert.ok(askAsStranger !== undefined, 'every address may purge');
      const page = script(edge, fresh);
      const first = await ask(page);
      const refused = await askAsStranger(page, { method: 'PURGE' });
      assert.equal(refused.status, 403);
      assert.match(refused.text, /edge-cache/);
      assert.equal(nonce(await askAsStranger(page)), nonce(first));
    },
  },
];
