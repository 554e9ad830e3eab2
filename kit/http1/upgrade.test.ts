import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../semantics/fault.ts';
import { describeLanes } from '../testing/both-lanes.ts';
import { eventually } from '../testing/eventually.ts';
import { rawConnect, rawExchange } from '../testing/raw-client.ts';
import type { testListener } from '../testing/test-listener.ts';
import type { UpgradeEnd, UpgradeHandler } from './upgrade.ts';

const ask = 'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

type Open = typeof testListener;

/** What the client got and the record says of one upgrade. */
async function upgraded(testListener: Open, onUpgrade: UpgradeHandler) {
  await using server = await testListener({ onUpgrade });
  const received = await rawExchange(server.port, ask);
  await eventually(() => assert.equal(server.records.length, 1));
  const [record] = server.records;
  return { received, told: [record?.target, record?.status, record?.outcome, record?.fault?.reason, record?.bytes] };
}

describeLanes('an upgraded connection', (testListener) => {
  test('belongs to the handler, with the bytes that came behind the request', async () => {
    await using server = await testListener({ onUpgrade: (_inbound, socket, head) => void socket.end(head) });
    assert.equal(await rawExchange(server.port, `${ask}first frame`), 'first frame');
  });

  test('passes what is longer than any head', async () => {
    const long = 'x'.repeat(100_000);
    await using server = await testListener({
      onUpgrade: (_inbound, socket, head) => {
        socket.write(head);
        socket.on('data', (chunk: Buffer) => socket.write(chunk));
      },
    });
    await using client = await rawConnect(server.port);
    await client.write(ask);
    await client.write(long);
    await eventually(() => assert.equal(client.received.length, long.length));
  });

  test('has a record once it is closed: 101, and the bytes that went through', async () => {
    const { told } = await upgraded(testListener, (_inbound, socket) => void socket.end('12345'));
    assert.deepEqual(told, ['/ws', 101, 'done', undefined, 5]);
  });

  test('has the record that its handler tells of', async () => {
    const fault = new Fault('refused', 'no');
    const { told } = await upgraded(testListener, async (_inbound, socket): Promise<UpgradeEnd> => {
      socket.end('12345');
      return { status: 503, outcome: 'done', fault };
    });
    assert.deepEqual(told, ['/ws', 503, 'done', 'refused', 5]);
  });

  for (const [what, onUpgrade] of [
    ['rejects', (): Promise<void> => Promise.reject(new Fault('not-found', 'no such thing'))],
    [
      'throws',
      () => {
        throw new Fault('not-found', 'no such thing');
      },
    ],
  ] satisfies [string, UpgradeHandler][]) {
    test(`whose handler ${what} before it writes gets a page`, async () => {
      const { received, told } = await upgraded(testListener, onUpgrade);
      assert.match(received, /^HTTP\/1\.1 404 Not Found\r\n[\s\S]*no such thing/);
      assert.deepEqual(told.slice(0, 4), ['/ws', 404, 'done', 'not-found']);
    });
  }

  test('whose handler rejects in the middle is cut: nothing of ours gets between its bytes', async () => {
    const { received, told } = await upgraded(testListener, async (_inbound, socket): Promise<void> => {
      await new Promise<void>((written) => socket.write('frame', () => written()));
      throw new Error('secret text');
    });
    assert.equal(received, 'frame');
    assert.deepEqual(told.slice(0, 4), ['/ws', 500, 'done', 'internal']);
  });

  test('is not timed by the listener', async () => {
    await using server = await testListener({
      limits: { clientTimeout: 30, headerTimeout: 200 },
      onUpgrade: (_inbound, socket) => {
        assert.equal(socket.timeout, 0);
        socket.write('open');
      },
    });
    await using client = await rawConnect(server.port);
    await client.write(ask);
    await client.readUntil('open');
    // A connection that is timed, opened later, is over first.
    await rawExchange(server.port, '');
    await eventually(() => assert.equal(server.listener.connections(), 1));
  });
});
