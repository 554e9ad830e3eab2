import assert from 'node:assert/strict';
import { ask } from '../ask.ts';
import type { Case } from '../topology.ts';

export const namespace: readonly Case[] = [
  {
    name: 'a file wins over the application',
    async run({ edge }) {
      const page = await ask(new URL('/', edge));
      assert.equal(page.status, 200);
      assert.match(String(page.headers['content-type']), /^text\/html/);
      assert.match(page.text, /<html/i);
      const posted = await ask(new URL('/', edge), { method: 'POST', body: 'x' });
      assert.equal(posted.status, 405);
      assert.match(String(posted.headers.allow), /GET/);
    },
  },
  {
    name: 'the application answers the rest',
    async run({ edge }) {
      const answer = await ask(new URL('/echo?a=%2Fb', edge));
      assert.equal(answer.status, 200);
      const { method, path, query } = JSON.parse(answer.text);
      assert.deepEqual({ method, path, query }, { method: 'GET', path: '/echo', query: 'a=%2Fb' });
    },
  },
  {
    name: 'what neither has is a 404',
    async run({ edge }) {
      assert.equal((await ask(new URL('/nowhere/at/all', edge))).status, 404);
    },
  },
  {
    name: 'a file is served in the coding that the client likes best, and conditionally',
    async run({ edge }) {
      const page = await ask(new URL('/', edge), { headers: { 'accept-encoding': 'gzip;q=0.5, br' } });
      assert.equal(page.headers['content-encoding'], 'br');
      assert.match(String(page.headers.vary), /accept-encoding/i);
      const again = await ask(new URL('/', edge), {
        headers: { 'accept-encoding': 'gzip;q=0.5, br', 'if-none-match': String(page.headers.etag) },
      });
      assert.equal(again.status, 304);
      assert.equal(again.body.length, 0);
    },
  },
  {
    name: 'a path that climbs, a NUL and a dotfile are refused',
    async run({ edge }) {
      const status = async (path: string) => (await ask(edge, { path })).status;
      assert.equal(await status('/../etc/passwd'), 400);
      assert.equal(await status('/%2e%2e/%2e%2e/etc/passwd'), 400);
      assert.equal(await status('/index.html%00'), 400);
      assert.equal(await status('/.env'), 404);
    },
  },
  {
    name: 'each answer says which tiers made it',
    async run({ edge }) {
      const { headers } = await ask(new URL('/echo', edge));
      for (const tier of ['edge', 'front', 'app'])
        assert.match(String(headers['server-timing']), new RegExp(`${tier};dur=`));
      assert.match(String(headers.via), /static-frontend.*edge-cache/);
      assert.match(String(headers['cache-status']), /^edge-cache; ?fwd=/);
    },
  },
];
