// What a rewrite makes of a request line, beside what nginx makes of it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { askedPath } from '@trivet/kit/files/asked-path.ts';
import { rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { rewritten } from './rewrite.ts';
import type { Rewrite } from './site/route-options.ts';
import { ownNginx } from './testing/oracles/own-nginx.ts';
import { type Listening, whyNot } from './testing/oracles/program.ts';
import { readReply } from './testing/running-front.ts';

const server = `
    location / {
      rewrite ^/v1/(.*)$ /api/$1 last;
      rewrite ^/args/(.*)$ /api/x?own=1 last;
      rewrite ^/none/(.*)$ /api/$1? last;
      rewrite ^/id/([^/]*)$ /api/y?id=$1 last;
      rewrite ^/chain/(.*)$ /v1/chained/$1 last;
      rewrite ^/round /round last;
      return 404;
    }
    location /api/ { return 200 "$uri $args"; }`;

const rewrites: Rewrite[] = [
  { pattern: /^\/v1\/(.*)$/, to: '/api/$1' },
  { pattern: /^\/args\/(.*)$/, to: '/api/x?own=1' },
  { pattern: /^\/none\/(.*)$/, to: '/api/$1?' },
  { pattern: /^\/id\/([^/]*)$/, to: '/api/y?id=$1' },
  { pattern: /^\/chain\/(.*)$/, to: '/v1/chained/$1' },
  { pattern: /^\/round/, to: '/round' },
];

describe('a rewrite as nginx carries it out', { skip: whyNot('nginx') }, () => {
  let nginx: Listening;
  before(async () => {
    nginx = await ownNginx({ server });
  });
  after(() => nginx[Symbol.asyncDispose]());

  for (const target of [
    '/v1/a/b',
    '/v1/a?x=1&y',
    '/v1/a%20b%3Fc',
    '/v1/',
    '/args/z',
    '/args/z?a=1',
    '/none/z?a=1',
    '/id/ada',
    '/id/a%26b%3F',
    '/id/ada?z',
    '/chain/x?q',
    '/x/../v1/a//b',
    '/round',
  ]) {
    test(target, async () => {
      const reply = readReply(
        await rawExchange(nginx.port, `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`),
      );
      const found = rewritten(rewrites, askedPath(target), target);
      if (found.verdict === 'loop') return assert.equal(reply.status, 500);
      const { path, query } = found.asked;
      assert.deepEqual([200, `${path} ${query ?? ''}`], [reply.status, reply.body]);
    });
  }
});
