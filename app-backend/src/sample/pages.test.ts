// The other pages of the sample application, through the dispatcher of app.ts.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { WebSocket } from 'ws';
import { application, mounts, upgrades } from '../../app.ts';
import { validate } from '../gateway/validate.ts';
import { answerOf } from '../testing/recording.ts';
import { serve } from '../testing/serving.ts';
import type { Environ } from '../wsgi.ts';

const ask = (path: string, differences: Partial<Environ> = {}, body?: Uint8Array) =>
  answerOf(validate(application), { PATH_INFO: path, ...differences }, body);
const serveAll = () => serve(application, { mounts, upgrades });

test('/env shows the environ, sorted, and nothing of the process', async () => {
  const { status, headers, text } = await ask('/env', { QUERY_STRING: 'x=1' });
  assert.equal(status, '200 OK');
  assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
  assert.match(text, /'PATH_INFO': "\/env",\n 'QUERY_STRING': "x=1"/);
  for (const secret of Object.keys(process.env)) assert.ok(!text.includes(`'${secret}'`), secret);
});

test('/echo tells the request as the application saw it', async () => {
  const body = Buffer.from('grüße');
  const { headers, text } = await ask(
    '/echo/a b',
    { REQUEST_METHOD: 'PUT', QUERY_STRING: 'x=%20', CONTENT_TYPE: 'text/plain' },
    body,
  );
  assert.equal(headers['content-type'], 'application/json');
  const told: unknown = JSON.parse(Buffer.from(text, 'latin1').toString());
  assert.deepEqual(told, {
    method: 'PUT',
    path: '/echo/a b',
    query: 'x=%20',
    headers: { host: '127.0.0.1:8080', 'content-type': 'text/plain' },
    bodyBytes: body.length,
    sha256: createHash('sha256').update(body).digest('hex'),
    body: 'grüße',
  });
});

test('/echo counts and hashes all of a large body, and shows the first 64 KB', async () => {
  const body = Buffer.alloc(200_000, 'x');
  const { text } = await ask('/echo', { REQUEST_METHOD: 'POST' }, body);
  const told = JSON.parse(text) as { bodyBytes: number; sha256: string; body: string };
  assert.deepEqual([told.bodyBytes, told.body.length], [200_000, 65_536]);
  assert.equal(told.sha256, createHash('sha256').update(body).digest('hex'));
});

test('/events gives as many events as it is asked for', async () => {
  const { headers, text } = await ask('/events', { QUERY_STRING: 'count=3&interval=1ms' });
  assert.deepEqual([headers['content-type'], headers['cache-control']], ['text/event-stream', 'no-store']);
  assert.deepEqual(
    [...text.matchAll(/^id: (\d+)\nevent: tick\ndata: \{.*\}\n\n/gm)].map(([, id]) => id),
    ['1', '2', '3'],
  );
});

for (const query of ['count=many', 'count=-1', 'interval=soon']) {
  test(`/events?${query} is a 400 that names the parameter`, async () => {
    const { status, text } = await ask('/events', { QUERY_STRING: query });
    assert.equal(status, '400 Bad Request');
    assert.ok(text.includes(query.split('=')[0] ?? ''));
  });
}

for (const [count, ends] of [
  [9, 'the client leaves'],
  [0, 'the client leaves'],
  [0, 'the server drains'],
] as const) {
  test(`/events?count=${count} ends when ${ends}`, async () => {
    await using serving = await serveAll();
    await using client = await rawConnect(serving.port);
    await client.write(`GET /events?count=${count}&interval=1h HTTP/1.1\r\nHost: a\r\n\r\n`);
    await client.readUntil('id: 1\n');
    if (ends === 'the client leaves') client.socket.destroy();
    else assert.equal(await serving.listener.drain(2_000), 'clean');
    await eventually(() => assert.equal(serving.records.length, 1));
  });
}

test('/events that were counted come all, also while the server drains', async () => {
  await using serving = await serveAll();
  await using client = await rawConnect(serving.port);
  await client.write('GET /events?count=3&interval=20ms HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.readUntil('id: 1\n');
  assert.equal(await serving.listener.drain(2_000), 'clean');
  assert.match(client.received, /id: 3\n/);
});

test('any other path is a 404 page of the application', async () => {
  for (const path of ['/', '/none', '/environ', '']) {
    const { status, text } = await ask(path);
    assert.equal(status, '404 Not Found');
    assert.match(text, /<h1>Not Found<\/h1>/);
  }
});

for (const [path, init, status, text] of [
  ['/express/', {}, 200, 'Hello from Express\n'],
  ['/express', {}, 200, 'Hello from Express\n'],
  ['/express/hello/you', {}, 200, '{"hello":"you"}'],
  ['/express/none', {}, 404, 'Not Found\n'],
  ['/express/sum', { method: 'POST', body: '[1,2]' }, 200, '{"sum":3}'],
  ['/express/sum', { method: 'POST', body: '{"a":1}' }, 400, '{"error":"the body is not an array of numbers"}'],
  ['/express/sum', { method: 'POST', body: '{' }, 400, '400\n'],
] as const) {
  test(`${path} ${JSON.stringify(init)} is answered by Express: ${status}`, async () => {
    await using serving = await serveAll();
    const headers = { 'Content-Type': 'application/json' };
    const response = await fetch(serving.url + path, { ...init, headers });
    assert.deepEqual([response.status, await response.text()], [status, text]);
    assert.equal(response.headers.get('x-powered-by'), null);
  });
}

for (const [query, orders] of [
  ['?seconds=5', 'max-age=5'],
  ['', 'max-age=0'],
  ['?seconds=-1', 'max-age=0'],
  ['?seconds=5&seconds=6', 'max-age=0'],
] as const) {
  test(`/express/clock${query} is the time, and says ${orders} to an edge`, async () => {
    await using serving = await serveAll();
    const response = await fetch(`${serving.url}/express/clock${query}`);
    const { headers } = response;
    assert.match(await response.text(), /^<time datetime="[\d-]+T(\d\d:\d\d:\d\d)\.\d{3}Z">\1<\/time>\n$/);
    assert.deepEqual([headers.get('cdn-cache-control'), headers.get('cache-control')], [orders, 'no-store']);
  });
}

test('/ws sends each message back, and says goodbye when the server drains', async () => {
  await using serving = await serveAll();
  const client = new WebSocket(`ws://127.0.0.1:${serving.port}/ws`);
  const closed = new Promise<number>((resolve) => client.once('close', resolve));
  await new Promise((resolve) => client.once('open', resolve));
  for (const [sent, isBinary] of [
    ['hello', false],
    [Buffer.from([1, 2]), true],
  ] as const) {
    const answer = new Promise((resolve) => client.once('message', (data, binary) => resolve([String(data), binary])));
    client.send(sent);
    assert.deepEqual(await answer, [String(sent), isBinary]);
  }
  assert.equal(await serving.listener.drain(2_000), 'clean');
  assert.equal(await closed, 1001);
});

test('a plain GET of /ws is told to upgrade', async () => {
  await using serving = await serveAll();
  const response = await fetch(`${serving.url}/ws`);
  await response.text();
  assert.deepEqual([response.status, response.headers.get('upgrade')], [426, 'websocket']);
});

test('a WebSocket elsewhere is a 404', async () => {
  await using serving = await serveAll();
  const client = new WebSocket(`ws://127.0.0.1:${serving.port}/env`);
  const error = await new Promise<Error>((resolve) => client.once('error', resolve));
  assert.match(error.message, /404/);
});
