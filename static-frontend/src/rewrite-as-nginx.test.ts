// What a rewrite makes of a request line, beside what nginx makes of it.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { askedPath } from './asked-path.ts';
import { rewritten } from './rewrite.ts';
import type { Rewrite } from './site/route-options.ts';
import { fileTree } from './testing/file-tree.ts';
import { readReply } from './testing/running-front.ts';

const skip = spawnSync('nginx', ['-v']).error === undefined ? false : 'there is no nginx here';

const config = (folder: string, port: number) => `
pid ${folder}/pid; error_log ${folder}/log;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/t1; proxy_temp_path ${folder}/t2; fastcgi_temp_path ${folder}/t3;
  uwsgi_temp_path ${folder}/t4; scgi_temp_path ${folder}/t5;
  server {
    listen 127.0.0.1:${port};
    location / {
      rewrite ^/v1/(.*)$ /api/$1 last;
      rewrite ^/args/(.*)$ /api/x?own=1 last;
      rewrite ^/none/(.*)$ /api/$1? last;
      rewrite ^/id/([^/]*)$ /api/y?id=$1 last;
      rewrite ^/chain/(.*)$ /v1/chained/$1 last;
      rewrite ^/round /round last;
      return 404;
    }
    location /api/ { return 200 "$uri $args"; }
  }
}`;

const rewrites: Rewrite[] = [
  { pattern: /^\/v1\/(.*)$/, to: '/api/$1' },
  { pattern: /^\/args\/(.*)$/, to: '/api/x?own=1' },
  { pattern: /^\/none\/(.*)$/, to: '/api/$1?' },
  { pattern: /^\/id\/([^/]*)$/, to: '/api/y?id=$1' },
  { pattern: /^\/chain\/(.*)$/, to: '/v1/chained/$1' },
  { pattern: /^\/round/, to: '/round' },
];

describe('a rewrite as nginx carries it out', { skip }, () => {
  const own = new AsyncDisposableStack();
  let port = 0;
  before(async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
    server.close();
    await once(server, 'close');
    const tree = own.use(await fileTree({}));
    const conf = own.use(await fileTree({ 'nginx.conf': config(tree.path, port) }));
    const child = spawn('nginx', ['-c', `${conf.path}/nginx.conf`, '-g', 'daemon off;'], { stdio: 'ignore' });
    own.defer(async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
    });
    await eventually(() => rawExchange(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'), 10_000);
  });
  after(() => own.disposeAsync());

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
        await rawExchange(port, `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`),
      );
      const found = rewritten(rewrites, askedPath(target), target);
      if (found.verdict === 'loop') return assert.equal(reply.status, 500);
      const { path, query } = found.asked;
      assert.deepEqual([200, `${path} ${query ?? ''}`], [reply.status, reply.body]);
    });
  }
});
