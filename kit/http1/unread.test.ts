import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeLanes } from '../testing/both-lanes.ts';
import { eventually } from '../testing/eventually.ts';
import { laneStand } from '../testing/lane-stand.ts';
import { rawConnect } from '../testing/raw-client.ts';

const H = 'Host: a\r\n';
const limits = { clientTimeout: 1_000, headerTimeout: 60_000 };
const large = Buffer.alloc(16_000_000, 'x');

describeLanes('an answer that its client does not take', (testListener) => {
  test('is given up, whatever the client still sends', async () => {
    await using server = await testListener({ limits, onRequest: (_, response) => void response.end(large) });
    await using client = await rawConnect(server.port);
    client.socket.pause();
    await client.write(`GET / HTTP/1.1\r\n${H}\r\n`);
    await eventually(async () => {
      await client.write('G');
      assert.equal(server.records[0]?.outcome, 'client-left');
    });
    assert.equal(server.listener.connections(), 0);
  });

  test('at once, only by and by, goes on', async () => {
    await using server = await testListener({ limits, onRequest: (_, response) => void response.end(large) });
    await using client = await rawConnect(server.port);
    const { socket } = client;
    const begun = performance.now();
    let taken = 0;
    socket.removeAllListeners('data').on('data', ({ length }) => {
      taken += length;
      if (taken / large.length < (performance.now() - begun) / 3_000) return;
      socket.pause();
      setTimeout(() => socket.resume(), 20);
    });
    await client.write(`GET / HTTP/1.1\r\n${H}Connection: close\r\n\r\n`);
    await client.closed;
    assert.ok(taken > large.length, `${taken} bytes`);
    assert.ok(performance.now() - begun > 2 * limits.clientTimeout);
  });
});

test('an answer from memory is given up like any other, and its memory given back', async () => {
  await using stand = await laneStand({ limits });
  await using client = await rawConnect(stand.port);
  client.socket.pause();
  await client.write(`GET /fast/${large.length} HTTP/1.1\r\n${H}\r\n`);
  await eventually(async () => {
    await client.write('G');
    assert.equal(stand.records[0]?.outcome, 'client-left');
  });
  assert.equal(stand.givenBack.get(`/fast/${large.length}`), 1);
  assert.deepEqual(stand.slow, []);
});
