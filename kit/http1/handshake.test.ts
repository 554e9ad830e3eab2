import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeLanes } from '../testing/both-lanes.ts';
import { statuses } from '../testing/http-text.ts';
import { rawConnect, rawExchange } from '../testing/raw-client.ts';

describeLanes('a WebSocket handshake', (testListener) => {
  const handshake = (more: string) =>
    `GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${more}\r\n`;
  const refused: readonly [what: string, bytes: string, told: [status: number, reason: string]][] = [
    ['that no other request could be', handshake('Host: b\r\n'), [400, 'bad-host']],
    ['whose head is too large', handshake(`X: ${'x'.repeat(500)}\r\n`), [431, 'head-too-large']],
    ['with a body', `${handshake('Content-Length: 1\r\n')}x`, [400, 'bad-framing']],
  ];
  for (const [what, bytes, told] of refused) {
    test(`${what} is refused for that`, async () => {
      const asked: string[] = [];
      await using server = await testListener({
        limits: { maxHead: 400 },
        onUpgrade: ({ target }, socket) => {
          asked.push(target);
          socket.end('tunnel');
        },
      });
      assert.deepEqual(statuses(await rawExchange(server.port, bytes)), [told[0]]);
      assert.deepEqual(asked, []);
      assert.deepEqual(
        server.records.map(({ status, fault }) => [status, fault?.reason]),
        [told],
      );
    });
  }
});

const toTunnel = 'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

describeLanes('an upgrade behind what ends its connection is not taken', (testListener) => {
  for (const [what, before, limits] of [
    ['a refused request', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', {}],
    ['the last of so many', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', { keepaliveRequests: 1 }],
    ['hearing that there is no place', '', { maxConnections: 0 }],
  ] as const) {
    test(what, async () => {
      const asked: string[] = [];
      await using server = await testListener({
        limits,
        onUpgrade: ({ target }, socket) => {
          asked.push(target);
          socket.end('tunnel');
        },
      });
      await using client = await rawConnect(server.port);
      client.socket.allowHalfOpen = true;
      await client.write(before);
      await client.readUntil(/<\/html>|ok/);
      await client.write(toTunnel);
      client.end();
      // Before its silence would end it: what comes is read away.
      await client.closed;
      assert.deepEqual([asked, server.records.length], [[], 1]);
    });
  }
});

describeLanes('a WebSocket handshake', (testListener) => {
  test('with a body that has not come is refused for that', async () => {
    await using server = await testListener({ onUpgrade: (_inbound, socket) => void socket.end('tunnel') });
    const answer = await rawExchange(
      server.port,
      'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n\r\n',
    );
    assert.match(answer, /^HTTP\/1\.1 400 [\s\S]*bad-framing/);
  });
});
