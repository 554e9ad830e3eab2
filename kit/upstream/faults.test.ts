import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CollectingSink } from '../testing/collecting-sink.ts';
import { rawOrigin, scriptedOrigin } from '../testing/scripted-origin.ts';
import { outbound, send, testUpstream } from '../testing/upstream-stand.ts';

/** An address where nobody listens any more. */
async function deadAddress() {
  await using origin = await rawOrigin(() => undefined);
  return origin.address;
}

describe('an address that takes no connection', () => {
  test('is refused (503)', async () => {
    const address = await deadAddress();
    await using upstream = testUpstream([address]);
    const { fault } = await send(upstream);
    assert.deepEqual([fault?.reason, fault?.status, fault?.blame], ['refused', 503, 'upstream']);
    assert.match(fault?.message ?? '', /^app at 127\.0\.0\.1:\d+ refused the connection$/);
    assert.match(String(fault?.cause), /ECONNREFUSED/);
  });

  test('is refused (503) where there is no such socket', async () => {
    await using upstream = testUpstream([{ kind: 'unix', path: '/nowhere/app.sock' }]);
    assert.equal((await send(upstream)).outcome, 'refused');
  });

  test('has no address (503) where there is no such name', async () => {
    await using upstream = testUpstream([{ kind: 'tcp', host: 'nobody.invalid', port: 80 }]);
    const { fault } = await send(upstream);
    assert.deepEqual([fault?.reason, fault?.status], ['dns', 503]);
  });

  for (const method of ['GET', 'POST']) {
    test(`makes room for the next one, also for ${method}, and is asked last for a while`, async () => {
      await using origin = await scriptedOrigin((request, reply) => reply.send(200, [], request.body));
      await using upstream = testUpstream([await deadAddress(), await deadAddress(), origin.address]);
      const body = method === 'POST' ? Buffer.from('all of it') : undefined;
      for (let i = 0; i < 6; i++) assert.equal((await send(upstream, { method, body })).outcome, `200 ${body ?? ''}`);
      assert.equal(origin.requests.length, 6);
    });
  }

  test('is the fault when all are such', async () => {
    await using upstream = testUpstream([await deadAddress(), await deadAddress()]);
    assert.equal((await send(upstream)).outcome, 'refused');
    assert.equal((await send(upstream)).outcome, 'refused');
  });
});

test('a connection that breaks is no reason to ask another address', async () => {
  await using broken = await rawOrigin((socket) => void socket.once('data', () => socket.resetAndDestroy()));
  await using origin = await scriptedOrigin((_request, reply) => reply.send(200));
  await using upstream = testUpstream([broken.address, origin.address]);
  assert.equal((await send(upstream, { method: 'POST' })).outcome, 'reset-before-head');
  assert.equal(origin.requests.length, 0);
});

const ok = 'HTTP/1.1 200 OK\r\n';
const answered: readonly [what: string, bytes: string, outcome: string, status: number][] = [
  ['nothing', '', 'reset-before-head', 502],
  ['half a head', `${ok}X: a`, 'reset-before-head', 502],
  ['garbage', 'garbage\r\n\r\n', 'bad-response', 502],
  ['HTTP/0.9', '<html>hello</html>', 'bad-response', 502],
  ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n', 'bad-response', 502],
  ['a status below 100', 'HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n', 'bad-response', 502],
  ['a bad field name', `${ok}a b: c\r\n\r\n`, 'bad-response', 502],
  ['a space before the colon', `${ok}Content-Length : 1\r\n\r\na`, 'bad-response', 502],
  ['a bad field behind Content-Length', `${ok}Content-Length: 5\r\na b: c\r\n\r\n`, 'bad-response', 502],
  ['a folded field', `${ok}X: a\r\n b\r\nContent-Length: 0\r\n\r\n`, 'bad-response', 502],
  ['NUL in a value', `${ok}X: a\0b\r\n\r\n`, 'bad-response', 502],
  ['a length that is no number', `${ok}Content-Length: x\r\n\r\n`, 'bad-response', 502],
  ['two lengths', `${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`, 'bad-response', 502],
  ['a list of lengths', `${ok}Content-Length: 1, 1\r\n\r\na`, 'bad-response', 502],
  ['a length and chunks', `${ok}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 'bad-response', 502],
  ['an unknown transfer coding', `${ok}Transfer-Encoding: gzip\r\n\r\nx`, 'bad-response', 502],
  ['a transfer coding below chunks', `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, 'bad-response', 502],
  ['100 that nobody asked for', `HTTP/1.1 100 Continue\r\n\r\n${ok}Content-Length: 0\r\n\r\n`, 'bad-response', 502],
  ['101 that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', 'bad-response', 502],
  [
    'a switch to another protocol',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    'bad-response',
    502,
  ],
  ['a head beyond the limit', `${ok}X: ${'x'.repeat(3_000)}\r\n\r\n`, 'response-head-too-large', 502],
  ['less than its length', `${ok}Content-Length: 5\r\n\r\nabc`, '200 reset-mid-body', 502],
  ['less than its chunk', `${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nabc`, '200 reset-mid-body', 502],
  ['no last chunk', `${ok}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`, '200 reset-mid-body', 502],
  ['a bad chunk size', `${ok}Transfer-Encoding: chunked\r\n\r\nx\r\n`, '200 reset-mid-body', 502],
  ['a bad trailer', `${ok}Transfer-Encoding: chunked\r\n\r\n0\r\na b: c\r\n\r\n`, '200 reset-mid-body', 502],
];

describe('a next hop that answers', () => {
  for (const [what, bytes, outcome, status] of answered) {
    test(`${what}: ${outcome}`, async () => {
      await using origin = await rawOrigin((socket) => void socket.once('data', () => socket.end(bytes)));
      await using upstream = testUpstream([origin.address], { maxHead: 2_000 });
      const sink = await send(upstream);
      assert.deepEqual([sink.outcome, sink.fault?.status, sink.fault?.blame], [outcome, status, 'upstream']);
      assert.equal(origin.connections, 1);
    });
  }
});

test('a body that a reset breaks has broken off', async () => {
  await using origin = await rawOrigin((socket) => {
    socket.once('data', () => socket.write(`${ok}Content-Length: 5\r\n\r\nabc`));
  });
  await using upstream = testUpstream([origin.address]);
  const sink = new CollectingSink();
  upstream.send(outbound(), sink);
  await sink.fed;
  origin.reset();
  assert.equal((await sink.over).outcome, '200 reset-mid-body');
});

describe('a body that lasts until the connection ends', () => {
  for (const [what, head] of [
    ['of HTTP/1.1', ok],
    ['that says so', `${ok}Connection: close\r\n`],
    ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\n'],
  ] as const) {
    test(`${what} is whole behind an end`, async () => {
      await using origin = await rawOrigin((socket) => void socket.once('data', () => socket.end(`${head}\r\nabc`)));
      await using upstream = testUpstream([origin.address]);
      assert.equal((await send(upstream)).outcome, '200 abc');
    });

    test(`${what} is not whole behind a reset`, async () => {
      await using origin = await rawOrigin((socket) => void socket.once('data', () => socket.write(`${head}\r\nabc`)));
      await using upstream = testUpstream([origin.address]);
      const sink = new CollectingSink();
      upstream.send(outbound(), sink);
      await sink.fed;
      origin.reset();
      assert.equal((await sink.over).outcome, '200 reset-mid-body');
      assert.equal(sink.body.toString(), 'abc');
    });
  }
});

describe('the phrase of a status', () => {
  for (const [what, phrase, shown] of [
    ['is kept', 'All is well', 'All is well'],
    ['may be empty', '', ''],
    ['is the usual one where its bytes cannot be kept', '\xe9\xe8', 'OK'],
  ] as const) {
    test(`${what}: ${JSON.stringify(phrase)}`, async () => {
      const head = Buffer.from(`HTTP/1.1 200 ${phrase}\r\nContent-Length: 0\r\n\r\n`, 'latin1');
      await using origin = await rawOrigin((socket) => void socket.once('data', () => socket.end(head)));
      await using upstream = testUpstream([origin.address]);
      assert.equal((await send(upstream)).head?.reason, shown);
    });
  }
});
