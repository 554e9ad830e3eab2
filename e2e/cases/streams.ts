import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { ask, open, script } from '../ask.ts';
import type { Case } from '../topology.ts';

const twentyMegabytes = 20 * 1024 * 1024;

export const streams: readonly Case[] = [
  {
    name: 'an upload of 20 MB arrives whole',
    async run({ edge }) {
      const body = randomBytes(twentyMegabytes);
      const answer = await ask(new URL('/echo', edge), { method: 'POST', body });
      assert.equal(answer.status, 200);
      const { bodyBytes, sha256 } = JSON.parse(answer.text);
      assert.equal(bodyBytes, twentyMegabytes);
      assert.equal(sha256, createHash('sha256').update(body).digest('hex'));
    },
  },
  {
    name: 'an upload without a length arrives whole',
    async run({ edge }) {
      const headers = { 'transfer-encoding': 'chunked' };
      const answer = await ask(new URL('/echo', edge), { method: 'PUT', headers, body: Buffer.alloc(300_000, 'x') });
      assert.equal(JSON.parse(answer.text).bodyBytes, 300_000);
    },
  },
  {
    name: 'an upload beyond the limit is refused with 413',
    async run({ edge }) {
      const body = Buffer.alloc(33 * 1024 * 1024);
      const answer = await ask(new URL('/echo', edge), { method: 'POST', body });
      assert.equal(answer.status, 413);
      assert.match(answer.text, /body-too-large/);
    },
  },
  {
    name: 'a download of 20 MB arrives whole, stored or not',
    async run({ edge }) {
      for (const control of ['no-store', 'max-age=60']) {
        const page = script(edge, { body: String(twentyMegabytes), 'cache-control': control });
        for (const answer of [await ask(page), await ask(page)]) {
          assert.deepEqual([answer.status, answer.body.length], [200, twentyMegabytes]);
        }
      }
    },
  },
  {
    name: 'a transfer that the application breaks off looks broken to the client',
    async run({ edge }) {
      const page = script(edge, { body: '1000', chunks: '4', abort: 'mid-body', 'cache-control': 'max-age=60' });
      await assert.rejects(ask(page));
      await assert.rejects(ask(page), 'nothing half-received is stored');
    },
  },
  {
    name: 'server-sent events arrive one by one',
    async run({ edge }) {
      const response = await open(new URL('/events?count=3&interval=200ms', edge));
      assert.match(String(response.headers['content-type']), /^text\/event-stream/);
      const arrivals: string[] = [];
      response.on('data', (chunk: Buffer) => arrivals.push(chunk.toString()));
      await once(response, 'end');
      const withEvent = arrivals.filter((text) => text.includes('data:'));
      assert.equal(withEvent.length, 3, `three reads, one event each: ${JSON.stringify(arrivals)}`);
    },
  },
  {
    name: 'a WebSocket speaks through all tiers',
    async run({ edge }) {
      const url = new URL('/ws', edge);
      url.protocol = 'ws:';
      const socket = new WebSocket(url);
      const refused = once(socket, 'error').then(() => Promise.reject(new Error('no WebSocket is spoken here')));
      await Promise.race([once(socket, 'open'), refused]);
      for (const text of ['hello', 'x'.repeat(100_000)]) {
        const echoed = once(socket, 'message');
        socket.send(text);
        const [event] = await echoed;
        assert.equal((event as MessageEvent).data, text);
      }
      const closed = once(socket, 'close');
      socket.close(1000);
      await closed;
    },
  },
];
