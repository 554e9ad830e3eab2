import assert from 'node:assert/strict';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { ask, cacheStatus, nonce, script } from '../ask.ts';
import { recovered } from '../recovered.ts';
import { counters, expired } from '../tell.ts';
import type { Case } from '../topology.ts';

/** What is given out past its lifetime, and what is not. */
export const edgeStale: readonly Case[] = [
  {
    name: 'a stale page is given at once to all who ask, while one refresh runs behind it',
    async run(stack) {
      const control = 'max-age=1, stale-while-revalidate=60';
      const page = script(stack.edge, { 'cache-control': control, delay: '2s' });
      const first = await ask(page);
      await expired(stack, page);
      const before = await counters(stack);
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask(page)));
      for (const answer of answers) {
        assert.equal(nonce(answer), nonce(first));
        assert.match(cacheStatus(answer), /hit; ?ttl=-\d+; ?detail="stale-while-revalidate"/);
      }
      await eventually(async () => {
        const after = await counters(stack);
        const grown = (name: string) => after(name) - before(name);
        assert.deepEqual(['bgfetch', 'backend_req', 'cache_hit_grace'].map(grown), [1, 1, 20]);
      });
      await eventually(async () => assert.notEqual(nonce(await ask(page)), nonce(first)));
    },
  },
  {
    name: 'a page that a refresh finds unchanged is fresh again, with the body that it had',
    async run(stack) {
      const control = 'max-age=1, stale-while-revalidate=60';
      const page = script(stack.edge, { 'cache-control': control, etag: '"v1"', body: '5000' });
      const first = await ask(page);
      await expired(stack, page);
      const before = await counters(stack);
      assert.match(cacheStatus(await ask(page)), /detail="stale-while-revalidate"/);
      await eventually(async () => assert.equal((await counters(stack))('fetch_304') - before('fetch_304'), 1));
      assert.deepEqual((await ask(page)).body, first.body);
    },
  },
  {
    name: 'a page that is stale for whoever asks is asked for while they wait, once for all of them',
    async run(stack) {
      const page = script(stack.edge, { 'cache-control': 'max-age=1', delay: '300ms' });
      const first = await ask(page);
      await expired(stack, page);
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask(page)));
      const nonces = new Set(answers.map(nonce));
      assert.equal(nonces.size, 1);
      assert.ok(!nonces.has(nonce(first)));
    },
  },
  {
    name: 'while the application is down a page that must be revalidated is an error, one that may be stale is not',
    async run(stack) {
      const controls = [
        'max-age=1, must-revalidate, stale-if-error=600',
        'max-age=1, proxy-revalidate, stale-while-revalidate=600',
        's-maxage=1, stale-if-error=600',
        'max-age=1, stale-if-error=0',
      ];
      const strict = controls.map((control) => script(stack.edge, { 'cache-control': control }));
      const lenient = script(stack.edge, { 'cache-control': 'max-age=1, stale-if-error=600' });
      const first = await ask(lenient);
      for (const page of strict) await ask(page);
      for (const page of [...strict, lenient]) await expired(stack, page);
      try {
        await stack.kill('app-backend');
        // All at once: a container that is gone does not even refuse, and each attempt lasts until its timeout.
        const [stale, ...errors] = await Promise.all([lenient, ...strict].map((page) => ask(page)));
        for (const [i, { status }] of errors.entries())
          assert.ok([502, 503, 504].includes(status), `${controls[i]}: ${status}`);
        assert.ok(stale !== undefined);
        assert.deepEqual([stale.status, nonce(stale)], [200, nonce(first)]);
        assert.match(cacheStatus(stale), /fwd=stale; ?fwd-status=50[234]; ?ttl=-\d+; ?detail="stale-if-error"/);
      } finally {
        await recovered(stack, 'app-backend');
      }
    },
  },
];
