// What a client can make a connection hold, and for how long, whichever lane it is in.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { get, statuses } from '../testing/http-text.ts';
import { laneStand } from '../testing/lane-stand.ts';
import { rawConnect } from '../testing/raw-client.ts';

describe('a connection that came back from the slow lane', () => {
  test('is closed when what follows is no request', async () => {
    await using stand = await laneStand({ limits: { clientTimeout: 100, idleTimeout: 100 } });
    await using client = await rawConnect(stand.port);
    await client.write(get('/other/1'));
    await client.readUntil('/other/1');
    await client.write('\r\n');
    await client.closed;
  });
});

describe('the last of so many requests', () => {
  for (const lane of ['on', 'off'] as const) {
    for (const target of ['/fast/8000', '/other/8000']) {
      test(`gets its answer though the client sent more and reads late: ${target}, fast lane ${lane}`, async () => {
        await using stand = await laneStand({ lane, limits: { keepaliveRequests: 60 } });
        await using client = await rawConnect(stand.port);
        client.socket.pause();
        // What is not read by the time of the close is what the kernel answers with a reset.
        await client.write(get(target, `X: ${'x'.repeat(3_000)}\r\n`).repeat(100));
        await eventually(() => assert.ok(stand.fast.length + stand.slow.length >= 60));
        client.socket.resume();
        await client.closed;
        assert.equal(statuses(client.received).length, 60);
      });

      test(`gets its answer though the client sends more behind it: ${target}, fast lane ${lane}`, async () => {
        await using stand = await laneStand({ lane, limits: { keepaliveRequests: 60 } });
        await using client = await rawConnect(stand.port);
        const errors: Error[] = [];
        client.socket.on('error', (error) => errors.push(error)).pause();
        await client.write(get(target).repeat(60));
        await eventually(() => assert.equal(stand.fast.length + stand.slow.length, 60));
        await client.write(get(target).repeat(40));
        client.socket.resume();
        await client.closed;
        assert.deepEqual([statuses(client.received).length, errors], [60, []]);
      });
    }
  }
});

for (const lane of ['on', 'off'] as const) {
  test(`the last of so many requests gets all of a large answer, however slowly it is taken: fast lane ${lane}`, async () => {
    await using stand = await laneStand({ lane, limits: { keepaliveRequests: 1 } });
    await using client = await rawConnect(stand.port, 20_000);
    const { socket } = client;
    socket.pause();
    const pausedAt = performance.now();
    await client.write(get('/fast/20000000'));
    // Longer than a silent client is listened to behind its last answer.
    await eventually(() => assert.ok(performance.now() - pausedAt > 2_500));
    socket.resume();
    await client.closed;
    assert.ok(client.received.length > 20_000_000, `${client.received.length} bytes`);
  });
}

test('a client that pipelines faster than it is answered is read no faster than without a fast lane', async () => {
  const sent: number[] = [];
  for (const lane of ['off', 'on'] as const) {
    const requests = Buffer.from(get('/other/1').repeat(2_000));
    await using stand = await laneStand({ lane, limits: { keepaliveRequests: 0 } });
    await using client = await rawConnect(stand.port);
    for (let i = 0; i < 600; i++) client.socket.write(requests);
    const { socket } = client;
    await eventually(() => assert.ok(stand.slow.length > 2_000));
    sent.push(socket.bytesWritten - socket.writableLength);
  }
  const [off = 0, on = 0] = sent;
  assert.ok(on < off + 2_000_000, `${on} bytes instead of ${off}`);
});
