import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { Barrier } from '../testing/barrier.ts';
import { eventually } from '../testing/eventually.ts';
import { rawConnect, rawExchange } from '../testing/raw-client.ts';
import { testListener } from '../testing/test-listener.ts';

const H = 'Host: a\r\n';
const get = (target: string, more = '') => `GET ${target} HTTP/1.1\r\n${H}${more}\r\n`;
const answersIn = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));

/** A listener whose answers to /slow… wait for the barrier; the order in which requests came is in `asked`. */
async function slowListener() {
  const barrier = new Barrier(1);
  const asked: string[] = [];
  const server = await testListener({
    onRequest: async ({ target }, response) => {
      asked.push(target);
      if (target.startsWith('/slow')) await barrier.passed;
      if (target === '/slower') await new Promise((turn) => setImmediate(turn));
      response.end(`<${target}>`);
    },
    onUpgrade: (_inbound, socket) => void socket.end('tunnel'),
  });
  return { server, barrier, asked, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

describe('answers keep the order of pipelined requests', () => {
  test('and each is begun only when the one before it is answered', async () => {
    await using slow = await slowListener();
    const answers = rawExchange(slow.server.port, get('/slow') + get('/b') + get('/c', 'Connection: close\r\n'));
    await eventually(() => assert.deepEqual(slow.asked, ['/slow']));
    slow.barrier.arrive();
    assert.deepEqual((await answers).match(/<[^>]+>/g), ['</slow>', '</b>', '</c>']);
  });

  const refused = [
    ['a judged one', `GET / HTTP/1.1\r\n${H}${H}\r\n`],
    ['a malformed one', 'nonsense\r\n\r\n'],
    ['CONNECT', `CONNECT a:1 HTTP/1.1\r\n${H}\r\n`],
    ['a WebSocket', get('/ws', 'Connection: Upgrade\r\nUpgrade: websocket\r\n')],
  ] as const;
  for (const [what, bytes] of refused) {
    test(`the refusal of ${what} comes behind all that came before it, and nothing behind the refusal`, async () => {
      await using slow = await slowListener();
      const answers = rawExchange(slow.server.port, get('/slow') + get('/slower') + bytes + get('/behind'));
      await eventually(() => assert.equal(slow.asked.length, 1));
      slow.barrier.arrive();
      const text = await answers;
      const statuses = answersIn(text);
      assert.deepEqual(text.match(/<[^>]+>/g)?.slice(0, 2), ['</slow>', '</slower>']);
      assert.deepEqual(statuses.slice(0, 2), [200, 200]);
      assert.equal(statuses.length, 3, text);
      assert.ok((statuses[2] ?? 0) >= 400, text);
      assert.deepEqual(slow.asked, ['/slow', '/slower']);
    });
  }
});

test('a client that leaves ends all exchanges on its connection, those that wait for their turn too', async () => {
  const closed: string[] = [];
  const begun = new Barrier(1);
  await using server = await testListener({
    onRequest: async ({ target }, response) => {
      begun.arrive();
      await once(response, 'close');
      closed.push(target);
    },
  });
  {
    await using client = await rawConnect(server.port);
    await client.write(get('/a') + get('/b') + get('/c'));
    await begun.passed;
    client.reset();
  }
  await eventually(() => assert.equal(server.records.length, 3));
  assert.deepEqual(closed, ['/a'], 'the others had not begun');
  const told = server.records.map(({ target, status, outcome, bytes }) => [target, status, outcome, bytes]);
  assert.deepEqual(told, [
    ['/a', 499, 'client-left', 0],
    ['/b', 499, 'client-left', 0],
    ['/c', 499, 'client-left', 0],
  ]);
});

test('a listener that is cut ends them too', async () => {
  const begun = new Barrier(1);
  const server = await testListener({ onRequest: () => begun.arrive() });
  await using client = await rawConnect(server.port);
  await client.write(get('/a') + get('/b'));
  await begun.passed;
  await server[Symbol.asyncDispose]();
  const ended = () => server.records.map(({ target }) => target);
  await eventually(() => assert.deepEqual(ended(), ['/a', '/b']));
});

describe('bytes are counted per exchange', () => {
  test('on a connection that is kept', async () => {
    await using server = await testListener({
      onRequest: ({ target }, response) => void response.end('x'.repeat(Number(target.slice(1)))),
    });
    await using client = await rawConnect(server.port);
    for (const size of [10, 1_000, 0]) {
      await client.write(get(`/${size}`));
      await eventually(() => assert.equal(server.records.at(-1)?.target, `/${size}`));
    }
    const heads = server.records.map(({ target, bytes }) => bytes - Number(target.slice(1)));
    for (const head of heads) assert.ok(head > 60 && head < 200, String(heads));
  });

  test('on one where requests are pipelined', async () => {
    await using slow = await slowListener();
    const answers = rawExchange(slow.server.port, get('/slow') + get('/b') + get('/cccccc', 'Connection: close\r\n'));
    await eventually(() => assert.equal(slow.asked.length, 1));
    slow.barrier.arrive();
    const sizes = (await answers).split(/(?=HTTP\/1\.1)/).map((answer) => answer.length);
    assert.deepEqual(
      slow.server.records.map(({ bytes }) => bytes),
      sizes,
    );
  });
});
