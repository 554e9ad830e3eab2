/** Who is one too many: of all connections, and of those of one client. */
import assert from 'node:assert/strict';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { describeLanes } from '../testing/both-lanes.ts';
import { eventually } from '../testing/eventually.ts';
import { statusesOf } from '../testing/hostile/holds.ts';
import { keptWarnings } from '../testing/kept-warnings.ts';
import { laneStand } from '../testing/lane-stand.ts';
import { proxyLine } from '../testing/proxy-headers.ts';
import { rawConnect, rawExchange } from '../testing/raw-client.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
const line = proxyLine({ address: '192.0.2.1', port: 56324 });
const fromLoopback = (address: string) => address === '127.0.0.1';

describeLanes('connections of one client', (testListener) => {
  const plain = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
  const open = async (port: number, begin: Buffer | string = '') => {
    const connection = await rawConnect(port);
    await connection.write(Buffer.concat([Buffer.from(begin), Buffer.from(plain)]));
    await connection.readUntil('ok');
    return connection;
  };

  test('beyond what it may have are answered 503, told of once, and others are not counted', async () => {
    const { log, lines } = keptWarnings();
    await using server = await testListener({ log, limits: { maxConnectionsPerClient: 2 } });
    await using _first = await open(server.port);
    await using second = await open(server.port);
    for (let i = 0; i < 3; i++) {
      const answer = await rawExchange(server.port, plain);
      assert.deepEqual(statusesOf(answer), [503]);
      assert.match(answer, /^retry-after: 1\r$/im);
    }
    const refused = server.records.filter(({ status }) => status === 503);
    assert.deepEqual(
      refused.map(({ fault }) => fault?.reason),
      Array.from({ length: 3 }, () => 'too-many-connections'),
    );
    const { msg, client, maxConnectionsPerClient } = lines[0] ?? {};
    assert.deepEqual([lines.length, msg], [1, 'connections of one client refused']);
    assert.deepEqual([client, maxConnectionsPerClient], ['127.0.0.1', 2]);
    second.end();
    await second.closed;
    await eventually(() => assert.equal(server.listener.connections(), 1));
    await using _third = await open(server.port);
  });

  test('are without a limit for a trusted peer and on a Unix socket', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-'));
    const path = join(folder.path, 'tier.sock');
    const limits = { maxConnectionsPerClient: 1 };
    await using tcp = await testListener({ limits, trusted: fromLoopback });
    await using _unix = await testListener({ limits, listen: { kind: 'unix', path } });
    for (const door of [tcp.port, path]) {
      await using first = await rawConnect(door);
      await first.write(plain);
      await first.readUntil('ok');
      assert.deepEqual(statusesOf(await rawExchange(door, get)), [200]);
    }
  });

  test('behind a proxy are those of the client that the header names', async () => {
    const limits = { maxConnectionsPerClient: 1 };
    await using server = await testListener({ limits, proxyProtocol: true, trusted: fromLoopback });
    await using _first = await open(server.port, line);
    assert.deepEqual(statusesOf(await rawExchange(server.port, Buffer.concat([line, Buffer.from(get)]))), [503]);
    await using _other = await open(server.port, proxyLine({ address: '192.0.2.2', port: 1 }));
  });
});

describe('of the sockets of a flood', () => {
  test('those beyond twice the limit of a client are closed without a word', async () => {
    const { log } = keptWarnings();
    await using server = await laneStand({ log, limits: { maxConnectionsPerClient: 1 } });
    await using first = await rawConnect(server.port);
    await first.write('GET /fast/5 HTTP/1.1\r\nHost: a\r\n\r\n');
    await first.readUntil('/fast');
    await using second = await rawConnect(server.port);
    second.socket.pause();
    second.socket.allowHalfOpen = true;
    await eventually(() => assert.equal(server.records.filter(({ status }) => status === 503).length, 1));
    assert.equal(await rawExchange(server.port, ''), '');
    assert.equal(server.records.filter(({ status }) => status === 503).length, 1);
  });

  test('those that wait for a header are as many as connections may be', async () => {
    await using server = await laneStand({ proxyProtocol: true, trusted: fromLoopback, limits: { maxConnections: 2 } });
    await using one = await rawConnect(server.port);
    await using two = await rawConnect(server.port);
    await eventually(() => assert.equal(server.listener.connections(), 2));
    assert.equal(await rawExchange(server.port, ''), '');
    for (const waiting of [one, two]) {
      await waiting.write(Buffer.concat([line, Buffer.from(get)]));
      await waiting.readUntil('200 OK');
    }
  });
});
