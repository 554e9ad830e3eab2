/** Who is connected, where a proxy says so before the first byte of the client: on real sockets, in both lanes. */
import assert from 'node:assert/strict';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { describeLanes } from '../testing/both-lanes.ts';
import { eventually } from '../testing/eventually.ts';
import { everySplit } from '../testing/every-split.ts';
import { statusesOf } from '../testing/hostile/holds.ts';
import { keptWarnings } from '../testing/kept-warnings.ts';
import { laneStand } from '../testing/lane-stand.ts';
import { proxyBinary, proxyBlock, proxyLine } from '../testing/proxy-headers.ts';
import { type Door, rawConnect, rawExchange } from '../testing/raw-client.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.9\r\nConnection: close\r\n\r\n';
const client = { address: '192.0.2.1', port: 56324 };
const line = proxyLine(client);
const binary = proxyBinary(Buffer.from([192, 0, 2, 1]), 56324, Buffer.from('\x03\0\x04GET ', 'latin1'));

const fromLoopback = (address: string) => address === '127.0.0.1';

describeLanes('behind a proxy that is trusted', (testListener) => {
  type Options = NonNullable<Parameters<typeof testListener>[0]>;
  const behindProxy = (options: Options = {}) =>
    testListener({
      proxyProtocol: true,
      trusted: fromLoopback,
      onRequest: async ({ peer, client, body }, response) => {
        const text = Buffer.concat((await body?.toArray()) ?? []).toString();
        response.end(`${peer.address} ${peer.port} ${peer.trusted} ${client} ${text}`);
      },
      ...options,
    });
  const told = async (door: Door, bytes: Buffer | string | Buffer[]) => {
    const answer = await rawExchange(door, bytes);
    return answer.slice(answer.indexOf('\r\n\r\n') + 4);
  };
  const and = (header: Buffer, rest: string = get) => Buffer.concat([header, Buffer.from(rest)]);

  test('a client is who the header says, and not trusted for coming by the proxy', async () => {
    await using server = await behindProxy();
    const expected = '192.0.2.1 56324 false 192.0.2.1 ';
    assert.equal(await told(server.port, and(line)), expected);
    assert.equal(await told(server.port, and(binary)), expected);
    assert.equal(await told(server.port, and(proxyLine({ ...client, address: '::ffff:192.0.2.1' }))), expected);
    const v6 = proxyLine({ address: '2001:db8::1', port: 1 });
    assert.equal(await told(server.port, and(v6)), '2001:db8::1 1 false 2001:db8::1 ');
    await eventually(() => assert.equal(server.records[0]?.client, '192.0.2.1'));
  });

  test('a client in the header that is trusted itself is believed', async () => {
    await using server = await behindProxy();
    const header = proxyLine({ address: '127.0.0.1', port: 9 });
    assert.equal(await told(server.port, and(header)), '127.0.0.1 9 true 198.51.100.9 ');
  });

  test('the proxy itself is who is connected, where it says so', async () => {
    await using server = await behindProxy();
    const header = proxyBlock(0, Buffer.alloc(9), 0x20);
    assert.match(await told(server.port, and(header)), /^127\.0\.0\.1 \d+ true 198\.51\.100\.9 $/);
  });

  test('a client that the proxy does not know cannot say who it is in the name of the proxy', async () => {
    await using server = await behindProxy();
    for (const header of [proxyBlock(0, Buffer.alloc(9), 0x21), Buffer.from('PROXY UNKNOWN\r\n')]) {
      assert.match(await told(server.port, and(header)), /^127\.0\.0\.1 \d+ false 127\.0\.0\.1 $/);
    }
  });

  test('header and request may be cut anywhere', async () => {
    await using server = await behindProxy();
    for (const header of [line, binary]) {
      const bytes = and(header, get.replace('GET / ', 'GET /a '));
      const cuts = [...everySplit(bytes)];
      const some = cuts.filter((_parts, i) => i < 2 || Math.abs(i - header.length) < 4 || i % 23 === 0);
      const answers = some.map((parts) =>
        told(
          server.port,
          parts.map((part) => Buffer.from(part)),
        ),
      );
      for (const answer of await Promise.all(answers)) assert.equal(answer, '192.0.2.1 56324 false 192.0.2.1 ');
    }
  });

  test('bodies and pipelined requests come through behind a header', async () => {
    await using server = await behindProxy();
    const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello';
    const answer = await rawExchange(server.port, and(line, post + get));
    assert.deepEqual(statusesOf(answer), [200, 200]);
    assert.match(answer, /hello/);
  });

  const bad: readonly [what: string, bytes: Buffer | string][] = [
    ['none', get],
    ['one that is malformed', `PROXY TCP4 nobody 192.0.2.1 1 1\r\n${get}`],
    ['one that is too long', `PROXY UNKNOWN ${'a'.repeat(200)}\r\n${get}`],
    ['one of an unknown protocol', Buffer.concat([Buffer.from('PROXY TCP5 '), line])],
  ];
  for (const [what, bytes] of bad) {
    test(`a connection with ${what} is closed without an answer, and told of`, async () => {
      const { log, lines } = keptWarnings();
      await using server = await behindProxy({ log });
      assert.equal(await rawExchange(server.port, bytes), '');
      await eventually(() => assert.equal(server.listener.connections(), 0));
      assert.deepEqual([lines.length, lines[0]?.msg], [1, 'connections without a valid PROXY header closed']);
      assert.match(String(lines[0]?.last), /^127\.0\.0\.1: /);
      assert.deepEqual(server.records, []);
    });
  }

  test('a second header is no request', async () => {
    await using server = await behindProxy();
    const [status] = statusesOf(await rawExchange(server.port, and(line, `${line.toString()}${get}`)));
    assert.ok(status === 400 || status === 501, String(status));
  });

  test('a header that does not come in time ends the connection', async () => {
    const { log, lines } = keptWarnings();
    await using server = await behindProxy({ log, limits: { headerTimeout: 60 } });
    assert.equal(await rawExchange(server.port, line.subarray(0, 9)), '');
    assert.match(String(lines[0]?.last), /did not come in time/);
  });

  test('a header that ends half-way is told of; a connection on which none begins, as of a probe, is not', async () => {
    const { log, lines } = keptWarnings();
    await using server = await behindProxy({ log });
    for (const bytes of ['', line.subarray(0, 9)]) {
      await using probe = await rawConnect(server.port);
      await probe.write(bytes);
      probe.end();
      await probe.closed;
    }
    await eventually(() => assert.equal(server.listener.connections(), 0));
    assert.deepEqual(
      lines.map(({ last }) => last),
      ['127.0.0.1: it ends half-way'],
    );
  });

  test('a client that says nothing behind its header is let go without an answer', async () => {
    await using server = await behindProxy({ limits: { headerTimeout: 60, idleTimeout: 60 } });
    assert.equal(await rawExchange(server.port, line), '');
    assert.deepEqual(server.records, []);
  });

  test('a draining tier does not wait for headers', async () => {
    await using server = await behindProxy();
    await using waiting = await rawConnect(server.port);
    await waiting.write(line.subarray(0, 5));
    await eventually(() => assert.equal(server.listener.connections(), 1));
    assert.equal(await server.listener.drain(5_000), 'clean');
    await waiting.closed;
  });

  test('a broken answer to HTTP/1.0 ends in a reset, whatever the header says of Unix sockets; and on one in none', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-'));
    const path = join(folder.path, 'tier.sock');
    const options: Options = {
      trusted: (address) => address === '127.0.0.1' || address === 'unix',
      onRequest: (_inbound, response) => {
        response.write('begun', () => response.destroy());
      },
    };
    await using tcp = await behindProxy(options);
    await using _unix = await behindProxy({ ...options, listen: { kind: 'unix', path } });
    const old = 'GET / HTTP/1.0\r\nHost: a\r\n\r\n';
    await using reset = await rawConnect(tcp.port);
    let code: string | undefined;
    reset.socket.once('error', (error: NodeJS.ErrnoException) => {
      code = error.code;
    });
    await reset.write(and(proxyBlock(0x31, Buffer.alloc(216)), old));
    await reset.closed;
    assert.equal(code, 'ECONNRESET');
    assert.match(await rawExchange(path, and(line, old)), /begun/);
  });
});

describeLanes('a peer that is not trusted', (testListener) => {
  test('may not say for whom it comes: its header is no request', async () => {
    await using server = await testListener({ proxyProtocol: true, trusted: () => false });
    for (const header of [line, binary]) {
      const [status, ...more] = statusesOf(await rawExchange(server.port, Buffer.concat([header, Buffer.from(get)])));
      assert.equal(status, 400);
      assert.deepEqual(more, []);
    }
    assert.deepEqual(statusesOf(await rawExchange(server.port, get)), [200]);
  });

  test('nor may one that is, where the protocol is not spoken', async () => {
    await using server = await testListener({ trusted: fromLoopback });
    assert.deepEqual(statusesOf(await rawExchange(server.port, `${line.toString()}${get}`)), [400]);
  });
});

test('the fast lane answers behind a header, for the client that it names', async () => {
  await using server = await laneStand({ proxyProtocol: true, trusted: fromLoopback });
  const asked = get.replace('GET / ', 'GET /fast/10 ');
  const answer = await rawExchange(server.port, [line, `${asked.replace('close', 'keep-alive')}${asked}`]);
  assert.deepEqual(statusesOf(answer), [200, 200]);
  assert.match(answer, /X-Asked: a 192\.0\.2\.1 \/fast\/10/);
  assert.deepEqual(server.fast, ['/fast/10', '/fast/10']);
});
