import assert from 'node:assert/strict';
import { mkdtempDisposable } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { bind } from '../process/bind.ts';
import { eventually } from '../testing/eventually.ts';
import { rawOrigin, scriptedOrigin } from '../testing/scripted-origin.ts';
import { outbound, send, testUpstream } from '../testing/upstream-stand.ts';

/** A connection is free again a turn of the loop behind the end of the answer. */
const turn = () => new Promise((done) => setImmediate(done));

describe('a request reaches the next hop', () => {
  test('byte for byte: target, names, values, order and repetition of its fields', async () => {
    await using origin = await rawOrigin((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
    });
    await using upstream = testUpstream([origin.address]);
    const fields = ['Host', 'A.b:81', 'X-\x27!#$%&*+.^_`|~', '\xe9\xff \t"', 'cookie', 'a=1', 'Cookie', 'b=2'];
    fields.push('__proto__', 'x', 'constructor', 'y', 'x-empty', '');
    const { outcome } = await send(upstream, { target: '/%7e//../?a=%20&b=\x7e#'.slice(0, -1), fields });
    assert.equal(outcome, '200 ok');
    const [line, host, connection, ...rest] = origin.received.split('\r\n');
    assert.equal(line, 'GET /%7e//../?a=%20&b=~ HTTP/1.1');
    assert.equal(host, 'host: A.b:81');
    assert.equal(connection, 'connection: keep-alive');
    assert.deepEqual(rest, [
      'X-\'!#$%&*+.^_`|~: \xe9\xff \t"',
      'cookie: a=1',
      'Cookie: b=2',
      '__proto__: x',
      'constructor: y',
      'x-empty: ',
      '',
      '',
    ]);
  });

  test('and its answer comes back so', async () => {
    const head =
      "HTTP/1.1 299 Fine, fine\r\nX-'!: \xe9\xff\r\nset-cookie: a\r\nSet-Cookie: b\r\n__proto__: x\r\nx-empty:\r\n";
    await using origin = await rawOrigin((socket) => {
      socket.once('data', () => socket.end(Buffer.from(`${head}Content-Length: 1\r\n\r\n\xff`, 'latin1')));
    });
    await using upstream = testUpstream([origin.address]);
    const sink = await send(upstream);
    assert.deepEqual([sink.head?.status, sink.head?.reason, sink.body.toString('latin1')], [299, 'Fine, fine', '\xff']);
    assert.deepEqual(sink.head?.fields, [
      ...["X-'!", '\xe9\xff', 'set-cookie', 'a', 'Set-Cookie', 'b', '__proto__', 'x', 'x-empty', ''],
      ...['Content-Length', '1'],
    ]);
  });

  test('at a Unix socket', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-'));
    const address = { kind: 'unix', path: join(folder.path, 'app.sock') } as const;
    await using server = createServer((request, response) => void response.end(`${request.headers.host}`));
    await bind(server, address);
    await using upstream = testUpstream([address]);
    assert.equal((await send(upstream)).outcome, '200 a');
    assert.partialDeepStrictEqual(upstream.stats(), [{ address: `unix:${address.path}`, inFlight: 0, connections: 1 }]);
  });
});

describe('connections are kept', () => {
  const kept = [
    ['GET', 200, []],
    ['HEAD', 200, ['Content-Length', '5']],
    ['POST', 200, []],
    ['OPTIONS', 204, []],
    ['GET', 304, ['ETag', '"x"']],
  ] as const;
  for (const [method, status, fields] of kept) {
    test(`after ${method} answered ${status}`, async () => {
      await using origin = await scriptedOrigin((_request, reply) => {
        reply.send(status, fields, method === 'GET' && status === 200 ? 'hello' : '');
      });
      await using upstream = testUpstream([origin.address]);
      for (let i = 0; i < 3; i++) {
        const sink = await send(upstream, { method });
        await turn();
        assert.deepEqual([sink.head?.status, sink.fault], [status, undefined]);
      }
      assert.equal(origin.connections, 1);
    });
  }

  test('as many as there are requests at a time, and no more than allowed', async () => {
    const barrier = Promise.withResolvers<void>();
    await using origin = await scriptedOrigin(async (_request, reply) => {
      await barrier.promise;
      reply.send(200);
    });
    await using upstream = testUpstream([origin.address], { connections: 2 });
    const sending = [send(upstream), send(upstream), send(upstream)];
    assert.partialDeepStrictEqual(upstream.stats(), [
      { address: `127.0.0.1:${origin.port}`, inFlight: 2, connections: 0 },
    ]);
    assert.equal(upstream.groupStats().waiting, 1);
    barrier.resolve();
    await Promise.all(sending);
    assert.equal(origin.connections, 2);
    assert.partialDeepStrictEqual(upstream.stats(), [
      { address: `127.0.0.1:${origin.port}`, inFlight: 0, connections: 2 },
    ]);
  });

  test('but not when the next hop says that it will close', async () => {
    await using origin = await scriptedOrigin((_request, reply) => reply.send(200, ['Connection', 'close'], 'ok'));
    await using upstream = testUpstream([origin.address]);
    for (let i = 0; i < 3; i++) {
      assert.equal((await send(upstream)).outcome, '200 ok');
      await turn();
    }
    assert.equal(origin.connections, 3);
  });

  test('nor behind a body that the method has no meaning for, which some servers take for the next request', async () => {
    await using origin = await scriptedOrigin((_request, reply) => reply.send(200, [], 'ok'));
    await using upstream = testUpstream([origin.address]);
    const fields = ['Host', 'a'];
    for (const method of ['GET', 'DELETE']) {
      assert.equal((await send(upstream, { method, fields, body: Buffer.from('x') })).outcome, '200 ok');
      await turn();
    }
    assert.equal((await send(upstream)).outcome, '200 ok');
    assert.equal(origin.connections, 3);
  });

  test('not longer than the next hop says', async () => {
    await using origin = await scriptedOrigin((_request, reply) => reply.send(200, ['Keep-Alive', 'timeout=1'], 'ok'));
    await using upstream = testUpstream([origin.address]);
    for (let i = 0; i < 2; i++) {
      assert.equal((await send(upstream)).outcome, '200 ok');
      await turn();
    }
    assert.equal(origin.connections, 2);
  });

  test('and are given up before the next hop would, though we would keep them longer', async () => {
    await using origin = await scriptedOrigin((_request, reply) => reply.send(200, ['Keep-Alive', 'timeout=3'], 'ok'));
    await using upstream = testUpstream([origin.address], { idleMs: 60_000 });
    await send(upstream);
    await turn();
    assert.equal(upstream.stats()[0]?.connections, 1);
    await eventually(() => assert.equal(upstream.stats()[0]?.connections, 0), 2_800);
  });
});

test('several addresses are asked in turn', async () => {
  await using first = await scriptedOrigin((_request, reply) => reply.send(200, [], 'first'));
  await using second = await scriptedOrigin((_request, reply) => reply.send(200, [], 'second'));
  await using upstream = testUpstream([first.address, second.address]);
  const outcomes: string[] = [];
  for (let i = 0; i < 4; i++) outcomes.push((await send(upstream)).outcome);
  assert.deepEqual(outcomes, ['200 first', '200 second', '200 first', '200 second']);
});

test('a request that cannot be sent is our fault and costs no connection', async () => {
  await using origin = await scriptedOrigin((_request, reply) => reply.send(200, [], 'ok'));
  await using upstream = testUpstream([origin.address], { connections: 1 });
  const unsendable = [
    { target: 'nothing' },
    { method: 'OPTIONS', target: '*' },
    { method: 'CONNECT', target: 'a:1' },
    { fields: ['Host', 'a', 'bad name', 'x'] },
    { fields: ['Host', 'a', 'X', 'a\r\nb'] },
    { fields: ['Host', 'a', 'Host', 'b'] },
    { fields: ['Host', 'a', 'Upgrade', 'h2c'] },
    { method: 'BAD METHOD' },
  ];
  for (const bad of unsendable) {
    const { fault } = await send(upstream, bad);
    assert.deepEqual([fault?.reason, fault?.blame], ['internal', 'self']);
    assert.ok(fault?.cause instanceof Error);
  }
  assert.equal((await send(upstream)).outcome, '200 ok');
  assert.equal(origin.requests.length, 1);
});

test('what is in flight when the upstream is disposed is told so', async () => {
  await using origin = await rawOrigin(() => undefined);
  const upstream = testUpstream([origin.address], { connections: 1 });
  const sending = [send(upstream), send(upstream), send(upstream)];
  await upstream[Symbol.asyncDispose]();
  for (const sink of await Promise.all(sending)) assert.equal(sink.fault?.blame, 'self');
  assert.equal((await send(upstream, outbound())).fault?.blame, 'self');
});
