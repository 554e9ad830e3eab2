// A tier as a process with limits of its own: each is in force on the wire, by the name it has in the documents.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { statusesOf } from '../testing/hostile/holds.ts';
import { rawConnect, rawExchange } from '../testing/raw-client.ts';
import { RunningTier } from '../testing/running-tier.ts';

const get = (target: string, lines = '') => `GET ${target} HTTP/1.1\r\nHost: a\r\n${lines}\r\n`;
const long = 'a'.repeat(2_000);

describe('a tier whose limits are settings', () => {
  test('keeps those of a head, of a connection and of time', async () => {
    await using tier = new RunningTier({
      FRONT_MAX_HEAD: '1KB',
      FRONT_MAX_TARGET: '100B',
      FRONT_MAX_FIELDS: '5',
      FRONT_KEEPALIVE_REQUESTS: '2',
      FRONT_HEADER_TIMEOUT: '100ms',
      FRONT_CLIENT_TIMEOUT: '100ms',
      FRONT_IDLE_TIMEOUT: '100ms',
    });
    const { port } = await tier.listening();
    const told = async (bytes: string) => statusesOf(await rawExchange(port, bytes));
    assert.deepEqual(await told(get('/', `X: ${long}\r\n`)), [431]);
    assert.deepEqual(await told(get('/', 'X: a\r\n'.repeat(5))), [431]);
    assert.deepEqual(await told(get(`/${long}`)), [414]);
    assert.deepEqual(await told(get('/').repeat(3)), [200, 200], 'requests per connection');
    assert.deepEqual(await told('GET / HTTP/1.1\r\nHost'), [408], 'a head');
    assert.deepEqual(await told('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab'), [408], 'a body');
    assert.deepEqual(await told(get('/')), [200], 'idle');
  });

  test('keeps that of connections, and tells of it in lines of their own', async () => {
    await using tier = new RunningTier({ FRONT_MAX_CONNECTIONS: '1' });
    const { port } = await tier.listening();
    await using first = await rawConnect(port);
    await first.write(get('/'));
    await first.readUntil('ok');
    for (let i = 0; i < 3; i++) assert.deepEqual(statusesOf(await rawExchange(port, get('/'))), [503]);
    const { level, refused, maxConnections } = JSON.parse(await tier.line('client connections refused'));
    assert.deepEqual([level, refused, maxConnections], ['error', 1, 1]);
    assert.doesNotMatch(tier.out, /"status":503/);
  });

  test('keeps those of a client: its connections, and how slow it may be', async () => {
    await using tier = new RunningTier({
      FRONT_MAX_CONNECTIONS_PER_CLIENT: '1',
      FRONT_MIN_RATE: '1MB',
      FRONT_MIN_RATE_GRACE: '100ms',
    });
    const { port } = await tier.listening();
    await using first = await rawConnect(port);
    await first.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab');
    await tier.line('asked');
    assert.deepEqual(statusesOf(await rawExchange(port, get('/'))), [503]);
    const { level, client, maxConnectionsPerClient } = JSON.parse(await tier.line('connections of one client refused'));
    assert.deepEqual([level, client, maxConnectionsPerClient], ['warn', '127.0.0.1', 1]);
    await first.readUntil(' 408 ');
  });
});
