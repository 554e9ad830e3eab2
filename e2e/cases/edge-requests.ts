import assert from 'node:assert/strict';
import { ask, cacheStatus, nonce, script } from '../ask.ts';
import { strangers } from '../strangers.ts';
import { expired, tell, told } from '../tell.ts';
import type { Case } from '../topology.ts';

const fresh = { 'cache-control': 'max-age=60' };

type Ban = { readonly id: number; readonly expression: string; readonly taken: number };

/** What clients may ask of the edge, by fields and ranges; and bans, as an operator sees them. */
export const edgeRequests: readonly Case[] = [
  {
    name: 'a client that may purge is obeyed when it wants no stored answer, or only one',
    async run({ edge }) {
      const page = script(edge, fresh);
      const never = await ask(page, { headers: { 'cache-control': 'only-if-cached' } });
      assert.equal(never.status, 504);
      const first = await ask(page);
      const stored = await ask(page, { headers: { 'cache-control': 'only-if-cached' } });
      assert.equal(nonce(stored), nonce(first));
      const anew = await ask(page, { headers: { 'cache-control': 'no-cache' } });
      assert.match(cacheStatus(anew), /fwd=request/);
      assert.notEqual(nonce(anew), nonce(first));
      assert.equal(nonce(await ask(page)), nonce(anew), 'the newer one is kept');
    },
  },
  {
    name: 'a client that may purge is told the key when it asks for it',
    async run({ edge }) {
      const page = script(edge, fresh);
      const answer = await ask(page, { headers: { 'x-debug': 'cache-key' } });
      assert.ok(cacheStatus(answer).includes(`key="${page.host}${page.pathname}${page.search}"`));
      assert.doesNotMatch(cacheStatus(await ask(page)), /key=/);
    },
  },
  {
    name: strangers.areNotObeyed,
    async run({ edge, askAsStranger }) {
      assert.ok(askAsStranger !== undefined, 'every address may purge');
      const page = script(edge, fresh);
      const first = await ask(page);
      for (const directive of ['no-cache', 'no-store', 'max-age=0']) {
        const answer = await askAsStranger(page, { headers: { 'cache-control': directive, pragma: 'no-cache' } });
        assert.equal(nonce(answer), nonce(first), directive);
      }
      assert.doesNotMatch(cacheStatus(await askAsStranger(page, { headers: { 'x-debug': 'cache-key' } })), /key=/);
    },
  },
  {
    name: 'credentials keep an answer to themselves, unless it says that it is for everybody',
    async run({ edge }) {
      const headers = { authorization: 'Basic eDp5' };
      for (const [control, isShared] of [
        ['max-age=60', false],
        ['max-age=60, public', true],
        ['s-maxage=60', true],
      ] as const) {
        const page = script(edge, { 'cache-control': control });
        const first = await ask(page, { headers });
        assert.equal(nonce(await ask(page)) === nonce(first), isShared, control);
      }
    },
  },
  {
    name: 'a part that is asked for is stored as a part, and grows by what is missing beside it',
    async run(stack) {
      const { edge } = stack;
      const home = await ask(new URL('/', edge));
      const path = /\/assets\/[\w.-]+\.css/.exec(home.text)?.[0] ?? '';
      const file = new URL(path, edge);
      await tell(stack, '/purge', { url: path });
      const part = (range: string) => ask(file, { headers: { range: `bytes=${range}` } });
      const first = await part('100-199');
      assert.equal(first.status, 206);
      assert.match(cacheStatus(first), /fwd=uri-miss.*stored/);
      assert.match(cacheStatus(await part('120-149')), /hit/);
      const wider = await part('100-299');
      assert.match(cacheStatus(wider), /fwd=partial; ?stored/);
      assert.match(cacheStatus(await part('100-299')), /hit/);
      const whole = await ask(file);
      assert.deepEqual(wider.body, whole.body.subarray(100, 300));
    },
  },
  {
    name: 'a ban is listed with what it took, and a dry run of it takes nothing',
    async run(stack) {
      const mark = `ban-${process.pid}-${Date.now()}`;
      const page = script(stack.edge, { ...fresh, 'content-type': `text/x-${mark}` });
      const first = await ask(page);
      const expression = `obj.http.content-type ~ ${mark}`;
      const dry = await tell(stack, '/ban', { expression, dryRun: true });
      assert.partialDeepStrictEqual(dry, { dryRun: true, expression });
      assert.equal(nonce(await ask(page)), nonce(first));
      const { id } = await tell(stack, '/ban', { expression });
      assert.notEqual(nonce(await ask(page)), nonce(first));
      const bans = await told<Ban[]>(stack, '/bans');
      assert.partialDeepStrictEqual(
        bans.filter((ban) => ban.id === id),
        [{ expression, taken: 1 }],
      );
    },
  },
  {
    name: 'a softly purged page stands in, as a stale one does',
    async run(stack) {
      const page = script(stack.edge, { 'cache-control': 'max-age=60, stale-while-revalidate=60' });
      const first = await ask(page);
      await tell(stack, '/purge', { url: page.href, soft: true });
      await expired(stack, page);
      const second = await ask(page);
      assert.match(cacheStatus(second), /hit; ?ttl=(?:0|-\d+); ?detail="stale-while-revalidate"/);
      assert.equal(nonce(second), nonce(first));
    },
  },
];
