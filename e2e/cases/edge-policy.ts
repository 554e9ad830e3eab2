import assert from 'node:assert/strict';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { ask, cacheStatus, nonce, script } from '../ask.ts';
import { expired, tell, told } from '../tell.ts';
import type { Case, Stack } from '../topology.ts';

const fresh = { 'cache-control': 'max-age=60' };

/** The text of a policy file with these members. */
function policyOf(members: string): string {
  return `import { definePolicy } from '@trivet/edge-cache';\n\nexport default definePolicy({\n  ${members}\n});\n`;
}

/** Runs `checks` under a policy with these members, and puts the kit's own back in force whatever becomes of them. */
async function under(stack: Stack, members: string, checks: () => Promise<void>): Promise<void> {
  try {
    const answer = await stack.policy(policyOf(members));
    assert.equal(answer.status, 200, answer.text);
    assert.equal(JSON.parse(answer.text).reloaded, true);
    await checks();
  } finally {
    const back = await stack.policy();
    assert.equal(back.status, 200, back.text);
  }
}

type State = { readonly version: number; readonly lastError: { readonly error: string } | null };

const broken = [
  {
    name: 'is not TypeScript',
    source:
      "import { definePolicy } from '@trivet/edge-cache';\n\nexport default definePolicy({\n  receive: ( => 1,\n});\n",
    says: /policy\.ts:4/,
  },
  {
    name: 'has a hook that there is not',
    source: policyOf('recieve: () => undefined,'),
    says: /policy\.ts:4: recieve is nothing/,
  },
  { name: 'throws', source: "const x = 1;\nthrow new Error('not today');\n", says: /policy\.ts:2.*not today/s },
];

const keepsTheOld = ({ name, source, says }: (typeof broken)[number]): Case => ({
  name: `a policy that ${name} is refused with file and line, and the one before stays in force`,
  run: (stack) =>
    under(stack, "deliver: () => ({ set: { 'X-Policy': 'good' } }),", async () => {
      const page = script(stack.edge, fresh);
      const before = await told<State>(stack, '/policy');
      const refused = await stack.policy(source);
      assert.equal(refused.status, 422);
      const { reloaded, version, error } = JSON.parse(refused.text);
      assert.deepEqual([reloaded, version], [false, before.version]);
      assert.match(error, says);
      assert.equal((await ask(page)).headers['x-policy'], 'good');
      const after = await told<State>(stack, '/policy');
      assert.equal(after.version, before.version);
      assert.match(String(after.lastError?.error), says);
    }),
});

/** What a policy may decide, each put in force while the edge runs. */
export const edgePolicy: readonly Case[] = [
  ...broken.map(keepsTheOld),
  {
    name: 'what is stored stays stored when the policy changes, and is delivered by the new one',
    async run(stack) {
      const page = script(stack.edge, { ...fresh, etag: '"v1"' });
      const first = await ask(page);
      assert.deepEqual([first.headers['x-policy'], first.headers.etag], [undefined, '"v1"']);
      await under(stack, "deliver: () => ({ set: { 'X-Policy': 'new' }, remove: ['ETag'] }),", async () => {
        const second = await ask(page);
        assert.match(cacheStatus(second), /hit/);
        assert.equal(nonce(second), nonce(first));
        assert.equal(second.headers['x-policy'], 'new');
        assert.equal(second.headers.etag, undefined);
      });
      const third = await ask(page);
      assert.equal(nonce(third), nonce(first));
      assert.deepEqual([third.headers['x-policy'], third.headers.etag], [undefined, '"v1"']);
    },
  },
  {
    name: 'receive keeps pages out of the cache, changes requests, and answers by itself',
    async run(stack) {
      const members = `receive: ({ path, query, header }) => {
    if (header('x-robot') !== undefined) return { do: 'synth', status: 403, why: 'robot' };
    if (path === '/moved') return { do: 'synth', status: 301, headers: { location: '/' } };
    if (query?.includes('private-area')) return { do: 'pass', why: 'private area' };
    return { set: { 'x-seen': 'by the edge' }, remove: ['x-claim'] };
  },`;
      await under(stack, members, async () => {
        const area = script(stack.edge, { ...fresh, 'private-area': '1' });
        const first = await ask(area);
        const second = await ask(area);
        assert.notEqual(nonce(second), nonce(first));
        assert.match(cacheStatus(second), /fwd=bypass; ?detail="private area"/);
        const moved = await ask(new URL('/moved', stack.edge));
        assert.deepEqual([moved.status, moved.headers.location], [301, '/']);
        assert.equal((await ask(area, { headers: { 'x-robot': '1' } })).status, 403);
        const echoed = await ask(new URL('/echo', stack.edge), { headers: { 'x-claim': '1' } });
        const { headers } = JSON.parse(echoed.text);
        assert.deepEqual([headers['x-seen'], headers['x-claim']], ['by the edge', undefined]);
      });
    },
  },
  {
    name: 'admit gives pages that are missing a lifetime, tags to others, and keeps some out',
    async run(stack) {
      const tag = `policy-${process.pid}-${Date.now()}`;
      const members = `admit: (response, { query }) => {
    if (response.status === 404) return { ttl: '10s', why: 'short for not found' };
    if (query?.includes('never')) return { do: 'pass', why: 'never this one' };
    return { tags: ['${tag}'] };
  },`;
      await under(stack, members, async () => {
        const missing = script(stack.edge, { status: '404', 'cache-control': 'max-age=3600' });
        const first = await ask(missing);
        const second = await ask(missing);
        assert.deepEqual([second.status, nonce(second)], [404, nonce(first)]);
        assert.match(cacheStatus(second), /hit; ?ttl=(?:10|9|8|7)(?:;|$)/);
        const never = script(stack.edge, { ...fresh, never: '1' });
        const passed = await ask(never);
        assert.match(cacheStatus(passed), /detail="never this one"/);
        assert.notEqual(nonce(await ask(never)), nonce(passed));
        const tagged = await ask(script(stack.edge, fresh));
        assert.equal(tagged.status, 200);
        assert.deepEqual(await tell(stack, '/purge', { tags: [tag] }), { purged: 1 });
      });
    },
  },
  {
    name: 'admit grants pages a time in which they are given stale, and a refresh behind them',
    async run(stack) {
      await under(stack, "admit: () => ({ ttl: '500ms', grace: '1m' }),", async () => {
        const page = script(stack.edge, { 'cache-control': 'max-age=600' });
        const first = await ask(page);
        await expired(stack, page);
        const stale = await ask(page);
        assert.equal(nonce(stale), nonce(first));
        assert.match(cacheStatus(stale), /hit; ?ttl=-\d+/);
        await eventually(async () => assert.notEqual(nonce(await ask(page)), nonce(first)));
      });
    },
  },
  {
    name: 'admit leaves the markup of pages alone, and text uncompressed',
    async run(stack) {
      const members = `admit: (_response, { path }) => (path === '/esi/' ? { esi: false } : { compress: false }),`;
      await under(stack, members, async () => {
        await tell(stack, '/purge', { prefix: '/esi/' });
        assert.match((await ask(new URL('/esi/', stack.edge))).text, /<esi:remove>/);
        const page = script(stack.edge, { ...fresh, body: '20000' });
        const answer = await ask(page, { headers: { 'accept-encoding': 'gzip' } });
        assert.equal(answer.headers['content-encoding'], undefined);
      });
      await tell(stack, '/purge', { prefix: '/esi/' });
    },
  },
  {
    name: 'tracking parameters make no page of their own, and the application never sees them',
    async run(stack) {
      await under(stack, "query: { preset: 'tracking', remove: ['ref'], sort: true },", async () => {
        const page = script(stack.edge, { a: '1', ...fresh });
        const first = await ask(page);
        const campaign = new URL(page);
        campaign.search = page.search.slice(1).split('&').toReversed().join('&');
        for (const name of ['utm_source', 'ref', 'gclid']) campaign.search += `&${name}=x`;
        assert.equal(nonce(await ask(campaign)), nonce(first));
        const { text } = await ask(new URL('/echo?b=2&utm_source=mail&a=1&ref=x', stack.edge));
        assert.equal(JSON.parse(text).query, 'a=1&b=2');
      });
      const page = script(stack.edge, { a: '1', ...fresh });
      const first = await ask(page);
      assert.notEqual(nonce(await ask(new URL(`${page.href}&utm_source=mail`))), nonce(first), 'under the usual rules');
    },
  },
  {
    name: 'cookies that the policy drops do not reach the application, and the request to it can be changed',
    async run(stack) {
      const members = `cookies: { keep: ['session'] },
  fetch: () => ({ set: { 'x-edge': 'trivet' } }),`;
      await under(stack, members, async () => {
        const { text } = await ask(new URL('/echo', stack.edge), { headers: { cookie: 'a=1; session=2; b=3' } });
        const { headers } = JSON.parse(text);
        assert.deepEqual([headers.cookie, headers['x-edge']], ['session=2', 'trivet']);
      });
    },
  },
  {
    name: 'a key of the policy’s own puts pages together, and apart',
    async run(stack) {
      const members = `key: ({ host, path, query, header }) =>
    query?.includes('by-device') ? \`\${host}\${path}?\${query} \${header('x-device') ?? ''}\` : undefined,`;
      await under(stack, members, async () => {
        const page = script(stack.edge, { ...fresh, 'by-device': '1' });
        const phone = await ask(page, { headers: { 'x-device': 'phone' } });
        const desktop = await ask(page, { headers: { 'x-device': 'desktop' } });
        assert.notEqual(nonce(desktop), nonce(phone));
        assert.equal(nonce(await ask(page, { headers: { 'x-device': 'phone' } })), nonce(phone));
      });
    },
  },
  {
    name: 'a hook that throws costs its own request a 503, and no other',
    async run(stack) {
      const members = `receive: ({ header }) => {
    if (header('x-trap') !== undefined) throw new Error('caught');
    return undefined;
  },
  synth: (status) => (status === 503 ? { body: '<h1>Back in a minute</h1>' } : undefined),`;
      await under(stack, members, async () => {
        const page = script(stack.edge, fresh);
        const trapped = await ask(page, { headers: { 'x-trap': '1', accept: 'text/html' } });
        assert.deepEqual([trapped.status, trapped.text], [503, '<h1>Back in a minute</h1>']);
        assert.equal((await ask(page)).status, 200);
      });
    },
  },
];
