import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { type LaneStandOptions, laneStand } from '../testing/lane-stand.ts';
import { rawConnect, rawExchange } from '../testing/raw-client.ts';
import { testListener } from '../testing/test-listener.ts';
import { leaveAtEnd } from './half-closed.ts';

const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;
const stand = (options: LaneStandOptions) => laneStand({ ...options, answersHalfClosed: true });

describe('a client that has ended its side of the connection', () => {
  for (const lane of ['on', 'off'] as const) {
    for (const targets of [
      ['/slow/1'],
      ['/fast/1', '/slow/2'],
      ['/slow/1', '/fast/2'],
      ['/slow/1', '/other/2'],
      ['/slow/1', '/fast/2', '/other/3', '/fast/4'],
      ['/other/1', '/slow/300000', '/fast/300000'],
    ]) {
      test(`gets all answers, then the connection closes: ${targets.join(' ')} (lane ${lane})`, async () => {
        await using it = await stand({ lane });
        await using client = await rawConnect(it.port);
        client.socket.end(targets.map(get).join(''));
        await eventually(() => assert.ok(it.slow.length > 0));
        it.gate.arrive();
        await client.closed;
        assert.equal(client.received.match(/HTTP\/1\.1 200/g)?.length, targets.length);
        await eventually(() => assert.equal(it.listener.connections(), 0));
        assert.deepEqual(
          it.records.map(({ target, outcome }) => `${target} ${outcome}`),
          targets.map((target) => `${target} done`),
        );
        assert.equal(await it.listener.drain(60_000), 'clean');
      });
    }

    test(`while its answer is made, gets it, and a drain waits for that (lane ${lane})`, async () => {
      await using it = await stand({ lane });
      await using client = await rawConnect(it.port);
      await client.write(get('/slow/1'));
      await eventually(() => assert.deepEqual(it.slow, ['/slow/1']));
      client.end();
      const drained = it.listener.drain(60_000);
      it.gate.arrive();
      await client.closed;
      assert.match(client.received, /^HTTP\/1\.1 200 /);
      assert.equal(await drained, 'clean');
    });

    test(`in the middle of a body is told so (lane ${lane})`, async () => {
      await using it = await stand({ lane });
      await using client = await rawConnect(it.port);
      client.socket.end('POST /other HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab');
      await client.closed;
      assert.doesNotMatch(client.received, / 200 /);
      await eventually(() => assert.equal(it.listener.connections(), 0));
    });
  }

  test('has left what others work on, before or after it was asked of them', async () => {
    const outcomes: string[] = [];
    const asked = Promise.withResolvers<void>();
    await using server = await testListener({
      answersHalfClosed: true,
      onRequest: async ({ target }, response) => {
        if (target === '/late') await new Promise((done) => response.req.socket.once('end', done));
        leaveAtEnd(response);
        if (target === '/early') asked.resolve();
        await new Promise((done) => response.once('close', done));
      },
      onExchange: ({ target, status, outcome }) => void outcomes.push(`${target} ${status} ${outcome}`),
    });
    await using early = await rawConnect(server.port);
    await early.write(get('/early'));
    await asked.promise;
    early.end();
    await early.closed;
    await using late = await rawConnect(server.port);
    late.socket.end(get('/late'));
    await late.closed;
    await eventually(() => assert.deepEqual(outcomes, ['/early 499 client-left', '/late 499 client-left']));
  });

  test('is as any other to who goes on asking', async () => {
    await using server = await testListener({
      answersHalfClosed: true,
      onRequest: (_, response) => {
        leaveAtEnd(response);
        response.end('ok');
      },
    });
    const last = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
    assert.equal((await rawExchange(server.port, get('/').repeat(20) + last)).match(/ok/g)?.length, 21);
  });
});
