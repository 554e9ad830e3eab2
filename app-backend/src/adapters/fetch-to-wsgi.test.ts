import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Barrier } from '@trivet/kit/testing/barrier.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawConnect, rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { validate } from '../gateway/validate.ts';
import { answerOf } from '../testing/recording.ts';
import { serve } from '../testing/serving.ts';
import { dispatch } from '../toolkit/dispatch.ts';
import { type FetchHandler, fetchToWsgi } from './fetch-to-wsgi.ts';

const large = Buffer.from(Array.from({ length: 1_500_000 }, (_, at) => (at * 7) % 251));
const ask = (lines: string) => `${lines}\r\nHost: a.test:81\r\nConnection: close\r\n\r\n`;

const telling: FetchHandler = async (request) =>
  Response.json({
    url: request.url,
    method: request.method,
    fields: Object.fromEntries(request.headers),
    body: await request.text(),
  });

test('a request has its address, method, fields and body', async () => {
  await using server = await serve(validate(dispatch({ '/shop/': fetchToWsgi(telling) }, fetchToWsgi(telling))));
  const answer = await fetch(`${server.url}/shop/a%20b?x=%20`, {
    method: 'POST',
    body: 'text',
    headers: { 'X-Word': 'here', 'X-Forwarded-Proto': 'https' },
  });
  const told = (await answer.json()) as { url: string; method: string; fields: Record<string, string>; body: string };
  assert.deepEqual([told.method, told.body, told.fields['x-word']], ['POST', 'text', 'here']);
  assert.equal(told.url, `https://127.0.0.1:${server.port}/shop/a%20b?x=%20`);
  assert.match(told.fields['content-type'] ?? '', /^text\/plain/);
  assert.equal(told.fields['content-length'], '4');
});

test('fields that come several times stay apart', async () => {
  const handler = () =>
    new Response('x', {
      headers: [
        ['Set-Cookie', 'a=1; Expires=Fri, 02 Jan 2026 03:04:05 GMT'],
        ['Set-Cookie', 'b=2'],
        ['Vary', 'A'],
        ['Vary', 'B'],
        ['Connection', 'x-mine'],
        ['Content-Type', 'text/plain'],
      ],
    });
  await using server = await serve(validate(fetchToWsgi(handler)));
  const answer = await fetch(server.url);
  assert.deepEqual(answer.headers.getSetCookie(), ['a=1; Expires=Fri, 02 Jan 2026 03:04:05 GMT', 'b=2']);
  assert.equal(answer.headers.get('vary'), 'A, B');
});

test('bodies stream both ways', async () => {
  const digests: FetchHandler = async (request) => {
    const hash = createHash('sha256');
    for await (const chunk of request.body ?? []) hash.update(chunk);
    return new Response(hash.digest('hex'));
  };
  await using hashing = await serve(fetchToWsgi(digests));
  const answer = await fetch(hashing.url, { method: 'PUT', body: large });
  assert.equal(await answer.text(), createHash('sha256').update(large).digest('hex'));
  await using echo = await serve(fetchToWsgi((request) => new Response(request.body)));
  await using client = await rawConnect(echo.port);
  await client.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n');
  await client.readUntil('one');
  await client.write('3\r\ntwo\r\n0\r\n\r\n');
  await client.readUntil('two');
  const same = await fetch(echo.url, { method: 'POST', body: large });
  assert.ok(Buffer.from(await same.arrayBuffer()).equals(large));
});

function ofText(): ReadableStream {
  return new ReadableStream<string>({ start: (to) => to.enqueue('text') });
}

for (const [what, handler, lines, expected] of [
  [
    'HEAD has the fields and no body',
    () => new Response('four', { headers: { 'Content-Length': '4' } }),
    'HEAD / HTTP/1.1',
    /^HTTP\/1\.1 200 OK\r\n[\s\S]*content-length: 4\r\n[\s\S]*\r\n\r\n$/i,
  ],
  [
    '204 has neither body nor length',
    () => new Response(null, { status: 204 }),
    'GET / HTTP/1.1',
    /^HTTP\/1\.1 204 No Content\r\n(?![\s\S]*content-length)/i,
  ],
  [
    '304 has no body',
    () => new Response(null, { status: 304, headers: { ETag: '"1"' } }),
    'GET / HTTP/1.1',
    /^HTTP\/1\.1 304 Not Modified\r\netag: "1"\r\n/i,
  ],
  [
    'a reason of its own is told',
    () => new Response('x', { status: 299, statusText: 'Fine' }),
    'GET / HTTP/1.1',
    /^HTTP\/1\.1 299 Fine\r\n/,
  ],
  [
    'a redirect is passed on',
    () => Response.redirect('http://b.test/x'),
    'GET / HTTP/1.1',
    /^HTTP\/1\.1 302 Found\r\nlocation: http:\/\/b\.test\/x\r\n/i,
  ],
  ['an error is a 500', () => Promise.reject(new Error('sorry')), 'GET / HTTP/1.1', /^HTTP\/1\.1 500 /],
  ['Response.error() is a 500', () => Response.error(), 'GET / HTTP/1.1', /^HTTP\/1\.1 500 /],
  [
    'a GET has no body',
    (request) => new Response(String(request.body)),
    'GET / HTTP/1.1\r\nContent-Length: 0',
    /\r\nnull\r\n/,
  ],
  ['what is no bytes is a 500', () => new Response(ofText()), 'GET / HTTP/1.1', /^HTTP\/1\.1 500 /],
] as const satisfies [string, FetchHandler, string, RegExp][]) {
  test(what, async () => {
    await using server = await serve(fetchToWsgi(handler));
    assert.match(await rawExchange(server.port, ask(lines)), expected);
  });
}

test('a response that was read already is a 500', async () => {
  const used = async () => {
    const response = new Response('x');
    await response.text();
    return response;
  };
  await using server = await serve(fetchToWsgi(used));
  assert.match(await rawExchange(server.port, ask('GET / HTTP/1.1')), /^HTTP\/1\.1 500 /);
});

test('a method that no Request may have is 501', async () => {
  const { failure } = await answerOf(fetchToWsgi(telling), { REQUEST_METHOD: 'TRACE' });
  assert.deepEqual([failure?.reason, failure?.status], ['unknown-method', 501]);
});

test('a body that fails breaks the transfer', async () => {
  const failing = () => {
    let pulls = 0;
    const pull = (to: ReadableStreamDefaultController) => {
      pulls += 1;
      if (pulls > 1) throw new Error('sorry');
      to.enqueue(Buffer.from('some'));
    };
    return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }));
  };
  await using server = await serve(fetchToWsgi(failing));
  const answer = await rawExchange(server.port, ask('GET / HTTP/1.1'));
  assert.match(answer, /^HTTP\/1\.1 200 OK[\s\S]*some\r\n$/);
  await eventually(() => assert.equal(server.records[0]?.outcome, 'broken'));
});

test('the signal is aborted when the client leaves, and the body is cancelled', async () => {
  const gone = new Barrier(2);
  const endless: FetchHandler = (request) => {
    request.signal.addEventListener('abort', () => gone.arrive());
    const start = (to: ReadableStreamDefaultController) => to.enqueue(Buffer.from('some'));
    return new Response(new ReadableStream({ start, cancel: () => gone.arrive() }));
  };
  await using server = await serve(fetchToWsgi(endless));
  await using client = await rawConnect(server.port);
  await client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.readUntil('some');
  client.reset();
  await gone.passed;
});
