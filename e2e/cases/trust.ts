import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { ask } from '../ask.ts';
import type { Case } from '../topology.ts';

export const trust: readonly Case[] = [
  {
    name: 'the client’s address and one request id reach the application through all tiers',
    async run({ edge }) {
      const answer = await ask(new URL('/echo', edge));
      const { headers } = JSON.parse(answer.text);
      const chain = String(headers['x-forwarded-for']).split(/, */);
      assert.equal(chain.length, 2, 'the client, as the edge saw it, and the edge, as the front saw it');
      for (const address of chain) assert.notEqual(isIP(address), 0, address);
      assert.equal(headers['x-request-id'], answer.headers['x-request-id']);
      assert.equal(headers['x-forwarded-proto'], 'http');
    },
  },
  {
    name: 'what a stranger claims of addresses and ids is not believed',
    async run({ edge }) {
      const answer = await ask(new URL('/echo', edge), {
        headers: {
          'x-forwarded-for': '6.6.6.6',
          'x-forwarded-proto': 'https',
          forwarded: 'for=6.6.6.6;proto=https',
          'x-request-id': 'mine',
        },
      });
      const { headers } = JSON.parse(answer.text);
      assert.doesNotMatch(JSON.stringify(headers), /6\.6\.6\.6/);
      assert.equal(headers['x-forwarded-proto'], 'http');
      assert.notEqual(answer.headers['x-request-id'], 'mine');
    },
  },
  {
    name: 'fields of one connection do not travel',
    async run({ edge }) {
      const answer = await ask(new URL('/echo', edge), {
        headers: { connection: 'close, x-hop', 'x-hop': '1', 'proxy-authorization': 'Basic eDp5' },
      });
      const { headers } = JSON.parse(answer.text);
      for (const name of ['x-hop', 'proxy-authorization']) assert.equal(headers[name], undefined, name);
    },
  },
];
