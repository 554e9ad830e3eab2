import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRequestId } from '../process/request-id.ts';
import { Barrier } from '../testing/barrier.ts';
import { describeLanes } from '../testing/both-lanes.ts';
import { eventually } from '../testing/eventually.ts';
import { get, statuses } from '../testing/http-text.ts';
import { type RawClient, rawConnect, rawExchange } from '../testing/raw-client.ts';
import type { Handler } from './listener.ts';

const nonsense = 'nonsense\r\n\r\n';

/** Goes on sending, whatever it hears, until its connection is gone; it does not end its own side. */
function talkative(client: RawClient): Disposable {
  client.socket.allowHalfOpen = true;
  const beat = setInterval(() => client.socket.write('x'), 20);
  return { [Symbol.dispose]: () => clearInterval(beat) };
}

/** Answers with the target once a gate is passed; those that were asked for before. */
function atGate() {
  const gate = new Barrier(1);
  const asked: string[] = [];
  const onRequest: Handler = async ({ target }, response) => {
    asked.push(target);
    await gate.passed;
    response.end(target);
  };
  return { gate, asked, onRequest };
}

describeLanes('what never became a request', (testListener) => {
  test('has a record of which only the answer is known: its status, its bytes, the id that the client was told', async () => {
    await using server = await testListener();
    const answer = await rawExchange(server.port, nonsense);
    const id = /^x-request-id: (.*)\r$/im.exec(answer)?.[1] ?? '';
    assert.ok(isRequestId(id), id);
    const [{ fault, ...record } = {}, ...more] = server.records;
    assert.deepEqual(record, {
      id,
      client: '127.0.0.1',
      method: '-',
      target: '-',
      host: '-',
      version: '1.1',
      status: 400,
      bytes: answer.length,
      ms: 0,
      outcome: 'done',
      isToldElsewhere: undefined,
    });
    assert.deepEqual([fault?.reason, more], ['bad-request', []]);
    assert.match(answer, new RegExp(`static-frontend[^]*${id}`));
  });

  test('is answered with the date of that moment', async () => {
    await using server = await testListener();
    const second = () => Math.floor(Date.now() / 1_000);
    const before = second();
    const answer = await rawExchange(server.port, nonsense);
    const told = Date.parse(/^date: (.*)\r$/im.exec(answer)?.[1] ?? '') / 1_000;
    assert.ok(told >= before && told <= second(), `${told}`);
  });

  test('is refused once, whatever else comes', async () => {
    await using server = await testListener({ limits: { maxConnections: 1, maxTarget: 100, maxHead: 100 } });
    await using first = await rawConnect(server.port);
    await first.write(get('/'));
    await first.readUntil('ok');
    for (const bytes of [nonsense, `GET /${'a'.repeat(1_000)}`, 'BREW / HTTP/1.1\r\n\r\n', get('/')]) {
      server.records.length = 0;
      await using beyond = await rawConnect(server.port);
      beyond.socket.allowHalfOpen = true;
      await beyond.readUntil('</html>');
      await beyond.write(bytes);
      beyond.end();
      await beyond.closed;
      assert.deepEqual(statuses(beyond.received), [503]);
      assert.deepEqual(
        server.records.map(({ status, bytes: sent, isToldElsewhere }) => [status, sent, isToldElsewhere]),
        [[503, beyond.received.length, true]],
      );
    }
  });

  test('is refused behind all that came before it, each with its own bytes', async () => {
    const { gate, asked, onRequest } = atGate();
    await using server = await testListener({ onRequest });
    await using client = await rawConnect(server.port);
    await client.write(get('/a') + get('/b') + nonsense + get('/behind'));
    await eventually(() => assert.deepEqual(asked, ['/a']));
    gate.arrive();
    await client.closed;
    assert.deepEqual(statuses(client.received), [200, 200, 400]);
    assert.deepEqual(asked, ['/a', '/b']);
    assert.deepEqual(server.records.map(({ status }) => status).sort(), [200, 200, 400]);
    const sum = server.records.reduce((bytes, record) => bytes + record.bytes, 0);
    assert.equal(sum, client.received.length);
  });

  test('is read away for as long as it goes on, but who has no place has two seconds at most to hear that', async () => {
    await using server = await testListener({ limits: { maxConnections: 1 } });
    await using first = await rawConnect(server.port);
    using _first = talkative(first);
    await first.write(nonsense);
    await first.readUntil('</html>');
    const begun = performance.now();
    await using beyond = await rawConnect(server.port);
    using _beyond = talkative(beyond);
    assert.match(await beyond.readUntil('</html>'), /too-many-connections/);
    await beyond.closed;
    const ms = performance.now() - begun;
    assert.ok(ms > 1_900, `cut after ${ms} ms`);
    await eventually(() => assert.equal(server.listener.connections(), 1));
    // Begun before, and still heard.
    assert.equal(first.socket.destroyed, false);
  });
});

describeLanes('a request that is refused', (testListener) => {
  const refused: readonly [what: string, bytes: string, status: number][] = [
    ['with an error that closes in any case', 'GET /no HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400],
    ['with an error that elsewhere leaves the connection open', 'TRACE /no HTTP/1.1\r\nHost: a\r\n\r\n', 405],
  ];
  for (const [what, bytes, status] of refused) {
    test(`${what} is answered in its turn, and is the last on its connection`, async () => {
      const { gate, asked, onRequest } = atGate();
      await using server = await testListener({ onRequest });
      await using client = await rawConnect(server.port);
      await client.write(get('/a') + bytes + get('/behind'));
      await eventually(() => assert.deepEqual(asked, ['/a']));
      gate.arrive();
      await client.closed;
      assert.deepEqual(statuses(client.received), [200, status]);
      const connections = [...client.received.matchAll(/^connection: (.*)\r$/gim)].map(([, value]) => value);
      assert.deepEqual(connections, ['keep-alive', 'close']);
      assert.deepEqual(asked, ['/a']);
      const told = server.records.map((record) => [record.target, record.status, record.fault?.status]);
      assert.deepEqual(told, [
        ['/a', 200, undefined],
        ['/no', status, status],
      ]);
    });
  }

  test('whose answer has begun is told by its breaking off', async () => {
    await using server = await testListener({
      onRequest: ({ body }, response) => {
        body?.resume();
        response.write('begun');
      },
    });
    await using client = await rawConnect(server.port);
    await client.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n');
    await client.readUntil('begun');
    await client.write(`no size\r\n${get('/behind')}`);
    await client.closed;
    assert.deepEqual(statuses(client.received), [200]);
    assert.doesNotMatch(client.received, /\r\n0\r\n/);
    await eventually(() => assert.equal(server.records.length, 1));
    assert.equal(server.records[0]?.fault?.reason, 'bad-framing');
  });
});
