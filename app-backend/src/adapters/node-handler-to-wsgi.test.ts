import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { Barrier } from '@trivet/kit/testing/barrier.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawConnect, rawExchange } from '@trivet/kit/testing/raw-client.ts';
import express, { type Express } from 'express';
import { validate } from '../gateway/validate.ts';
import { run, told } from '../testing/recording.ts';
import { serve } from '../testing/serving.ts';
import { dispatch } from '../toolkit/dispatch.ts';
import { nodeHandlerToWsgi } from './node-handler-to-wsgi.ts';

const large = Buffer.from(Array.from({ length: 1_500_000 }, (_, at) => (at * 7) % 251));

function shop(folder: string): Express {
  const app = express();
  app.disable('x-powered-by').set('env', 'test');
  app.get('/hello/:name', (request, response) => {
    response.cookie('a', '1').cookie('b', '2').json({ hello: request.params.name, query: request.query });
  });
  app.post('/sum', express.json(), (request, response) => {
    response.json({ sum: (request.body as number[]).reduce((sum, each) => sum + each, 0) });
  });
  app.post('/digest', async (request, response) => {
    const hash = createHash('sha256');
    for await (const chunk of request) hash.update(chunk as Buffer);
    response.send(hash.digest('hex'));
  });
  app.get('/file', (_request, response) => response.sendFile('large.bin', { root: folder }));
  app.get('/away', (_request, response) => response.redirect('/elsewhere'));
  app.get('/pipe', (_request, response) => {
    createReadStream(join(folder, 'large.bin')).pipe(response.type('bin'));
  });
  app.get('/who', (request, response) => {
    const { baseUrl, url, originalUrl, ip, protocol, hostname, method, secure, path } = request;
    response.json({ baseUrl, url, originalUrl, ip, protocol, hostname, method, secure, path });
  });
  app.get('/nothing', (_request, response) => response.status(204).end());
  app.get('/late', async () => {
    throw new Error('thrown in Express');
  });
  return app;
}

test('an Express application answers behind WSGI as it does alone', async () => {
  await using tree = await fileTree({ 'large.bin': large });
  await using server = await serve(validate(nodeHandlerToWsgi(shop(tree.path))));
  const get = (path: string, init?: RequestInit) => fetch(server.url + path, { redirect: 'manual', ...init });

  const hello = await get('/hello/you%2Fme?x=1&x=2');
  assert.deepEqual(await hello.json(), { hello: 'you/me', query: { x: ['1', '2'] } });
  assert.deepEqual(hello.headers.getSetCookie(), ['a=1; Path=/', 'b=2; Path=/']);
  const tag = hello.headers.get('etag');
  const lines = `Host: a\r\nIf-None-Match: ${tag}\r\nConnection: close\r\n\r\n`;
  const again = await rawExchange(server.port, `GET /hello/you%2Fme?x=1&x=2 HTTP/1.1\r\n${lines}`);
  assert.match(again, /^HTTP\/1\.1 304 /);

  const sum = await get('/sum', {
    method: 'POST',
    body: '[1, 2, 39]',
    headers: { 'Content-Type': 'application/json' },
  });
  assert.deepEqual(await sum.json(), { sum: 42 });
  const bad = await get('/sum', { method: 'POST', body: '[1,', headers: { 'Content-Type': 'application/json' } });
  assert.equal(bad.status, 400);

  const file = await get('/file', { headers: { Range: 'bytes=1000-1000999' } });
  assert.equal(file.status, 206);
  assert.ok(Buffer.from(await file.arrayBuffer()).equals(large.subarray(1000, 1_001_000)));
  assert.ok(Buffer.from(await (await get('/pipe')).arrayBuffer()).equals(large));

  const away = await get('/away');
  assert.deepEqual([away.status, away.headers.get('location')], [302, '/elsewhere']);
  assert.equal((await get('/none')).status, 404);
  assert.equal((await get('/late')).status, 500);
  const head = await get('/file', { method: 'HEAD' });
  assert.deepEqual([head.status, head.headers.get('content-length')], [200, String(large.length)]);
});

test('a status without content stays without', async () => {
  await using server = await serve(nodeHandlerToWsgi(shop('/')));
  const answer = await rawExchange(server.port, 'GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  assert.match(answer, /^HTTP\/1\.1 204 No Content\r\n/);
  assert.doesNotMatch(answer, /content-length|transfer-encoding/i);
});

test('an upload comes through as it was sent, with a length and in chunks', async () => {
  await using server = await serve(nodeHandlerToWsgi(shop('/')));
  const digest = createHash('sha256').update(large).digest('hex');
  const whole = await fetch(`${server.url}/digest`, { method: 'POST', body: large });
  assert.equal(await whole.text(), digest);
  const chunks = new ReadableStream({
    start(controller) {
      for (let at = 0; at < large.length; at += 100_000) controller.enqueue(large.subarray(at, at + 100_000));
      controller.close();
    },
  });
  const chunked = await fetch(`${server.url}/digest`, { method: 'POST', body: chunks, duplex: 'half' } as RequestInit);
  assert.equal(await chunked.text(), digest);
});

test('a handler that is mounted sees its own path, and where it is mounted', async () => {
  await using server = await serve(dispatch({ '/shop/': nodeHandlerToWsgi(shop('/')) }, nodeHandlerToWsgi(shop('/'))));
  const told = await (
    await fetch(`${server.url}/shop/who?x=%20`, { headers: { 'X-Forwarded-Proto': 'https' } })
  ).json();
  assert.deepEqual(told, {
    ...{ baseUrl: '/shop', url: '/who?x=%20', originalUrl: '/shop/who?x=%20', path: '/who' },
    ...{ ip: '127.0.0.1', protocol: 'https', secure: true, hostname: '127.0.0.1', method: 'GET' },
  });
});

type Plain = (request: IncomingMessage, response: ServerResponse) => unknown;

test('bytes go both ways while neither side is done', async () => {
  const echo: Plain = (request, response) => pipeline(request, response);
  await using server = await serve(nodeHandlerToWsgi(echo));
  await using client = await rawConnect(server.port);
  await client.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n');
  await client.readUntil('one');
  await client.write('3\r\ntwo\r\n');
  await client.readUntil('two');
  await client.write('0\r\n\r\n');
  await client.readUntil('0\r\n\r\n');
});

test('a body that the handler does not read is not asked for', async () => {
  await using server = await serve(nodeHandlerToWsgi((_request, response) => response.writeHead(403).end('no')));
  await using client = await rawConnect(server.port);
  await client.write('PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n');
  const answer = await client.readUntil(/^no|\nno/);
  assert.match(answer, /^HTTP\/1\.1 403 /);
});

test('one that it reads is', async () => {
  const read: Plain = async (request, response) => response.end(`got ${(await request.toArray()).join('')}`);
  await using server = await serve(nodeHandlerToWsgi(read));
  await using client = await rawConnect(server.port);
  await client.write('PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n');
  await client.readUntil('HTTP/1.1 100 Continue\r\n\r\n');
  await client.write('12345');
  await client.readUntil('got 12345');
});

test('a reader who halts holds the handler up', async () => {
  let written = 0;
  const endless: Plain = (_request, response) => {
    const go = () => {
      while (response.write(Buffer.alloc(16_384))) written += 16_384;
    };
    response.on('drain', go);
    go();
  };
  await using server = await serve(nodeHandlerToWsgi(endless));
  await using client = await rawConnect(server.port);
  client.socket.pause();
  await client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  let before = -1;
  await eventually(() => {
    const isStill = written > 0 && written === before;
    before = written;
    assert.ok(isStill);
  });
  assert.ok(written < 64 * 1024 * 1024);
});

for (const [when, handler] of [
  ['before the head', () => undefined],
  ['inside the body', (_request, response) => response.write('some')],
] as const satisfies [string, Plain][]) {
  test(`a handler learns that the client has left, ${when}`, async () => {
    const [begun, left] = [new Barrier(2), new Barrier(2)];
    const waiting: Plain = (request, response) => {
      begun.arrive();
      response.once('close', () => left.arrive());
      return (handler as Plain)(request, response);
    };
    await using server = await serve(nodeHandlerToWsgi(waiting));
    await using client = await rawConnect(server.port);
    await client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    begun.arrive();
    await begun.passed;
    if (when === 'inside the body') await client.readUntil('some');
    client.reset();
    left.arrive();
    await left.passed;
    await eventually(() => assert.equal(server.records[0]?.outcome, 'client-left'));
  });
}

const failing: readonly [what: string, handler: Plain, expected: RegExp][] = [
  [
    'throws',
    () => {
      throw new Error('sorry');
    },
    /^HTTP\/1\.1 500 /,
  ],
  ['rejects', () => Promise.reject(new Error('sorry')), /^HTTP\/1\.1 500 /],
  ['closes the connection', (request) => request.socket.destroy(), /^HTTP\/1\.1 500 /],
  [
    'rejects after the head',
    async (_request, response) => {
      response.write('some');
      await new Promise(setImmediate);
      throw new Error('sorry');
    },
    /^HTTP\/1\.1 200 OK(?![\s\S]*\r\n0\r\n\r\n$)/,
  ],
  [
    'breaks its own answer off',
    (_request, response) => response.write('some', () => response.destroy()),
    // By then the first block may have gone out, or not.
    /^HTTP\/1\.1 (?:500 |200 OK(?![\s\S]*\r\n0\r\n\r\n$))/,
  ],
];

for (const [what, handler, expected] of failing) {
  test(`a handler that ${what} does no harm`, async () => {
    await using server = await serve(nodeHandlerToWsgi(handler));
    assert.match(await rawExchange(server.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'), expected);
    const text = String(await (await fetch(server.url).catch(() => undefined))?.text().catch(() => ''));
    assert.doesNotMatch(text, /sorry/);
  });
}

test('early hints are passed on', async () => {
  const hinting: Plain = (_request, response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' }, () => response.end('done'));
  };
  await using server = await serve(nodeHandlerToWsgi(hinting));
  const answer = await rawExchange(server.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  assert.match(answer, /^HTTP\/1\.1 103 Early Hints\r\nlink: <\/a\.css>; rel=preload\r\n\r\nHTTP\/1\.1 200 OK/i);
});

test('a method that the parser does not know reaches the handler by its name', async () => {
  const { events } = await run(
    nodeHandlerToWsgi((request, response) => response.end(`${request.method} ${request.httpVersion}`)),
    { REQUEST_METHOD: 'BREW', SERVER_PROTOCOL: 'HTTP/1.0' },
  );
  assert.ok(told(events).includes('block "BREW 1.0"'), told(events).join());
});
