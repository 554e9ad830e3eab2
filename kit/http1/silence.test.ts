import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Barrier } from '../testing/barrier.ts';
import { describeLanes, testLanes } from '../testing/both-lanes.ts';
import { eventually } from '../testing/eventually.ts';
import { rawConnect, rawExchange } from '../testing/raw-client.ts';

const H = 'Host: a\r\n';
const post = `POST / HTTP/1.1\r\n${H}Content-Length: 10\r\n\r\nabc`;
const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
const limits = { clientTimeout: 60 };

describeLanes('a client that is silent', (testListener) => {
  test('inside a body that an iterator reads is answered 408', async () => {
    await using server = await testListener({
      limits,
      onRequest: async ({ body }, response) => {
        for await (const _chunk of body ?? []);
        response.end();
      },
    });
    assert.deepEqual(statuses(await rawExchange(server.port, post)), [408]);
    await eventually(() => assert.equal(server.records[0]?.fault?.reason, 'body-timeout'));
  });

  test('inside a body is cut when the answer has begun', async () => {
    await using server = await testListener({
      limits,
      onRequest: ({ body }, response) => {
        body?.resume();
        response.write('begun');
      },
    });
    assert.doesNotMatch(await rawExchange(server.port, post), /\r\n0\r\n/);
    await eventually(() => assert.equal(server.records[0]?.outcome, 'client-left'));
  });

  test('while its body is not read is waited for', async () => {
    const turns = new Barrier(1);
    await using server = await testListener({
      limits,
      onRequest: async ({ body }, response) => {
        body?.pause();
        response.once('close', () => assert.ok(response.writableFinished));
        await turns.passed;
        response.end('ok');
      },
    });
    await using patient = await rawConnect(server.port);
    await patient.write(post);
    // By then the time of the first one is up as well.
    assert.equal(await rawExchange(server.port, ''), '');
    turns.arrive();
    await patient.readUntil('ok');
  });

  test('before its first byte is let go without an answer', async () => {
    await using server = await testListener({ limits: { headerTimeout: 60 } });
    assert.equal(await rawExchange(server.port, ''), '');
    assert.deepEqual(server.records, []);
  });
});

testLanes('[case 17] a client that takes nothing of a large answer is cut', async (testListener) => {
  const closed = new Barrier(1);
  await using server = await testListener({
    limits,
    onRequest: async (_inbound, response) => {
      response.write(Buffer.alloc(16 * 1024 * 1024));
      await once(response, 'close');
      closed.arrive();
    },
  });
  await using client = await rawConnect(server.port);
  client.socket.pause();
  await client.write(`GET / HTTP/1.1\r\n${H}\r\n`);
  await closed.passed;
  await eventually(() => assert.equal(server.records[0]?.outcome, 'client-left'));
  assert.equal(server.listener.connections(), 0);
});
