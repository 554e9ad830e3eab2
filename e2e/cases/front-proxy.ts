import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { ask, open, script } from '../ask.ts';
import { counted, doors, folder, reason, underSite, unique } from '../front.ts';
import { neighbour } from '../neighbour.ts';
import type { Case } from '../topology.ts';

/** How the app is asked, and what becomes of its answers. */
export const frontProxy: readonly Case[] = [
  {
    name: '`to` stands in place of the path, however the client wrote that; the rest stays byte for byte',
    async run(stack) {
      const name = unique();
      const members = `routes: [{ path: '/${name}/', proxy: 'app', to: '/' }, { path: '/', files: '.' }],`;
      await underSite(stack, members, async () => {
        for (const door of doors(stack)) {
          for (const path of [
            `/${name}/echo?a=%2F`,
            `/${name}//echo?a=%2F`,
            `//${name}/echo?a=%2F`,
            `/x/../${name}/echo?a=%2F`,
          ]) {
            const { path: seen, query } = JSON.parse((await ask(door, { path })).text);
            assert.deepEqual([seen.replace(/^\/+/, '/'), query], ['/echo', 'a=%2F'], path);
          }
        }
      });
    },
  },
  {
    name: 'the app is asked once the body is here, or at once where the route says so',
    async run(stack) {
      await using app = await neighbour(stack, (message, response) => {
        message.resume().once('end', () => response.end('got it'));
      });
      const members = `routes: [
    { path: '/full', proxy: 'up' },
    { path: '/stream', proxy: 'up', requestBuffering: 'stream' },
  ],
  upstreams: { up: { addresses: '${app.address}' } },`;
      await underSite(stack, members, async () => {
        const begin = (path: string) => {
          const sending = request(new URL(path, stack.front), { method: 'POST', agent: false });
          sending.write('half of it');
          return sending;
        };
        const full = begin('/full');
        const stream = begin('/stream');
        await eventually(() => assert.equal(app.heard.length, 1));
        assert.equal(app.heard[0]?.url, '/stream');
        assert.equal(app.heard[0]?.headers['transfer-encoding'], 'chunked');
        for (const sending of [full, stream]) {
          const answered = once(sending, 'response');
          sending.end(', and the rest');
          const [response] = await answered;
          assert.equal(response.statusCode, 200);
          response.resume();
        }
        const heard = app.heard.find(({ url }) => url === '/full');
        assert.equal(heard?.headers['content-length'], '24', 'the app is told how long it is');
        assert.equal(heard?.headers['transfer-encoding'], undefined);
      });
    },
  },
  {
    name: 'a body beyond the limit of its route is refused before it is read, or as soon as it is too long',
    async run(stack) {
      await using app = await neighbour(stack, (_message, response) => response.end());
      const members = `routes: [
    { path: '/small', proxy: 'up', bodyLimit: '1KB' },
    { path: '/streamed', proxy: 'up', bodyLimit: '1KB', requestBuffering: 'stream' },
    { path: '/', proxy: 'app' },
  ],
  upstreams: { up: { addresses: '${app.address}' } },`;
      await underSite(stack, members, async () => {
        const place = { host: stack.front.hostname, port: Number(stack.front.port) };
        for (const path of ['/small', '/streamed']) {
          await using client = await rawConnect(place);
          await client.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1025\r\n\r\n`);
          assert.match(await client.readUntil('\r\n'), /^HTTP\/1\.1 413 /);
        }
        assert.equal(app.heard.length, 0, 'the app was not asked');
        for (const path of ['/small', '/streamed']) {
          await using client = await rawConnect(place);
          await client.write(
            `POST ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n800\r\n${'x'.repeat(2048)}\r\n`,
          );
          assert.match(await client.readUntil('\r\n'), /^HTTP\/1\.1 413 /, 'the end has not come');
        }
        assert.equal(
          (await ask(new URL('/small', stack.front), { method: 'POST', body: 'x'.repeat(1024) })).status,
          200,
        );
        const other = await ask(new URL('/echo', stack.edge), { method: 'POST', body: 'x'.repeat(5000) });
        assert.equal(JSON.parse(other.text).bodyBytes, 5000);
      });
    },
  },
  {
    name: 'a page of the site stands in for errors of the app, with their status and what belongs to it',
    async run(stack) {
      const place = await folder(stack, { 'later.html': '<h1>{{status}} {{reason}}</h1>' });
      await using app = await neighbour(stack, (message, response) => {
        response.writeHead(Number(message.url?.slice(-3)), { 'retry-after': '7', 'x-secret': 'stack trace' });
        response.end('at line 42');
      });
      const members = `routes: [{ path: '/', proxy: 'up', intercept: [500, 503] }],
  upstreams: { up: { addresses: '${app.address}' } },
  errorPages: { 503: '${place.slice(1)}later.html' },`;
      await underSite(stack, members, async () => {
        for (const door of doors(stack)) {
          const asked = (path: string, accept: string) =>
            ask(new URL(`/${unique()}/${path}`, door), { headers: { accept } });
          const page = await asked('503', 'text/html');
          assert.deepEqual([page.status, page.text], [503, '<h1>503 intercepted</h1>']);
          assert.deepEqual([page.headers['retry-after'], page.headers['x-secret']], ['7', undefined]);
          assert.equal(reason(await asked('500', 'application/json')), 'intercepted');
          assert.equal((await asked('502', 'text/html')).text, 'at line 42', 'not in the list');
        }
      });
    },
  },
  {
    name: 'where the app sends clients, and for whom its cookies are, is said in the client’s terms',
    async run(stack) {
      const members = `routes: [{
    path: '/script', proxy: 'app',
    location: { 'http://app.internal/': '/', '/old/': 'https://example.org/' },
    cookies: { domain: { 'app.internal': '' }, path: { '/app/': '/' } },
  }],`;
      await underSite(stack, members, async () => {
        for (const door of doors(stack)) {
          const asked = async (parameters: Record<string, string>) =>
            (await ask(script(door, { status: '302', ...parameters }))).headers;
          assert.equal((await asked({ location: 'http://app.internal/a?b=c' })).location, '/a?b=c');
          assert.equal((await asked({ location: '/old/a' })).location, 'https://example.org/a');
          assert.equal((await asked({ location: 'http://other.internal/' })).location, 'http://other.internal/');
          const cookie = 'a=b; Domain=.App.internal; Path=/app/x; HttpOnly';
          assert.deepEqual((await asked({ 'set-cookie': cookie }))['set-cookie'], ['a=b; Path=/x; HttpOnly']);
        }
      });
    },
  },
  {
    name: 'text of the app is compressed for who asks the front itself, unless the route or the app says no',
    async run(stack) {
      const members = `routes: [
    { path: '/plain/', proxy: 'app', to: '/', compress: false },
    { path: '/', proxy: 'app' },
  ],`;
      await underSite(stack, members, async () => {
        const asked = (parameters: Record<string, string>, path = '/script') => {
          const url = script(stack.front, { body: '20000', etag: 'v1', ...parameters });
          url.pathname = path;
          return ask(url, { headers: { 'accept-encoding': 'gzip' } });
        };
        const { headers, body } = await asked({});
        assert.deepEqual([headers['content-encoding'], headers.etag], ['gzip', 'W/"v1"']);
        assert.match(String(headers.vary), /accept-encoding/i);
        assert.equal(gunzipSync(body).length, 20_000);
        const left = [
          await asked({ body: '500' }),
          await asked({ 'content-type': 'image/png' }),
          await asked({ 'cache-control': 'no-transform' }),
          await asked({}, '/plain/script'),
        ];
        for (const one of left)
          assert.deepEqual([one.headers['content-encoding'], one.headers.etag], [undefined, '"v1"']);
      });
    },
  },
  {
    name: 'events come one by one as the app makes them, and what it says of buffering ends here',
    async run({ front }) {
      const response = await open(new URL('/events?count=3&interval=200ms', front));
      assert.equal(response.headers['x-accel-buffering'], undefined);
      const arrivals: string[] = [];
      response.on('data', (chunk: Buffer) => arrivals.push(chunk.toString()));
      await once(response, 'end');
      assert.equal(arrivals.filter((text) => text.includes('data:')).length, 3, JSON.stringify(arrivals));
    },
  },
  {
    name: 'the app hears that a client has left, and he is counted as 499',
    async run(stack) {
      let gone = 0;
      await using app = await neighbour(stack, (_message, response) => response.once('close', () => gone++));
      const members = `routes: [{ path: '/', proxy: 'up' }],\n  upstreams: { up: { addresses: '${app.address}' } },`;
      await underSite(stack, members, async () => {
        const left = () => counted(stack, 'trivet_http_requests_total', { status: '499', outcome: 'client-left' });
        const before = await left();
        const sending = request(new URL(`/${unique()}`, stack.front), { agent: false });
        sending.on('error', () => undefined).end();
        await eventually(() => assert.equal(app.heard.length, 1));
        sending.destroy();
        await eventually(() => assert.equal(gone, 1));
        await eventually(async () => assert.equal(await left(), before + 1));
        await using uploading = await rawConnect({ host: stack.front.hostname, port: Number(stack.front.port) });
        await uploading.write('POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n');
        await uploading.readUntil('HTTP/1.1 100 ');
        const cut = () => counted(stack, 'trivet_http_requests_total', { method: 'POST', status: '400' });
        const cutBefore = await cut();
        uploading.reset();
        // What stands between them, as a port that Docker publishes, may make an end of a reset: then it is a 400.
        await eventually(async () => assert.equal((await left()) + (await cut()), before + 1 + cutBefore + 1));
        assert.equal(app.heard.length, 1, 'of an upload that broke off the app never hears');
      });
    },
  },
  {
    name: 'what the app sends is passed on while it sends, also through the edge',
    async run(stack) {
      const release = Promise.withResolvers<void>();
      await using app = await neighbour(stack, async (_message, response) => {
        response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-store' });
        response.write('first');
        await release.promise;
        response.end('last');
      });
      const members = `routes: [{ path: '/', proxy: 'up', buffering: 'off' }],\n  upstreams: { up: { addresses: '${app.address}' } },`;
      await underSite(stack, members, async () => {
        const responses = await Promise.all(doors(stack).map((door) => open(new URL(`/${unique()}`, door))));
        const texts = responses.map(() => '');
        for (const [at, response] of responses.entries()) {
          response.on('data', (chunk: Buffer) => {
            texts[at] = `${texts[at]}${chunk}`;
          });
        }
        await eventually(() => assert.deepEqual(texts, ['first', 'first']));
        const ends = responses.map((response) => once(response, 'end'));
        release.resolve();
        await Promise.all(ends);
        assert.deepEqual(texts, ['firstlast', 'firstlast']);
      });
    },
  },
];
