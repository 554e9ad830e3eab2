// What no test of a part of it drives: who is let in and who is not, what ends a connection, what the log is told.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Log } from '../process/log.ts';
import { Barrier } from '../testing/barrier.ts';
import { describeLanes } from '../testing/both-lanes.ts';
import { eventually } from '../testing/eventually.ts';
import { get, statuses } from '../testing/http-text.ts';
import { laneStand } from '../testing/lane-stand.ts';
import { rawConnect, rawExchange } from '../testing/raw-client.ts';
import { silentLog } from '../testing/silent.ts';

const last = 'Connection: close\r\n';

type Line = { readonly level: 'debug' | 'error'; readonly message: unknown; readonly fields: Record<string, unknown> };

/** A log whose lines are kept, of the levels that a lane writes. */
function keptLog() {
  const lines: Line[] = [];
  const keep = (level: Line['level']) => (fields: Record<string, unknown>, message: unknown) => {
    lines.push({ level, message, fields });
  };
  const log: Log = Object.assign(Object.create(silentLog), { debug: keep('debug'), error: keep('error') });
  return { log, lines };
}

describeLanes('beyond the connections that may hear that there is no place', (testListener) => {
  test('one more is cut without a word, and counted', async () => {
    const { log, lines } = keptLog();
    await using clients = new AsyncDisposableStack();
    const server = await testListener({ limits: { maxConnections: 0 }, log });
    try {
      const told = Array.from({ length: 256 }, async () => {
        const client = clients.use(await rawConnect(server.port));
        // So that it keeps its place among those that are told.
        client.socket.allowHalfOpen = true;
        await client.readUntil('</html>');
      });
      await Promise.all(told);
      assert.equal(server.listener.connections(), 256);
      assert.equal(await rawExchange(server.port, ''), '');
      assert.equal(server.listener.connections(), 256);
    } finally {
      await server[Symbol.asyncDispose]();
    }
    const counted = lines.filter(({ level }) => level === 'error').map(({ fields }) => Number(fields.refused));
    assert.equal(
      counted.reduce((sum, count) => sum + count, 0),
      257,
    );
  });
});

describeLanes('the time for a head', (testListener) => {
  for (const [what, begin] of [
    ['its first letter', 'G'],
    ['the beginning of a plain one', 'GET / HTTP/1.1\r\nHost: a\r\n'],
    ['that of another', 'POST / HTTP/1.1\r\nHost: a\r\n'],
    ['a method that nobody knows', 'BREW /'],
  ] as const) {
    test(`is over once, ${what} having come`, async () => {
      const headerTimeout = 400;
      await using server = await testListener({ limits: { headerTimeout } });
      const begun = performance.now();
      assert.deepEqual(statuses(await rawExchange(server.port, begin)), [408]);
      const ms = performance.now() - begun;
      assert.ok(ms > 0.9 * headerTimeout && ms < 1.9 * headerTimeout, `${ms} ms`);
    });
  }
});

describeLanes('what comes behind the last request of a connection', (testListener) => {
  test('in one packet is neither served nor told of', async () => {
    await using server = await testListener({ limits: { keepaliveRequests: 2 } });
    const answer = await rawExchange(server.port, ['/a', '/b', '/c', '/d'].map((target) => get(target)).join(''));
    assert.deepEqual(statuses(answer), [200, 200]);
    await eventually(() => assert.equal(server.listener.connections(), 0));
    assert.deepEqual(
      server.records.map(({ target }) => target),
      ['/a', '/b'],
    );
  });

  for (const [what, first, how] of [
    ['while its answer is made', get('/a'), 'before'],
    ['while the answer is made that it wanted to be the last', get('/a', last), 'before'],
    ['later', get('/a'), 'behind'],
  ] as const) {
    test(`${what} is not served either, and no reset eats the answer`, async () => {
      const gate = new Barrier(1);
      const asked: string[] = [];
      let bytesRead = () => 0;
      await using server = await testListener({
        limits: { keepaliveRequests: first === get('/a') ? 1 : 0 },
        onRequest: async ({ target }, response) => {
          asked.push(target);
          bytesRead = () => response.req.socket.bytesRead;
          await gate.passed;
          response.end('ok');
        },
      });
      await using client = await rawConnect(server.port);
      const errors: unknown[] = [];
      client.socket.allowHalfOpen = true;
      client.socket.on('error', (error) => errors.push(error));
      const post = 'POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx';
      await client.write(first);
      await eventually(() => assert.deepEqual(asked, ['/a']));
      if (how === 'before') {
        await client.write(post);
        await eventually(() => assert.ok(bytesRead() > first.length));
      }
      gate.arrive();
      await client.readUntil('ok');
      await client.write(post);
      client.end();
      await client.closed;
      assert.deepEqual([asked, errors], [['/a'], []]);
      assert.deepEqual(
        server.records.map(({ status }) => status),
        [200],
      );
    });
  }
});

test('behind the last answer from memory nothing is served that comes later', async () => {
  await using stand = await laneStand({ limits: { keepaliveRequests: 1 } });
  await using client = await rawConnect(stand.port);
  client.socket.allowHalfOpen = true;
  await client.write(get('/fast/1'));
  await client.readUntil('\r\n\r\n/');
  await client.write(get('/other'));
  client.end();
  await client.closed;
  assert.deepEqual([stand.fast, stand.slow], [['/fast/1'], []]);
  assert.equal(stand.records.length, 1);
});

describeLanes('the log is told', (testListener) => {
  test('of a client whose socket broke', async () => {
    const { log, lines } = keptLog();
    await using server = await testListener({ log, onRequest: () => undefined });
    await using client = await rawConnect(server.port);
    await client.write(get('/'));
    await eventually(() => assert.equal(server.listener.connections(), 1));
    client.reset();
    await eventually(() => {
      const told = lines.filter(({ message }) => message === 'client socket failed');
      assert.deepEqual(
        told.map(({ level, fields: { err } }) => [level, Object(err).code]),
        [['debug', 'ECONNRESET']],
      );
    });
  });

  test('of an answer that a handler went on with behind its end, which does no other harm', async () => {
    const { log, lines } = keptLog();
    const ids: string[] = [];
    await using server = await testListener({
      log,
      onRequest: ({ id }, response) => {
        ids.push(id);
        response.end('ok');
        response.write('more');
      },
    });
    assert.deepEqual(statuses(await rawExchange(server.port, get('/') + get('/', last))), [200, 200]);
    const told = lines.filter(({ message }) => message === 'response failed');
    assert.deepEqual(
      told.map(({ fields: { id, err } }) => [id, Object(err).code]),
      ids.map((id) => [id, 'ERR_STREAM_WRITE_AFTER_END']),
    );
    assert.equal(ids.length, 2);
  });
});

describeLanes('a client that is silent inside its body', (testListener) => {
  test('is answered 408 once somebody waits for it, however long nobody did', async () => {
    const gate = new Barrier(1);
    await using server = await testListener({
      limits: { clientTimeout: 60 },
      onRequest: async ({ body }, response) => {
        await gate.passed;
        await body?.resume().toArray();
        response.end();
      },
    });
    await using client = await rawConnect(server.port);
    await client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc');
    // Two that say nothing, one after the other, are let go: by then its own time is up as well.
    for (let i = 0; i < 2; i++) assert.equal(await rawExchange(server.port, ''), '');
    assert.equal(client.received, '');
    gate.arrive();
    await client.closed;
    assert.deepEqual(statuses(client.received), [408]);
  });
});

describeLanes('a body that is expected', (testListener) => {
  const wish = 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n';

  test('is still asked for when a drain has begun, and its answer is the last', async () => {
    const gate = new Barrier(1);
    const begun = new Barrier(1);
    await using server = await testListener({
      onRequest: async ({ body }, response) => {
        begun.arrive();
        await gate.passed;
        response.end(Buffer.concat((await body?.toArray()) ?? []));
      },
    });
    await using client = await rawConnect(server.port);
    await client.write(wish);
    await begun.passed;
    const drained = server.listener.drain(60_000);
    gate.arrive();
    await client.readUntil('100 Continue\r\n\r\n');
    await client.write('ab');
    assert.match(await client.readUntil('\r\n\r\nab'), /^connection: close\r$/im);
    await client.closed;
    assert.equal(await drained, 'clean');
  });
});

describe('a connection that both lanes serve', () => {
  test('is not given back behind an answer that ends it, whatever was pipelined', async () => {
    await using stand = await laneStand();
    const broken = `${get('/other')}${get('/slow/1', 'Expect: nothing\r\n')}${get('/fast/1')}`;
    assert.deepEqual(statuses(await rawExchange(stand.port, broken)), [200, 417]);
    assert.deepEqual([stand.fast, stand.slow], [[], ['/other']]);
  });
});
