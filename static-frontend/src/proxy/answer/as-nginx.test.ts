import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import { ownNginx } from '../../testing/oracles/own-nginx.ts';
import { whyNot } from '../../testing/oracles/program.ts';
import { readReply, runFront } from '../../testing/running-front.ts';

const skip = whyNot('nginx');

const nginxBefore = (app: number) =>
  ownNginx({
    http: `
  gzip on; gzip_types text/plain application/json; gzip_min_length 1024; gzip_vary on; absolute_redirect off;`,
    server: `
    proxy_http_version 1.1;
    location /api/ {
      proxy_pass http://127.0.0.1:${app}/v1/;
      proxy_redirect http://app:8000/old/ http://site/new/; proxy_redirect http://app:8000/ http://site/;
      proxy_cookie_path /app/ /; proxy_cookie_domain app.local example.com;
    }`,
  });

const site = {
  routes: [
    {
      ...{ path: '/api/', proxy: 'app', to: '/v1/' },
      location: { 'http://app:8000/old/': 'http://site/new/', 'http://app:8000/': 'http://site/' },
      cookies: { path: { '/app/': '/' }, domain: { 'app.local': 'example.com' } },
    },
  ],
};

/** An app that answers with the fields of its query, `|` between names and values. */
async function stand() {
  await using own = new AsyncDisposableStack();
  const app = own.use(
    await scriptedOrigin((request, reply) => {
      const [, given = ''] = request.target.split('?');
      const fields = given.split('|').map((text) => decodeURIComponent(text));
      reply.send(200, fields, 'x'.repeat(2000));
    }),
  );
  const tree = own.use(await fileTree({}));
  const front = own.use(await runFront({ root: tree.path, site, app: [app.address] }));
  const nginx = own.use(await nginxBefore(app.port));
  const all = own.move();
  return { app, ports: { front: front.port, nginx: nginx.port }, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

const asked: readonly [what: string, path: string, fields: readonly string[]][] = [
  ['a place', '/api/x', ['Location', 'http://app:8000/x']],
  ['the first that fits', '/api/x', ['Location', 'http://app:8000/old/x']],
  ['a place elsewhere', '/api/x', ['Location', 'http://other/x']],
  ['a refresh', '/api/x', ['Refresh', '5; url=http://app:8000/x']],
  ['the path of a cookie', '/api/x', ['Set-Cookie', 'a=1; path=/app/x; Secure']],
  ['the path of a cookie elsewhere', '/api/x', ['Set-Cookie', 'a=1; Path=/other/']],
  ['the domain of a cookie', '/api/x', ['Set-Cookie', 'a=1; Domain=App.Local; HttpOnly']],
  ['another domain', '/api/x', ['Set-Cookie', 'a=1; Domain=sub.app.local']],
  ['a cookie of that name', '/api/x', ['Set-Cookie', 'path=/app/; Max-Age=1']],
  ['text', '/api/x', ['Content-Type', 'text/plain', 'ETag', '"x"']],
  ['no text', '/api/x', ['Content-Type', 'image/png', 'ETag', '"x"']],
  ['what is compressed', '/api/x', ['Content-Type', 'text/plain', 'Content-Encoding', 'br']],
  ['a prefix that is encoded', '/%61pi/x', ['X-A', 'b']],
  ['a doubled slash', '//api//x', ['X-A', 'b']],
  ['dot segments', '/api/a/../x/./y', ['X-A', 'b']],
];

test('what becomes of targets and answers is what nginx makes of them', { skip }, async (t) => {
  await using it = await stand();
  for (const [what, path, fields] of asked) {
    await t.test(what, async () => {
      const target = `${path}?${fields.map(encodeURIComponent).join('|')}`;
      const told = async (port: number) => {
        const head = `GET ${target} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n`;
        const { status, get } = readReply(await rawExchange(port, head));
        const names = ['location', 'refresh', 'set-cookie', 'content-encoding', 'etag', 'vary'];
        return [status, ...names.map((name) => get(name)), it.app.requests.at(-1)?.target];
      };
      assert.deepEqual(await told(it.ports.front), await told(it.ports.nginx));
    });
  }
});
