/** The limits of a connection on real sockets: sizes however a head is cut, times, numbers of requests. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { statusesOf } from '../testing/hostile/holds.ts';
import { rawConnect, rawExchange } from '../testing/raw-client.ts';
import { testListener } from '../testing/test-listener.ts';

const H = 'Host: a\r\n';
const get = (target: string, lines = '') => `GET ${target} HTTP/1.1\r\n${H}${lines}\r\n`;
const isLast = 'Connection: close\r\n';

describe('a head at its limits', () => {
  const limits = { maxHead: 400, maxFields: 10, maxTarget: 100 };
  const ofTarget = (bytes: number) => get(`/${'a'.repeat(bytes - 1)}`, isLast);
  const ofFields = (count: number) => get('/', isLast + 'X: a\r\n'.repeat(count - 2));
  /** No blank behind the colon: a byte is a byte, wherever it stands. */
  const ofBytes = (bytes: number) => get('/', `${isLast}X:${'b'.repeat(bytes - get('/', isLast).length - 4)}\r\n`);
  const heads: readonly [what: string, bytes: string, status: number][] = [
    ['a target of just the limit', ofTarget(100), 200],
    ['a target one byte longer', ofTarget(101), 414],
    ['a target far longer', ofTarget(3_000), 414],
    ['as many fields as may be', ofFields(10), 200],
    ['one field more', ofFields(11), 431],
    ['a head of just the limit', ofBytes(400), 200],
    ['a head one byte longer', ofBytes(401), 431],
    ['a head far longer', ofBytes(3_000), 431],
  ];
  const cuts: readonly [how: string, cut: (bytes: string) => string[]][] = [
    ['in one packet', (bytes) => [bytes]],
    ['byte by byte', (bytes) => [...bytes]],
    ['cut early', (bytes) => [bytes.slice(0, 9), bytes.slice(9)]],
    ['cut in the middle', (bytes) => [bytes.slice(0, bytes.length / 2), bytes.slice(bytes.length / 2)]],
    ['cut before its end', (bytes) => [bytes.slice(0, -2), bytes.slice(-2)]],
  ];
  for (const [how, cut] of cuts) {
    for (const [what, bytes, status] of heads) {
      test(`${what}, ${how}: ${status}, and nothing behind it is served`, async () => {
        await using server = await testListener({ limits });
        const answer = await rawExchange(server.port, [...cut(bytes), get('/behind')]);
        assert.deepEqual(statusesOf(answer), [status]);
        assert.match(answer, /^connection: close\r$/im);
      });
    }
    test(`the same ${how} behind a request that is served`, async () => {
      await using server = await testListener({ limits });
      const first = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: b\r\n\r\n';
      for (const [what, bytes, status] of heads) {
        const answer = await rawExchange(server.port, [...cut(first + bytes), get('/behind')]);
        assert.deepEqual(statusesOf(answer), [200, status], what);
      }
    });
  }

  test('is refused as soon as it has outgrown them, though it goes on', async () => {
    await using server = await testListener({ limits });
    assert.deepEqual(statusesOf(await rawExchange(server.port, `GET /${'a'.repeat(150)}`)), [414]);
    assert.deepEqual(statusesOf(await rawExchange(server.port, `GET / HTTP/1.1\r\nX: ${'a'.repeat(400)}`)), [431]);
  });
});

describe('the time for a head', () => {
  const trickle = async (port: number, begin: string) => {
    await using client = await rawConnect(port);
    await client.write(begin);
    const beat = setInterval(() => client.socket.write('a'), 10);
    await client.closed.finally(() => clearInterval(beat));
    return client.received;
  };

  test('is that of all of it, however many bytes come in time', async () => {
    await using server = await testListener({ limits: { headerTimeout: 80 } });
    assert.deepEqual(statusesOf(await trickle(server.port, `GET / HTTP/1.1\r\n${H}X: `)), [408]);
    assert.deepEqual(statusesOf(await trickle(server.port, 'GET /')), [408]);
    assert.deepEqual(statusesOf(await trickle(server.port, 'BREW /')), [408], 'a method that nobody knows');
  });

  test('is counted anew for the next head on a connection', async () => {
    await using server = await testListener({ limits: { headerTimeout: 80 } });
    assert.deepEqual(statusesOf(await trickle(server.port, `${get('/')}GET /b HTTP/1.1\r\n${H}X: `)), [200, 408]);
  });

  test('is told when it is over, though the client may not be silent for so long elsewhere', async () => {
    await using server = await testListener({ limits: { headerTimeout: 300, clientTimeout: 20, idleTimeout: 20 } });
    assert.deepEqual(statusesOf(await rawExchange(server.port, 'GET /')), [408]);
    assert.deepEqual(statusesOf(await rawExchange(server.port, '')), [], 'one that was never begun');
  });

  test('is not the client’s to stretch by empty lines', async () => {
    await using server = await testListener({ limits: { headerTimeout: 80, idleTimeout: 80 } });
    assert.deepEqual(statusesOf(await rawExchange(server.port, '\r\n')), [408]);
  });

  test('being over, nothing that comes then is served', async () => {
    await using server = await testListener({ limits: { headerTimeout: 60 } });
    await using client = await rawConnect(server.port);
    client.socket.allowHalfOpen = true;
    await client.write('GET / HTTP/1.1\r\n');
    await client.readUntil('</html>');
    await client.write(`${H}\r\n${get('/behind')}`);
    client.end();
    await client.closed;
    assert.deepEqual(statusesOf(client.received), [408]);
    assert.equal(server.records.length, 1);
  });
});

describe('a connection', () => {
  test('that is idle is closed without a word', async () => {
    await using server = await testListener({ limits: { idleTimeout: 50 } });
    assert.deepEqual(statusesOf(await rawExchange(server.port, get('/'))), [200]);
  });

  test('ends behind the answer to the last request it may have; what is behind it is not served', async () => {
    const asked: string[] = [];
    await using server = await testListener({
      limits: { keepaliveRequests: 3 },
      onRequest: ({ target }, response) => {
        asked.push(target);
        response.end('ok');
      },
    });
    const answers = await rawExchange(server.port, ['/a', '/b', '/c', '/d', '/e'].map((path) => get(path)).join(''));
    assert.deepEqual(statusesOf(answers), [200, 200, 200]);
    const connections = [...answers.matchAll(/^connection: (.*)\r$/gim)].map(([, value]) => value);
    assert.deepEqual(connections, ['keep-alive', 'keep-alive', 'close']);
    assert.deepEqual(asked, ['/a', '/b', '/c']);
  });

  test('may have any number of requests when there is no limit', async () => {
    await using server = await testListener({ limits: { keepaliveRequests: 0 } });
    const answers = await rawExchange(server.port, get('/').repeat(200) + get('/', isLast));
    assert.equal(statusesOf(answers).length, 201);
  });

  test('whose last request awaits 100 Continue still ends behind its answer', async () => {
    await using server = await testListener({
      limits: { keepaliveRequests: 1 },
      onRequest: async ({ body }, response) => {
        await body?.resume().toArray();
        response.end('ok');
      },
    });
    const wish = `POST / HTTP/1.1\r\n${H}Expect: 100-continue\r\nContent-Length: 2\r\n\r\nab`;
    assert.deepEqual(statusesOf(await rawExchange(server.port, wish + get('/'))), [200]);
  });

  test('on which thousands of requests wait is not read from until they are answered', async () => {
    const first = Promise.withResolvers<Socket>();
    const answered = Promise.withResolvers<void>();
    await using server = await testListener({
      onRequest: async (_inbound, response) => {
        first.resolve(response.req.socket);
        await answered.promise;
        response.end('ok');
      },
    });
    await using client = await rawConnect(server.port, 20_000);
    const count = 20_000;
    const sent = client.write(get('/').repeat(count - 1) + get('/', isLast));
    const socket = await first.promise;
    await eventually(() => assert.ok(socket.isPaused()));
    assert.ok(socket.bytesRead < 256 * 1024, `${socket.bytesRead} bytes`);
    answered.resolve();
    await sent;
    await client.closed;
    assert.equal(statusesOf(client.received).length, count);
  });

  const upgrade = 'Connection: Upgrade\r\nUpgrade: h2c\r\n';
  test('stays open for an upgrade that nobody takes', async () => {
    await using server = await testListener();
    await using client = await rawConnect(server.port);
    await client.write(get('/', upgrade));
    assert.match(await client.readUntil('ok'), /^connection: keep-alive\r$/im);
    await client.write(get('/', isLast));
    assert.match(await client.readUntil('ok'), /200 OK/);
  });

  test('ends behind such an upgrade where something was pipelined, which the parser loses', async () => {
    await using server = await testListener();
    for (const rest of [get('/behind'), get('/behind').slice(0, 10)]) {
      const answer = await rawExchange(server.port, get('/', upgrade) + rest);
      assert.deepEqual(statusesOf(answer), [200]);
      assert.match(answer, /^connection: close\r$/im);
    }
  });
});
