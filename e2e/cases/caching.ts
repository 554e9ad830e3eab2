import assert from 'node:assert/strict';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { ask, cacheStatus, nonce, script } from '../ask.ts';
import type { Case } from '../topology.ts';

export const caching: readonly Case[] = [
  {
    name: 'a fresh page is not asked for again',
    async run({ edge }) {
      const page = script(edge, { 'cache-control': 'max-age=60' });
      const first = await ask(page);
      const second = await ask(page);
      assert.match(cacheStatus(first), /^edge-cache; ?fwd=uri-miss.*; ?stored/);
      assert.match(cacheStatus(second), /^edge-cache; ?hit; ?ttl=(60|59|58)/);
      assert.equal(nonce(second), nonce(first));
      assert.match(String(second.headers.age), /^\d+$/);
    },
  },
  {
    name: 'an expired page is revalidated, and a 304 makes it fresh again',
    async run({ edge }) {
      const page = script(edge, { 'cache-control': 'max-age=1', etag: '"v1"' });
      const first = await ask(page);
      const revalidated = await eventually(async () => {
        const answer = await ask(page);
        assert.match(cacheStatus(answer), /fwd=stale.*fwd-status=304/);
        return answer;
      });
      assert.equal(revalidated.status, 200);
      assert.equal(revalidated.text, first.text);
      assert.match(cacheStatus(await ask(page)), /hit/);
    },
  },
  {
    name: 'no-store is never stored',
    async run({ edge }) {
      const page = script(edge, { 'cache-control': 'no-store' });
      const first = await ask(page);
      assert.notEqual(nonce(await ask(page)), nonce(first));
    },
  },
  {
    name: 'a Set-Cookie is nobody else’s',
    async run({ edge }) {
      const page = script(edge, { 'cache-control': 'max-age=60', 'set-cookie': 'id=1' });
      const first = await ask(page);
      const second = await ask(page);
      assert.notEqual(nonce(second), nonce(first));
      assert.match(cacheStatus(first), /detail="set-cookie"/);
    },
  },
  {
    name: 'Vary keeps one answer per variant',
    async run({ edge }) {
      const page = script(edge, { 'cache-control': 'max-age=60', vary: 'Accept-Language' });
      const german = { headers: { 'accept-language': 'de' } };
      const french = { headers: { 'accept-language': 'fr' } };
      const first = await ask(page, german);
      const other = await ask(page, french);
      assert.notEqual(nonce(other), nonce(first));
      assert.equal(nonce(await ask(page, german)), nonce(first));
      assert.equal(nonce(await ask(page, french)), nonce(other));
    },
  },
  {
    name: 'fifty clients that miss at once are one request to the application',
    async run({ edge }) {
      const page = script(edge, { 'cache-control': 'max-age=60', delay: '300ms', body: '10000' });
      const answers = await Promise.all(Array.from({ length: 50 }, () => ask(page)));
      assert.equal(new Set(answers.map(nonce)).size, 1);
      for (const { status, body } of answers) assert.deepEqual([status, body.length], [200, 10_000]);
    },
  },
  {
    name: 'a purged page is asked for again',
    async run({ edge }) {
      const page = script(edge, { 'cache-control': 'max-age=60' });
      const first = await ask(page);
      const purge = await ask(page, { method: 'PURGE' });
      assert.equal(purge.status, 200);
      assert.deepEqual(JSON.parse(purge.text), { purged: 1 });
      const second = await ask(page);
      assert.notEqual(nonce(second), nonce(first));
      assert.equal(nonce(await ask(page)), nonce(second));
    },
  },
  {
    name: 'an unsafe method that succeeds takes the stored page with it',
    async run({ edge }) {
      const page = script(edge, { 'cache-control': 'max-age=60' });
      const first = await ask(page);
      assert.equal((await ask(page, { method: 'POST', body: 'x' })).status, 200);
      assert.notEqual(nonce(await ask(page)), nonce(first));
    },
  },
  {
    name: 'a stored page answers conditional requests, ranges and HEAD',
    async run({ edge }) {
      const page = script(edge, { 'cache-control': 'max-age=60', etag: '"v1"', body: '1000' });
      const whole = await ask(page);
      const matched = await ask(page, { headers: { 'if-none-match': 'W/"v0", "v1"' } });
      assert.deepEqual([matched.status, matched.body.length], [304, 0]);
      const part = await ask(page, { headers: { range: 'bytes=10-19' } });
      assert.equal(part.status, 206);
      assert.equal(part.headers['content-range'], 'bytes 10-19/1000');
      assert.deepEqual(part.body, whole.body.subarray(10, 20));
      const beyond = await ask(page, { headers: { range: 'bytes=1000-' } });
      assert.deepEqual([beyond.status, beyond.headers['content-range']], [416, 'bytes */1000']);
      const head = await ask(page, { method: 'HEAD' });
      assert.deepEqual([head.status, head.headers['content-length'], head.body.length], [200, '1000', 0]);
      assert.equal(nonce(head), nonce(whole));
    },
  },
];
