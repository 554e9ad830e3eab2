import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Barrier } from '../testing/barrier.ts';
import { describeLanes } from '../testing/both-lanes.ts';
import { rawConnect, rawExchange } from '../testing/raw-client.ts';

const H = 'Host: a\r\n';
const statusOf = (text: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));

/** What `node:http` would serve, or answer differently; research on nginx, Apache and Gunicorn agrees with these. */
const refused = [
  [
    'Content-Length and Transfer-Encoding',
    `POST / HTTP/1.1\r\n${H}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  ['two equal Content-Lengths', `POST / HTTP/1.1\r\n${H}Content-Length: 2\r\nContent-Length: 2\r\n\r\nab`, 400],
  ['a Content-Length with a sign', `POST / HTTP/1.1\r\n${H}Content-Length: +2\r\n\r\nab`, 400],
  ['two Hosts', `GET / HTTP/1.1\r\n${H}${H}\r\n`, 400],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['an empty Host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n', 400],
  ['a Host with a path', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', 400],
  ['a Host with a user', 'GET / HTTP/1.1\r\nHost: u@a\r\n\r\n', 400],
  ['the coding gzip, chunked', `POST / HTTP/1.1\r\n${H}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, 501],
  ['the coding chunked, gzip', `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`, 400],
  ['the coding xchunked', `POST / HTTP/1.1\r\n${H}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, 501],
  [
    'the coding xchunked with a length',
    `POST / HTTP/1.1\r\n${H}Transfer-Encoding: xchunked\r\nContent-Length: 2\r\n\r\nab`,
    400,
  ],
  ['an empty member before chunked', `POST / HTTP/1.1\r\n${H}Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n`, 400],
  [
    'chunked twice',
    `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  ['Transfer-Encoding on HTTP/1.0', `POST / HTTP/1.0\r\n${H}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
  ['a folded field', `GET / HTTP/1.1\r\n${H}X: a\r\n b\r\n\r\n`, 400],
  ['a space before the colon', 'GET / HTTP/1.1\r\nHost : a\r\n\r\n', 400],
  ['bare line feeds', 'GET / HTTP/1.1\nHost: a\n\n', 400],
  ['NUL in a value', `GET / HTTP/1.1\r\n${H}X: a\0b\r\n\r\n`, 400],
  ['HTTP/2.0 as text', `GET / HTTP/2.0\r\n${H}\r\n`, 505],
  ['HTTP/1.2', `GET / HTTP/1.2\r\n${H}\r\n`, 505],
  ['HTTP/3.1', `GET / HTTP/3.1\r\n${H}\r\n`, 505],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
  ['HTTP/0.9', 'GET /s\r\n\r\n', 400],
  ['a lower-case method', `get / HTTP/1.1\r\n${H}\r\n`, 400],
  ['CONNECT', `CONNECT a:80 HTTP/1.1\r\n${H}\r\n`, 405],
  ['TRACE', `TRACE / HTTP/1.1\r\n${H}\r\n`, 405],
  ['a fragment', `GET /f.txt#x HTTP/1.1\r\n${H}\r\n`, 400],
  ['a byte above ASCII', `GET /\xc3\xa9 HTTP/1.1\r\n${H}\r\n`, 400],
  ['a target without a slash', `GET f.txt HTTP/1.1\r\n${H}\r\n`, 400],
  ['the asterisk for GET', `GET * HTTP/1.1\r\n${H}\r\n`, 400],
  ['Connection naming Host', `GET / HTTP/1.1\r\n${H}Connection: host\r\n\r\n`, 400],
  ['an unknown expectation', `GET / HTTP/1.1\r\n${H}Expect: tea\r\n\r\n`, 417],
  ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
] as const;

describeLanes('the listener refuses what two hops could read differently', (testListener) => {
  for (const [what, bytes, status] of refused) {
    test(`${what}: ${status}, the connection closes, nothing behind it is served`, async () => {
      await using server = await testListener();
      const answer = await rawExchange(server.port, Buffer.from(`${bytes}GET /behind HTTP/1.1\r\n${H}\r\n`, 'latin1'));
      assert.deepEqual(statuses(answer), [status]);
      assert.match(answer, /^connection: close\r$/im);
      assert.match(answer, /^x-request-id: \S+\r$/im);
    });
  }

  test('a request in an absolute form goes to the authority it names', async () => {
    await using server = await testListener({
      onRequest: (inbound, response) => void response.end(`${inbound.host} ${inbound.target} ${inbound.fields.join()}`),
    });
    const answer = await rawExchange(
      server.port,
      'GET http://B.example:81?x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    assert.match(answer, /B\.example:81 \/\?x Connection,close,Host,B\.example:81$/);
  });

  test('a WebSocket handshake with a body is refused, another upgrade is an ordinary request', async () => {
    await using server = await testListener({ onUpgrade: (_inbound, socket) => void socket.end('tunnel') });
    const upgrade = (name: string, more = '') =>
      `GET / HTTP/1.1\r\n${H}Connection: Upgrade\r\nUpgrade: ${name}\r\n${more}\r\n`;
    assert.equal(statusOf(await rawExchange(server.port, `${upgrade('websocket', 'Content-Length: 3\r\n')}abc`)), 400);
    assert.equal(await rawExchange(server.port, upgrade('WebSocket')), 'tunnel');
    await using client = await rawConnect(server.port);
    await client.write(upgrade('h2c'));
    assert.match(await client.readUntil('ok'), /^HTTP\/1\.1 200/);
  });
});

describeLanes('the listener keeps its limits', (testListener) => {
  const limits = { maxHead: 1_000, maxFields: 10, maxTarget: 300 };
  const over = [
    ['a long target', `GET /${'a'.repeat(300)} HTTP/1.1\r\n${H}\r\n`, 414],
    ['a target beyond what the parser takes', `GET /${'a'.repeat(5_000)} HTTP/1.1\r\n${H}\r\n`, 414],
    ['a long field', `GET / HTTP/1.1\r\n${H}X: ${'a'.repeat(980)}\r\n\r\n`, 431],
    ['a field beyond what the parser takes', `GET / HTTP/1.1\r\n${H}X: ${'a'.repeat(5_000)}\r\n\r\n`, 431],
    ['many fields', `GET / HTTP/1.1\r\n${H}${'X: a\r\n'.repeat(10)}\r\n`, 431],
  ] as const;
  for (const [what, bytes, status] of over) {
    test(`${what}: ${status}, and nothing pipelined behind it is served`, async () => {
      await using server = await testListener({ limits });
      const answer = await rawExchange(server.port, `${bytes}GET /behind HTTP/1.1\r\n${H}\r\n`);
      assert.deepEqual(statuses(answer), [status]);
    });
  }

  test('just within each limit a request is served', async () => {
    await using server = await testListener({ limits });
    const line = `GET /${'a'.repeat(299)} HTTP/1.1\r\n${H}Connection: close\r\n`;
    const fill = `X: ${'b'.repeat(1_000 - line.length - 7)}\r\n\r\n`;
    assert.equal((line + fill).length, 1_000);
    assert.equal(statusOf(await rawExchange(server.port, line + fill)), 200);
    const fields = `GET / HTTP/1.1\r\n${H}Connection: close\r\n${'X: a\r\n'.repeat(8)}\r\n`;
    assert.equal(statusOf(await rawExchange(server.port, fields)), 200);
  });

  test('a head that does not arrive in time is answered 408', async () => {
    await using server = await testListener({ limits: { headerTimeout: 60 } });
    assert.equal(statusOf(await rawExchange(server.port, 'GET / HTTP/1.1\r\nHost: a\r\nX: ')), 408);
  });

  test('a client that falls silent inside its body is answered 408, one that waits for an answer is not', async () => {
    const barrier = new Barrier(2);
    await using server = await testListener({
      limits: { clientTimeout: 60 },
      onRequest: async (inbound, response) => {
        if (inbound.body) return void inbound.body.resume();
        await barrier.passed;
        response.end('at last');
      },
    });
    const body = `POST / HTTP/1.1\r\n${H}Content-Length: 10\r\n\r\nabc`;
    await using patient = await rawConnect(server.port);
    await patient.write(`GET / HTTP/1.1\r\n${H}\r\n`);
    barrier.arrive();
    assert.equal(statusOf(await rawExchange(server.port, body)), 408);
    barrier.arrive();
    assert.match(await patient.readUntil('at last'), /200 OK/);
  });

  test('the connection beyond the limit is told so', async () => {
    await using server = await testListener({ limits: { maxConnections: 1 } });
    await using first = await rawConnect(server.port);
    await first.write(`GET / HTTP/1.1\r\n${H}\r\n`);
    await first.readUntil('ok');
    const answer = await rawExchange(server.port, '');
    assert.equal(statusOf(answer), 503);
    assert.match(answer, /too-many-connections/);
    assert.match(answer, /^retry-after: \d+\r$/im);
  });

  test('a refusal reaches a client that is still sending', async () => {
    await using server = await testListener({ limits });
    const head = `POST /${'a'.repeat(400)} HTTP/1.1\r\n${H}Content-Length: 500000\r\n\r\n`;
    assert.equal(statusOf(await rawExchange(server.port, [head, Buffer.alloc(500_000, 'x')])), 414);
  });
});
