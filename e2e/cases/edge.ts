import assert from 'node:assert/strict';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { type Answer, ask, cacheStatus, nonce, script } from '../ask.ts';
import { tell } from '../tell.ts';
import type { Case } from '../topology.ts';

const fresh = { 'cache-control': 'max-age=60' };

async function isStored(page: URL, first: Answer): Promise<boolean> {
  return nonce(await ask(page)) === nonce(first);
}

/** What people run an edge for. Pages have a name of their own in each run, so that no case sees another's. */
export const edge: readonly Case[] = [
  {
    name: 'a purge by tag takes what has the tag; a dry run takes nothing',
    async run(stack) {
      const tag = `tag-${process.pid}-${Date.now()}`;
      const [one, other] = [script(stack.edge, { ...fresh, tags: tag }), script(stack.edge, fresh)];
      const [first, second] = [await ask(one), await ask(other)];
      assert.deepEqual(await tell(stack, '/purge', { tags: [tag], dryRun: true }).then((said) => said.purged), 1);
      assert.ok(await isStored(one, first));
      assert.equal((await tell(stack, '/purge', { tags: [tag] })).purged, 1);
      assert.equal(await isStored(one, first), false);
      assert.ok(await isStored(other, second));
    },
  },
  {
    name: 'a soft purge leaves the body for a 304',
    async run(stack) {
      const page = script(stack.edge, { ...fresh, etag: '"v1"' });
      const first = await ask(page);
      await tell(stack, '/purge', { url: page.pathname + page.search, soft: true });
      const renewed = await ask(page);
      assert.equal(renewed.text, first.text);
      assert.match(cacheStatus(renewed), /fwd=stale; fwd-status=304; stored/);
    },
  },
  {
    name: 'a ban takes what its expression matches, and nothing that comes later',
    async run(stack) {
      const page = script(stack.edge, { ...fresh, 'content-type': 'text/x-banned' });
      const other = script(stack.edge, { ...fresh, 'content-type': 'text/plain' });
      const [first, second] = [await ask(page), await ask(other)];
      await tell(stack, '/ban', { expression: 'req.url ~ ^/script && obj.http.content-type ~ x-banned' });
      const again = await ask(page);
      assert.notEqual(nonce(again), nonce(first));
      assert.ok(await isStored(page, again));
      assert.ok(await isStored(other, second));
    },
  },
  {
    name: 'a ban that is wrong is refused with its place',
    async run({ admin }) {
      const body = JSON.stringify({ expression: 'req.url ~ /a && obj.nothing == 1' });
      const headers = { 'content-type': 'application/json' };
      const answer = await admin('edge-cache', '/ban', { method: 'POST', headers, body });
      assert.equal(answer.status, 400);
      assert.partialDeepStrictEqual(JSON.parse(answer.text), { line: 1, column: 17 });
    },
  },
  {
    name: 'a purge while the application thinks outdates its answer',
    async run(stack) {
      const page = script(stack.edge, { ...fresh, delay: '4s' });
      const asking = ask(page);
      const path = page.pathname + page.search;
      await eventually(async () => {
        const { text } = await stack.admin('edge-cache', '/stats');
        assert.equal(JSON.parse(text).fetches, 1);
      });
      assert.equal((await tell(stack, '/purge', { url: path })).purged, 0);
      assert.equal(await isStored(page, await asking), false);
    },
  },
  {
    name: 'several ranges of a stored page are one answer of several parts',
    async run({ edge }) {
      const page = script(edge, { ...fresh, body: '1000' });
      const whole = await ask(page);
      const answer = await ask(page, { headers: { range: 'bytes=10-19,-5' } });
      assert.equal(answer.status, 206);
      const type = String(answer.headers['content-type']);
      const boundary = /^multipart\/byteranges; boundary=(\S+)$/.exec(type)?.[1] ?? '';
      const parts = answer.text.split(`--${boundary}`);
      assert.equal(parts.length, 4);
      assert.ok(parts[1]?.endsWith(`Content-Range: bytes 10-19/1000\r\n\r\n${whole.text.slice(10, 20)}\r\n`));
      assert.ok(parts[2]?.endsWith(`Content-Range: bytes 995-999/1000\r\n\r\n${whole.text.slice(-5)}\r\n`));
    },
  },
];
