import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Tier } from '@trivet/kit/semantics/fault.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { ask, nonce, open, script } from '../ask.ts';
import { recovered, recoveryMs } from '../recovered.ts';
import type { Case } from '../topology.ts';

const shutdown = (tier: Tier): Case => ({
  name: `${tier} finishes what is in flight when it is told to stop`,
  async run(stack) {
    const response = await open(new URL('/events?count=6&interval=200ms', stack.edge));
    let text = '';
    response.on('data', (chunk: Buffer) => {
      text += chunk;
    });
    const ended = once(response, 'end');
    await eventually(() => assert.match(text, /^data:/m));
    try {
      await stack.stop(tier);
      await ended;
      assert.equal(text.match(/^data:/gm)?.length, 6);
    } finally {
      await recovered(stack, tier);
    }
  },
});

export const failures: readonly Case[] = [
  {
    name: 'a stale page stands in while the application is down, and gives way when it is back',
    async run(stack) {
      const page = script(stack.edge, { 'cache-control': 'max-age=1, stale-while-revalidate=60' });
      const first = await ask(page);
      try {
        await stack.stop('app-backend');
        const stale = await eventually(async () => {
          const answer = await ask(page);
          assert.equal(answer.status, 200);
          assert.ok(Number(answer.headers.age) > 1, 'it is stale by now');
          return answer;
        });
        assert.equal(nonce(stale), nonce(first));
      } finally {
        await recovered(stack, 'app-backend');
      }
      await eventually(async () => assert.notEqual(nonce(await ask(page)), nonce(first)), recoveryMs);
    },
  },
  {
    name: 'without a stale page the error names the tier that met it, and the files stay on line',
    async run(stack) {
      try {
        await stack.stop('app-backend');
        const page = await ask(script(stack.edge), { headers: { accept: 'text/html' } });
        // A port without a process refuses (503); a container that is gone does not even do that (504).
        assert.ok(page.status === 503 || page.status === 504, `${page.status}`);
        assert.match(page.text, /static-frontend/);
        assert.match(String(page.headers['proxy-status']), /^static-frontend; ?error=/);
        if (page.status === 503) assert.match(String(page.headers['retry-after']), /^\d+$/);
        const json = await ask(script(stack.edge), { headers: { accept: 'application/json' } });
        assert.equal(JSON.parse(json.text).tier, 'static-frontend');
        assert.equal((await ask(new URL('/', stack.edge))).status, 200);
      } finally {
        await recovered(stack, 'app-backend');
      }
    },
  },
  {
    name: 'an application that dies in the middle of a request is a 502 that says so',
    async run(stack) {
      // A POST: a GET would be sent once more, and find nobody.
      const asked = ask(script(stack.edge, { delay: '20s' }), {
        method: 'POST',
        headers: { accept: 'application/json' },
        body: 'x',
      });
      // It is with the application by the time that later ones have gone all the way and back.
      for (let i = 0; i < 5; i++) await ask(script(stack.edge));
      try {
        await stack.kill('app-backend');
        const answer = await asked;
        assert.equal(answer.status, 502);
        const { tier, reason } = JSON.parse(answer.text);
        assert.deepEqual([tier, reason], ['static-frontend', 'reset-before-head']);
      } finally {
        await recovered(stack, 'app-backend');
      }
    },
  },
  shutdown('app-backend'),
  shutdown('static-frontend'),
  shutdown('edge-cache'),
];
