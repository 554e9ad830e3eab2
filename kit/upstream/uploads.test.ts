import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Barrier } from '../testing/barrier.ts';
import { eventually } from '../testing/eventually.ts';
import { passingTier } from '../testing/passing-tier.ts';
import { rawConnect, rawExchange } from '../testing/raw-client.ts';
import { rawOrigin, scriptedOrigin } from '../testing/scripted-origin.ts';
import { testUpstream } from '../testing/upstream-stand.ts';

const H = 'Host: a\r\n';
const close = 'Connection: close\r\n';
const chunked = 'Transfer-Encoding: chunked\r\n';

describe('a request body is framed by us', () => {
  const framed = [
    ['POST', 'Content-Length: 3\r\n', 'abc', /\r\ncontent-length: 3\r\n\r\nabc$/],
    ['DELETE', 'Content-Length: 3\r\n', 'abc', /\r\ncontent-length: 3\r\n\r\nabc$/],
    ['GET', 'Content-Length: 3\r\n', 'abc', /\r\ncontent-length: 3\r\n\r\nabc$/],
    ['POST', chunked, '3\r\nabc\r\n0\r\n\r\n', /\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n$/],
    ['DELETE', chunked, '3\r\nabc\r\n0\r\n\r\n', /\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n$/],
    [
      'OPTIONS',
      chunked,
      '3;x=y\r\nabc\r\n0\r\nX: y\r\n\r\n',
      /\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n$/,
    ],
    ['POST', chunked, '0\r\n\r\n', /\r\ncontent-length: 0\r\n\r\n$/],
    ['DELETE', chunked, '0\r\n\r\n', /\r\nhost: a\r\nconnection: keep-alive\r\n\r\n$/],
    ['POST', 'Content-Length: 0\r\n', '', /\r\ncontent-length: 0\r\n\r\n$/],
    ['POST', '', '', /\r\ncontent-length: 0\r\n\r\n$/],
    ['GET', '', '', /\r\nhost: a\r\nconnection: keep-alive\r\n\r\n$/],
  ] as const;
  for (const [method, fields, body, sent] of framed) {
    test(`${method} ${fields.trim() || 'without a body'} ${JSON.stringify(body)}`, async () => {
      await using origin = await rawOrigin((socket) => {
        socket.on('data', () => {
          if (sent.test(origin.received)) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        });
      });
      await using upstream = testUpstream([origin.address]);
      await using tier = await passingTier(upstream);
      const answer = await rawExchange(tier.port, `${method} / HTTP/1.1\r\n${H}${close}${fields}\r\n${body}`);
      assert.match(answer, /^HTTP\/1\.1 200 OK/, origin.received);
      assert.ok((origin.received.match(/content-length|transfer-encoding/gi)?.length ?? 0) <= 1, origin.received);
    });
  }

  test('and streamed: the next hop has the first part before the last is sent', async () => {
    await using origin = await scriptedOrigin((request, reply) => reply.send(200, [], request.body));
    await using upstream = testUpstream([origin.address]);
    await using tier = await passingTier(upstream);
    await using client = await rawConnect(tier.port);
    await client.write(`POST / HTTP/1.1\r\n${H}Content-Length: 6\r\n\r\nabc`);
    await eventually(() => assert.equal(tier.listener.connections(), 1));
    await client.write('def');
    assert.match(await client.readUntil('abcdef'), /200 OK/);
  });

  test('and goes whole to the next address when the first refuses', async () => {
    await using dead = await rawOrigin(() => undefined);
    const { address } = dead;
    await dead[Symbol.asyncDispose]();
    await using origin = await scriptedOrigin((request, reply) => reply.send(200, [], String(request.body.length)));
    await using upstream = testUpstream([address, origin.address]);
    await using tier = await passingTier(upstream);
    const body = 'x'.repeat(500_000);
    const request = `POST / HTTP/1.1\r\n${H}${close}Content-Length: ${body.length}\r\n\r\n${body}`;
    assert.match(await rawExchange(tier.port, request), /\r\n500000$/);
  });

  test('and 100 Continue comes from this hop, once the next one takes the body', async () => {
    await using origin = await scriptedOrigin((request, reply) => reply.send(200, [], request.body));
    await using upstream = testUpstream([origin.address]);
    await using tier = await passingTier(upstream);
    await using client = await rawConnect(tier.port);
    await client.write(`POST / HTTP/1.1\r\n${H}Expect: 100-continue\r\nContent-Length: 3\r\n\r\n`);
    await client.readUntil('HTTP/1.1 100 Continue\r\n\r\n');
    await client.write('abc');
    assert.match(await client.readUntil('abc'), /^HTTP\/1\.1 200 OK/);
    assert.ok(!origin.requests[0]?.fields.some((name) => /^expect$/i.test(name)));
  });
});

describe('a chunked body beyond its limit', () => {
  test('is answered 413, and the next hop never has a whole request', async () => {
    await using origin = await rawOrigin((socket) => socket.resume());
    await using upstream = testUpstream([origin.address]);
    await using tier = await passingTier(upstream, { bodyLimit: 5 });
    const request = `POST / HTTP/1.1\r\n${H}${chunked}\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n`;
    const answer = await rawExchange(tier.port, request);
    assert.match(answer, /^HTTP\/1\.1 413 [\s\S]*body-too-large/);
    assert.match(answer, /^connection: close\r$/im);
    assert.doesNotMatch(origin.received, /def|\r\n0\r\n/);
  });

  test('is cut while it is being sent, and the client still gets the answer', async () => {
    await using origin = await rawOrigin((socket) => socket.resume());
    await using upstream = testUpstream([origin.address]);
    await using tier = await passingTier(upstream, { bodyLimit: 100_000 });
    await using client = await rawConnect(tier.port);
    await client.write(`POST / HTTP/1.1\r\n${H}${chunked}\r\n`);
    const piece = `${(50_000).toString(16)}\r\n${'x'.repeat(50_000)}\r\n`;
    for (let i = 0; i < 8; i++) await client.write(piece);
    await client.readUntil('body-too-large');
    const idle = [{ address: `127.0.0.1:${origin.port}`, inFlight: 0, connections: 0 }];
    await eventually(() => assert.partialDeepStrictEqual(upstream.stats(), idle));
  });
});

describe('an answer that comes before the end of the request', () => {
  test('reaches the client, which is then free to stop', async () => {
    await using origin = await rawOrigin((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 413 Too Large\r\nContent-Length: 7\r\n\r\ntoolong'));
    });
    await using upstream = testUpstream([origin.address]);
    await using tier = await passingTier(upstream);
    await using client = await rawConnect(tier.port);
    await client.write(`POST / HTTP/1.1\r\n${H}Content-Length: 50000000\r\n\r\n`);
    const piece = Buffer.alloc(100_000, 'x');
    for (let i = 0; i < 9; i++) await client.write(piece);
    const answer = await client.readUntil('toolong');
    assert.match(answer, /^HTTP\/1\.1 413 Too Large/);
    assert.match(answer, /^connection: close\r$/im);
    client.end();
    await client.closed;
    await eventually(() => assert.equal(tier.records[0]?.status, 413));
    assert.equal(tier.settled.count, 1);
  });

  test('reaches the client though the next hop closes at once, which resets what is still being sent', async () => {
    await using origin = await rawOrigin((socket) => {
      const answer = `HTTP/1.1 413 Too Large\r\n${close}Content-Length: 7\r\n\r\ntoolong`;
      socket.once('data', () => socket.write(answer, () => socket.destroy()));
    });
    await using upstream = testUpstream([origin.address]);
    await using tier = await passingTier(upstream);
    const body = 'x'.repeat(20_000_000);
    for (let i = 0; i < 5; i++) {
      const request = `POST / HTTP/1.1\r\n${H}${close}Content-Length: ${body.length}\r\n\r\n${body}`;
      assert.match(await rawExchange(tier.port, request), /^HTTP\/1\.1 413 Too Large[\s\S]*toolong$/);
    }
  });

  for (const [begun, seen] of [
    ['HTTP/1.1 200', /^HTTP\/1\.1 502 [\s\S]*reset-before-head/],
    ['HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\ntoo', /^HTTP\/1\.1 200 OK[\s\S]*too$/],
  ] as const) {
    test(`and is no answer if it is not whole: ${JSON.stringify(begun)}`, async () => {
      await using origin = await rawOrigin((socket) => {
        socket.once('data', () => socket.write(begun, () => socket.destroy()));
      });
      await using upstream = testUpstream([origin.address]);
      await using tier = await passingTier(upstream);
      await using client = await rawConnect(tier.port);
      client.socket.on('error', () => undefined);
      await client.write(`POST / HTTP/1.1\r\n${H}${close}Content-Length: 9000000\r\n\r\n`);
      client.socket.write(Buffer.alloc(9_000_000, 'x'));
      await client.closed;
      assert.match(client.received, seen);
      const faults = () => [tier.records[0]?.fault?.reason ?? tier.broken[0]?.reason];
      await eventually(() => assert.match(String(faults()), /^reset-(before-head|mid-body)$/));
    });
  }

  test('may be a conversation: what comes later of the request still goes on', async () => {
    await using origin = await scriptedOrigin(
      async (request, reply) => {
        reply.head(200);
        await reply.write('go on');
        assert.equal(await request.outcome, 'whole');
        reply.end(request.body);
      },
      { startAt: 'head' },
    );
    await using upstream = testUpstream([origin.address]);
    await using tier = await passingTier(upstream);
    await using client = await rawConnect(tier.port);
    await client.write(`POST / HTTP/1.1\r\n${H}${chunked}\r\n3\r\nabc\r\n`);
    await client.readUntil('go on');
    await client.write('3\r\ndef\r\n0\r\n\r\n');
    await client.readUntil('abcdef');
  });
});

describe('a client that leaves in the middle of its upload', () => {
  for (const [framing, begun] of [
    ['Content-Length: 6\r\n', 'abc'],
    [chunked, '3\r\nabc\r\n'],
  ] as const) {
    test(`takes its request with it at once, and the member is not to blame: ${framing.trim()}`, async () => {
      const outcome = Promise.withResolvers<string>();
      const begins = new Barrier(1);
      await using origin = await scriptedOrigin(
        async (request) => {
          begins.arrive();
          outcome.resolve(await request.outcome);
        },
        { startAt: 'head' },
      );
      await using upstream = testUpstream([origin.address], { ejection: { maxFails: 1 } });
      await using tier = await passingTier(upstream);
      await using client = await rawConnect(tier.port);
      await client.write(`POST / HTTP/1.1\r\n${H}${framing}\r\n${begun}`);
      await begins.passed;
      client.reset();
      assert.equal(await outcome.promise, 'cut');
      const idle = [{ inFlight: 0, connections: 0, failures: 0 }];
      await eventually(() => assert.partialDeepStrictEqual(upstream.stats(), idle));
    });
  }
});
