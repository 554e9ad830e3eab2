import assert from 'node:assert/strict';
import { ask } from '../ask.ts';
import type { Case } from '../topology.ts';

export const files: readonly Case[] = [
  {
    name: 'a part of a file, its end, and a part that is not there',
    async run({ edge }) {
      const page = new URL('/', edge);
      const whole = await ask(page);
      const size = whole.body.length;
      const part = await ask(page, { headers: { range: 'bytes=0-9' } });
      assert.deepEqual([part.status, part.headers['content-range']], [206, `bytes 0-9/${size}`]);
      assert.deepEqual(part.body, whole.body.subarray(0, 10));
      const end = await ask(page, { headers: { range: 'bytes=-5' } });
      assert.deepEqual(end.body, whole.body.subarray(-5));
      const beyond = await ask(page, { headers: { range: `bytes=${size}-` } });
      assert.deepEqual([beyond.status, beyond.headers['content-range']], [416, `bytes */${size}`]);
    },
  },
  {
    name: 'HEAD says of a file what GET would, without it',
    async run({ edge }) {
      const page = new URL('/', edge);
      const whole = await ask(page);
      const head = await ask(page, { method: 'HEAD' });
      assert.equal(head.status, 200);
      assert.equal(head.body.length, 0);
      for (const name of ['content-length', 'content-type', 'etag', 'last-modified'] as const) {
        assert.equal(head.headers[name], whole.headers[name], name);
      }
    },
  },
  {
    name: 'a file whose name carries its hash may be kept for ever',
    async run({ edge }) {
      const page = await ask(new URL('/', edge));
      const asset = /\/assets\/[\w.-]+\.css/.exec(page.text)?.[0];
      assert.ok(asset, 'the sample page has a hashed stylesheet');
      const answer = await ask(new URL(asset, edge));
      assert.match(String(answer.headers['cache-control']), /max-age=31536000.*immutable/);
      assert.match(String(answer.headers['content-type']), /^text\/css; ?charset=utf-8/i);
    },
  },
];
