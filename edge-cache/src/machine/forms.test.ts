import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatHttpDate } from '@trivet/kit/semantics/date.ts';
import { field } from '@trivet/kit/semantics/fields.ts';
import { edgeStand, type Stand } from '../testing/stand.ts';

const modified = formatHttpDate(Date.UTC(2025, 0, 1));
const body = '0123456789';
const fields = [
  'Cache-Control',
  'max-age=60',
  'ETag',
  '"a"',
  'Last-Modified',
  modified,
  'Content-Type',
  'text/plain',
  'Vary',
  'X',
];

const stand = () => edgeStand((_, reply) => reply.send(200, fields, body));

type Expected = { status: number; body?: string; headers?: Record<string, string | undefined> };
const conditions: readonly [headers: Record<string, string>, expected: Expected][] = [
  [
    { 'if-none-match': '"a"' },
    {
      status: 304,
      body: '',
      headers: {
        etag: '"a"',
        vary: 'X',
        'cache-control': 'max-age=60',
        'content-length': undefined,
        'content-type': undefined,
      },
    },
  ],
  [{ 'if-none-match': 'W/"a"' }, { status: 304 }],
  [{ 'if-none-match': '"x", "a"' }, { status: 304 }],
  [{ 'if-none-match': '*' }, { status: 304 }],
  [{ 'if-none-match': '"x"' }, { status: 200, body }],
  [
    { 'if-none-match': '"x"', 'if-modified-since': modified },
    { status: 200, body },
  ],
  [{ 'if-modified-since': modified }, { status: 304, headers: { 'last-modified': modified } }],
  [{ 'if-modified-since': formatHttpDate(Date.UTC(2024, 0, 1)) }, { status: 200, body }],
  [{ 'if-match': '"x"' }, { status: 412, body: '' }],
  [{ 'if-match': '"a"' }, { status: 200, body }],
  [{ 'if-unmodified-since': formatHttpDate(Date.UTC(2024, 0, 1)) }, { status: 412 }],
  [
    { range: 'bytes=2-4' },
    {
      status: 206,
      body: '234',
      headers: { 'content-range': 'bytes 2-4/10', 'content-length': '3', 'content-type': 'text/plain' },
    },
  ],
  [{ range: 'bytes=-3' }, { status: 206, body: '789', headers: { 'content-range': 'bytes 7-9/10' } }],
  [{ range: 'bytes=8-' }, { status: 206, body: '89' }],
  [{ range: 'bytes=8-99' }, { status: 206, body: '89', headers: { 'content-range': 'bytes 8-9/10' } }],
  [{ range: 'bytes=10-' }, { status: 416, body: '', headers: { 'content-range': 'bytes */10' } }],
  [{ range: 'bytes=-0' }, { status: 416 }],
  [{ range: 'bytes=4-2' }, { status: 200, body }],
  [{ range: 'lines=1-2' }, { status: 200, body }],
  [{ range: 'nonsense' }, { status: 200, body }],
  [
    { range: 'bytes=2-4', 'if-range': '"a"' },
    { status: 206, body: '234' },
  ],
  [
    { range: 'bytes=2-4', 'if-range': 'W/"a"' },
    { status: 200, body },
  ],
  [
    { range: 'bytes=2-4', 'if-range': '"x"' },
    { status: 200, body },
  ],
  [
    { range: 'bytes=2-4', 'if-range': modified },
    { status: 206, body: '234' },
  ],
  [{ range: 'bytes=2-4', 'if-none-match': '"a"' }, { status: 304 }],
];

async function check(one: Stand, headers: Record<string, string>, expected: Expected, cacheStatus: RegExp) {
  const answer = await one.get('/', headers);
  assert.equal(answer.status, expected.status);
  if (expected.body !== undefined) assert.equal(answer.body, expected.body);
  for (const [name, value] of Object.entries(expected.headers ?? {})) assert.equal(answer.header(name), value, name);
  assert.match(answer.cacheStatus, cacheStatus);
}

for (const [headers, expected] of conditions) {
  test(`[case 30] [case 31] [case 54] [case 55] ${JSON.stringify(headers)} is ${expected.status}, from the store and on a miss alike`, async () => {
    await using one = await stand();
    await check(one, headers, expected, /fwd=uri-miss; stored$/);
    const asked = one.origin.requests[0]?.fields ?? [];
    // A range is: an origin that knows ranges need not send all of it.
    const conditions = Object.keys(headers).filter((name) => !/range$/.test(name));
    for (const name of conditions) assert.equal(field(asked, name), undefined, `${name} was forwarded`);
    await check(one, headers, expected, /hit; ttl=60$/);
    assert.equal((await one.get('/')).body, body, 'the whole was stored');
    assert.equal(one.origin.requests.length, 1);
  });
}

test('where a stored response has no Last-Modified, If-Modified-Since is held against its birth', async () => {
  await using one = await edgeStand((_, reply) => reply.send(200, ['Cache-Control', 'max-age=60'], body));
  await one.get('/');
  const since = (ms: number) => one.get('/', { 'if-modified-since': formatHttpDate(one.clock.now + ms) });
  assert.equal((await since(0)).status, 304);
  assert.equal((await since(-5000)).status, 200);
});

test('[case 55] an error is not cut in parts and not answered with 304', async () => {
  await using one = await edgeStand((_, reply) => reply.send(404, fields, body));
  for (const headers of [{ range: 'bytes=0-1' }, { 'if-none-match': '"a"' }]) {
    assert.deepEqual([(await one.get('/', headers)).status, (await one.get('/', headers)).body], [404, body]);
  }
});

test('[case 53] a part of a body whose length nobody knows is the whole, until it is stored', async () => {
  const open = Promise.withResolvers<void>();
  await using one = await edgeStand(async (_, reply) => {
    reply.head(200, ['Cache-Control', 'max-age=60']);
    await reply.write('01234');
    await open.promise;
    reply.end('56789');
  });
  const early = one.ask('/', { headers: { range: 'bytes=0-1' } });
  assert.equal((await early.head()).status, 200);
  open.resolve();
  assert.equal((await early.whole()).body, body);
  assert.deepEqual([(await one.get('/', { range: 'bytes=0-1' })).status], [206]);
});

test('[case 53] a part is sent before the rest of the body is here', async () => {
  const open = Promise.withResolvers<void>();
  await using one = await edgeStand(async (_, reply) => {
    reply.head(200, ['Cache-Control', 'max-age=60', 'Content-Length', '10']);
    await reply.write('01234');
    await open.promise;
    reply.end('56789');
  });
  assert.equal((await one.get('/', { range: 'bytes=1-3' })).body, '123');
  const late = one.ask('/', { headers: { range: 'bytes=3-6' } });
  open.resolve();
  assert.equal((await late.whole()).body, '3456');
});

test('[case 56] a HEAD is answered from a stored GET; on a miss it is forwarded as HEAD and stores nothing', async () => {
  await using one = await edgeStand((request, reply) => {
    reply.send(200, [...fields, 'Content-Length', '10'], request.method === 'HEAD' ? '' : body);
  });
  const miss = await one.send('HEAD', '/');
  assert.deepEqual([miss.status, miss.body, miss.header('content-length')], [200, '', '10']);
  assert.equal(miss.cacheStatus, 'edge-cache; fwd=uri-miss; detail="method"');
  assert.equal(one.origin.requests[0]?.method, 'HEAD');
  const whole = await one.get('/');
  assert.deepEqual([whole.body, whole.cacheStatus], [body, 'edge-cache; fwd=uri-miss; stored']);
  const hit = await one.send('HEAD', '/');
  assert.deepEqual([hit.status, hit.body, hit.header('content-length')], [200, '', '10']);
  assert.match(hit.cacheStatus, /hit/);
  assert.equal((await one.send('HEAD', '/', { headers: { 'if-none-match': '"a"' } })).status, 304);
  assert.equal((await one.send('HEAD', '/', { headers: { range: 'bytes=0-1' } })).status, 200);
});

test('many misses of HEAD leave the origin’s connections in use', async () => {
  await using one = await edgeStand((_, reply) => reply.send(200, ['Content-Length', '10']));
  for (let i = 0; i < 5; i++) await one.send('HEAD', `/${i}`);
  assert.equal(one.origin.connections, 1);
});
