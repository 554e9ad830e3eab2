import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fields } from '@trivet/kit/semantics/fields.ts';
import { fastLane } from './fast-lane.ts';
import { askFast, askSlow, fresh, inBothLanes, inboundFor, stored } from './testing/lanes.ts';
import { edgeStand, numbered } from './testing/stand.ts';

const answered: readonly [name: string, fields: Fields, line: string][] = [
  ['a plain request', [], 'HTTP/1.1 200 OK'],
  ['one for what it has already', ['If-None-Match', '"b", W/"a"'], 'HTTP/1.1 304 Not Modified'],
  ['one for what changed since', ['If-Modified-Since', 'Thu, 01 Jan 2026 00:00:00 GMT'], 'HTTP/1.1 304 Not Modified'],
  ['one for what changed since, and it did', ['If-None-Match', '"b"'], 'HTTP/1.1 200 OK'],
  ['one with directives that the answer meets', ['Cache-Control', 'max-age=10, min-fresh=5'], 'HTTP/1.1 200 OK'],
  ['one with cookies', ['Cookie', 'a=b'], 'HTTP/1.1 200 OK'],
  ['one that shows its key', ['X-Debug', 'cache-key'], 'HTTP/1.1 200 OK'],
];
for (const [name, fields, line] of answered) {
  for (const method of ['GET', 'HEAD'] as const) {
    test(`${name} (${method}) is answered from memory with the bytes of the slow lane`, async () => {
      await using stand = await stored();
      stand.clock.advance(5_000);
      const fast = await inBothLanes(stand, { method, target: '/a', fields });
      assert.equal(fast?.bytes.slice(0, line.length + 2), `${line}\r\n`);
    });
  }
}

test('what it says of itself is the whole head of a hit, in order', async () => {
  await using stand = await stored({}, ['Date', 'Thu, 01 Jan 2026 00:00:00 GMT', 'Cache-Control', 'max-age=60'], 'abc');
  stand.clock.advance(5_000);
  const fast = askFast(stand, { target: '/a' });
  assert.ok(fast);
  assert.deepEqual(fast.bytes.split('\r\n'), [
    'HTTP/1.1 200 OK',
    ...['X-N: 1', 'Date: Thu, 01 Jan 2026 00:00:00 GMT', 'Cache-Control: max-age=60', 'Via: 1.1 edge-cache'],
    ...['Accept-Ranges: bytes', 'Content-Length: 3', 'Age: 5', 'Cache-Status: edge-cache; hit; ttl=55'],
    ...['X-Request-Id: …', 'Server-Timing: edge;dur=…', '', 'abc'],
  ]);
});

const statuses = [203, 204, 301, 404, 410, 299] as const;
for (const status of statuses) {
  test(`a stored ${status} is answered from memory`, async () => {
    await using stand = await edgeStand(numbered(() => ({ status, fields: ['Cache-Control', 'max-age=60'] })));
    await stand.get('/a');
    const fast = await inBothLanes(stand, { target: '/a' });
    assert.match(fast?.bytes ?? '', new RegExp(`^HTTP/1.1 ${status} `));
  });
}

for (const size of [0, 1024, 100 * 1024, 5 * 1024 * 1024]) {
  test(`a body of ${size} bytes is answered from memory, as a whole`, async () => {
    const body = 'x'.repeat(size);
    await using stand = await stored({ compression: false }, fresh, body);
    const fast = await inBothLanes(stand, { target: '/a' });
    assert.ok(fast?.bytes.endsWith(`\r\n\r\n${body}`));
  });
}

test('a body whose pieces came one by one is answered from memory', async () => {
  await using stand = await edgeStand(async (_, reply) => {
    reply.head(200, ['Cache-Control', 'max-age=60', 'Content-Type', 'application/octet-stream']);
    for (let i = 0; i < 8; i += 1) await reply.write('0123456789'.repeat(3000));
    reply.end();
  });
  await stand.get('/a');
  assert.ok(await inBothLanes(stand, { target: '/a' }));
});

const codings: readonly [acceptEncoding: string, isFast: boolean][] = [
  ['zstd', true],
  ['gzip, zstd', true],
  ['gzip', false],
  ['', false],
];
for (const [acceptEncoding, isFast] of codings) {
  test(`what is stored as zstd is ${isFast ? '' : 'not '}answered from memory to Accept-Encoding: ${acceptEncoding}`, async () => {
    const fields = ['Cache-Control', 'max-age=60', 'Content-Type', 'text/html'];
    await using stand = await edgeStand(numbered(() => ({ fields, body: 'text '.repeat(1000) })));
    await stand.get('/a', { 'accept-encoding': 'zstd' });
    const fast = await inBothLanes(stand, { target: '/a', fields: ['Accept-Encoding', acceptEncoding] });
    assert.equal(fast !== undefined, isFast);
  });
}

test('what is lent to an answer stays what it is until it is given back, also when it is purged', async () => {
  await using stand = await stored({}, fresh, 'x'.repeat(2000));
  const answer = fastLane(stand.edge, () => undefined).answer(inboundFor(stand, { target: '/a' }));
  for (const entry of stand.edge.store.entries()) stand.edge.store.drop(entry);
  assert.equal(answer?.body[0]?.toString(), 'x'.repeat(2000));
  answer?.giveBack?.();
  assert.equal(answer?.body[0]?.length, 0);
});

test('to a trusted peer it shows the key', async () => {
  await using stand = await stored({ trusted: true });
  const fast = askFast(stand, { target: '/a' }, { peer: { address: '127.0.0.1', port: 1, trusted: true } });
  const slow = await askSlow(stand, { target: '/a' });
  assert.deepEqual(fast, slow);
  assert.match(fast?.bytes ?? '', /key="127\.0\.0\.1:\d+\/a"/);
});
