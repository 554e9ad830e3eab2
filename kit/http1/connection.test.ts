import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Barrier } from '../testing/barrier.ts';
import { describeLanes, testLanes } from '../testing/both-lanes.ts';
import { eventually } from '../testing/eventually.ts';
import { rawConnect, rawExchange } from '../testing/raw-client.ts';
import type { TestListener } from '../testing/test-listener.ts';

const H = 'Host: a\r\n';
const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));

describeLanes('a peer', (testListener) => {
  test('is told with address and port, on a Unix socket as unix', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-'));
    const path = join(folder.path, 'tier.sock');
    const peers: string[] = [];
    const onRequest: Parameters<typeof testListener>[0] = {
      trusted: (address) => address === 'unix',
      onRequest: ({ peer, client }, response) => {
        peers.push(`${peer.address} ${peer.port > 0} ${peer.trusted} ${client}`);
        response.end('ok');
      },
    };
    await using tcp = await testListener(onRequest);
    await using unix = await testListener({ ...onRequest, listen: { kind: 'unix', path } });
    assert.equal(unix.listener.url, `unix:${path}`);
    const request = `GET / HTTP/1.1\r\n${H}X-Forwarded-For: 192.0.2.7\r\nConnection: close\r\n\r\n`;
    await rawExchange(tcp.port, request);
    await rawExchange(path, request);
    assert.deepEqual(peers, ['127.0.0.1 true false 127.0.0.1', 'unix false true 192.0.2.7']);
  });
});

describeLanes('an answer reaches the client though bytes of its request are still on their way', (testListener) => {
  const megabytes = Buffer.alloc(3_000_000, 'x');
  const post = `POST / HTTP/1.1\r\n${H}Content-Length: ${megabytes.length}\r\n\r\n`;
  const part = megabytes.subarray(0, 400_000);

  /** Sends a part of the body, reads the answer, sends another part and leaves: none of it may meet a reset. */
  async function conversation({ listener }: TestListener, request: string, answer: string): Promise<void> {
    await using client = await rawConnect(listener.port);
    const errors: Error[] = [];
    client.socket.on('error', (error) => errors.push(error));
    await client.write(request);
    await client.write(part);
    await client.readUntil(answer);
    await client.write(part);
    client.end();
    await client.closed;
    assert.deepEqual(errors, []);
    // At once: all was read, so that its end was seen.
    await eventually(() => assert.equal(listener.connections(), 0), 1_000);
  }

  test('when the request is refused', async () => {
    await using server = await testListener();
    await conversation(server, post.replace(H, H + H), 'bad-host');
  });

  test('when somebody read a part of the body, stopped, and closed', async () => {
    await using server = await testListener({
      onRequest: async ({ body }, response) => {
        assert.ok(body);
        await once(body, 'data');
        body.pause();
        response.shouldKeepAlive = false;
        response.end('enough');
      },
    });
    await conversation(server, post, 'enough');
  });

  test('and however much is still on its way', async () => {
    await using server = await testListener();
    await using client = await rawConnect(server.port);
    const errors: Error[] = [];
    client.socket.on('error', (error) => errors.push(error));
    await client.write(post.replace(H, H + H).replace(String(megabytes.length), String(10 * megabytes.length)));
    const written = [...Array(9)].map(() => client.write(megabytes));
    await client.readUntil('bad-host');
    await Promise.all(written);
    assert.deepEqual(errors, []);
  });

  test('and who then says nothing is cut', async () => {
    await using server = await testListener();
    await using client = await rawConnect(server.port);
    await client.write(post.replace(H, H + H));
    client.socket.allowHalfOpen = true;
    await client.write(part);
    await client.readUntil('bad-host');
    await eventually(() => assert.equal(server.listener.connections(), 0));
  });
});

describeLanes('a request whose body turns out malformed', (testListener) => {
  const chunked = (rest: string) => `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n${rest}`;

  for (const [what, rest] of [
    ['a chunk size that is no number', 'x\r\n'],
    ['a chunk that is longer than it says', '1\r\nabc\r\n'],
    ['a chunk size with an extension that is not closed by CRLF', '1;a\nb\r\n'],
  ] as const) {
    test(`by ${what} is answered 400 at once, while its handler waits for the rest`, async () => {
      const left = new Barrier(1);
      await using server = await testListener({
        onRequest: async ({ body }, response) => {
          body?.resume();
          await once(response, 'close');
          left.arrive();
        },
      });
      const answer = await rawExchange(server.port, `${chunked(rest)}GET /behind HTTP/1.1\r\n${H}\r\n`);
      assert.deepEqual(statuses(answer), [400]);
      await left.passed;
      assert.deepEqual(
        server.records.map(({ status, fault }) => [status, fault?.reason ?? '']),
        [[400, 'bad-framing']],
      );
    });
  }

  test('breaks the answer that has begun', async () => {
    await using server = await testListener({
      onRequest: ({ body }, response) => {
        body?.resume();
        response.write('begun');
      },
    });
    await using client = await rawConnect(server.port);
    await client.write(chunked(''));
    await client.readUntil('begun');
    await client.write('x\r\n');
    await client.closed;
    assert.doesNotMatch(client.received, /\r\n0\r\n|400/);
    await eventually(() => assert.equal(server.records[0]?.outcome, 'broken'));
  });
});

testLanes('what comes behind a request that said Connection: close is nobody’s', async (testListener) => {
  await using server = await testListener();
  const last = `GET / HTTP/1.1\r\n${H}Connection: close\r\n\r\n`;
  assert.deepEqual(statuses(await rawExchange(server.port, `${last}GET /behind HTTP/1.1\r\n${H}\r\n`)), [200]);
  assert.deepEqual(
    server.records.map(({ status }) => status),
    [200],
  );
});

describeLanes('a broken answer looks broken', (testListener) => {
  const broken = async (request: string) => {
    await using server = await testListener({
      onRequest: (_inbound, response) => {
        response.writeHead(200, ['Content-Type', 'text/plain']);
        response.write('half', () => response.destroy());
      },
    });
    await using client = await rawConnect(server.port);
    const reset = new Promise<string>((resolve) => {
      client.socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
      client.socket.once('end', () => resolve('end'));
    });
    await client.write(request);
    return `${await reset} ${client.received.includes('\r\n0\r\n\r\n')}`;
  };

  test('to HTTP/1.1 by the end that its chunks lack', async () => {
    assert.equal(await broken(`GET / HTTP/1.1\r\n${H}\r\n`), 'end false');
  });

  test('to HTTP/1.0, where the end of the connection is the end of the body, by a reset', async () => {
    assert.equal(await broken('GET / HTTP/1.0\r\n\r\n'), 'ECONNRESET false');
  });
});

testLanes('a whole answer to HTTP/1.0 ends with the connection', async (testListener) => {
  await using server = await testListener({
    onRequest: (_inbound, response) => {
      response.writeHead(200, ['Content-Type', 'text/plain']);
      response.write('ha');
      response.end('lf');
    },
  });
  assert.match(await rawExchange(server.port, 'GET / HTTP/1.0\r\n\r\n'), /^connection: close\r\n\r\nhalf$/im);
});

testLanes('clients that reset where node:http has let go of their sockets do no harm', async (testListener) => {
  await using server = await testListener({ onUpgrade: () => undefined });
  const connect = `CONNECT a:80 HTTP/1.1\r\n${H}\r\n`;
  const upgrade = `GET / HTTP/1.1\r\n${H}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
  for (const bytes of [connect, upgrade, 'nonsense\r\n\r\n', '']) {
    await using client = await rawConnect(server.port);
    await client.write(bytes);
    client.reset();
  }
  await eventually(() => assert.equal(server.listener.connections(), 0));
  assert.match(await rawExchange(server.port, `GET / HTTP/1.1\r\n${H}Connection: close\r\n\r\n`), /200 OK/);
});
