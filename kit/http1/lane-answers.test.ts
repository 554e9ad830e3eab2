// What the lane adds to answers, what it does when the tier fails, and how much of an answer it holds.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { eventually } from '../testing/eventually.ts';
import { answered, get, statuses } from '../testing/http-text.ts';
import { laneStand } from '../testing/lane-stand.ts';
import { rawConnect, rawExchange } from '../testing/raw-client.ts';

const last = 'Connection: close\r\n';
const lines = (text: string) => text.slice(0, text.indexOf('\r\n\r\n')).split('\r\n');

describe('the connection lines of a fast answer are those of node:http', () => {
  const idles: [number, string[]][] = [
    [65_000, ['Connection: keep-alive', 'Keep-Alive: timeout=65']],
    [1_999, ['Connection: keep-alive', 'Keep-Alive: timeout=1']],
    [0, ['Connection: keep-alive']],
  ];
  for (const [idleTimeout, expected] of idles) {
    test(`when idle connections are kept for ${idleTimeout} ms`, async () => {
      await using stand = await laneStand({ limits: { idleTimeout } });
      await using client = await rawConnect(stand.port);
      for (const target of ['/fast/1', '/other/1']) {
        await client.write(get(target));
        const head = lines(await client.readUntil('\r\n\r\n/'));
        const at = head.findIndex((line) => line.startsWith('Date: '));
        assert.match(head[at] ?? '', /^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
        assert.deepEqual(head.slice(at + 1), expected, target);
      }
    });
  }

  test('when it is the last', async () => {
    await using stand = await laneStand();
    const text = await rawExchange(stand.port, get('/fast/1', last));
    assert.match(text, /\r\nDate: [^\r]+ GMT\r\nConnection: close\r\n\r\n\/$/);
  });

  test('and a Date that it has stays the only one', async () => {
    const head = 'HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 0\r\n';
    await using stand = await laneStand({ answer: () => ({ status: 200, head, hasDate: true, body: [] }) });
    assert.equal(await rawExchange(stand.port, get('/', last)), `${head}${last}\r\n`);
  });
});

test('HEAD has the head of GET and nothing behind it', async () => {
  await using stand = await laneStand();
  const head = get('/fast/5').replace('GET', 'HEAD');
  const texts = (await rawExchange(stand.port, head + get('/fast/5', last))).split(/(?=HTTP\/1\.1 )/);
  assert.deepEqual(statuses(texts.join('')), [200, 200]);
  assert.match(texts[0] ?? '', /\r\nContent-Length: 5\r\n[\s\S]*\r\n\r\n$/);
  assert.match(texts[1] ?? '', /\r\n\r\n\/fa\/f$/);
});

describe('a fast lane that fails', () => {
  const failing = () => {
    const logged: string[] = [];
    const log = pino({ level: 'error' }, { write: (line: string) => void logged.push(line) });
    const fails = () => {
      throw new Error('a bug');
    };
    return { logged, log, fails };
  };

  test('when it is asked leaves the answer to the slow lane, and is logged', async () => {
    const { logged, log, fails } = failing();
    await using stand = await laneStand({ answer: fails, log });
    const text = await rawExchange(stand.port, get('/fast/1') + get('/fast/2', last));
    assert.deepEqual(answered(text), ['/fast/1', '/fast/2']);
    assert.deepEqual(stand.slow, ['/fast/1', '/fast/2']);
    assert.equal(logged.length, 2);
    assert.match(logged[0] ?? '', /a bug[\s\S]*the fast lane failed/);
  });

  test('when it is told how an answer went does not harm the next', async () => {
    const { logged, log, fails } = failing();
    await using stand = await laneStand({ onAnswered: fails, log });
    const text = await rawExchange(stand.port, get('/fast/1') + get('/other/2') + get('/fast/3', last));
    assert.deepEqual(answered(text), ['/fast/1', '/other/2', '/fast/3']);
    assert.equal(logged.length, 2);
  });
});

describe('a client that takes answers slowly', () => {
  const large = '/fast/20000000';

  test('holds one large answer at a time, however many it asked for', async () => {
    await using stand = await laneStand();
    await using client = await rawConnect(stand.port);
    client.socket.pause();
    await client.write(get(large).repeat(6) + get('/fast/1', last));
    await eventually(() => assert.equal(stand.fast.length, 1));
    await client.write(get(large).repeat(6));
    for (let i = 0; i < 20; i++) await new Promise((turn) => setImmediate(turn));
    assert.deepEqual(stand.fast, [large]);
    let taken = 0;
    client.socket.removeAllListeners('data').on('data', (chunk: Buffer) => {
      taken += chunk.length;
      assert.ok(stand.fast.length <= 1 + Math.ceil(taken / 20_000_000));
    });
    client.socket.resume();
    await client.closed;
    assert.ok(taken > 120_000_000);
    await eventually(() => assert.equal(stand.records.length, 7));
    assert.equal(stand.givenBack.get(large), 6);
  });

  test('is not read from beyond what a head may have', async () => {
    await using stand = await laneStand({ limits: { maxHead: 1_000 } });
    await using client = await rawConnect(stand.port);
    client.socket.pause();
    await client.write(get(large));
    await eventually(() => assert.equal(stand.fast.length, 1));
    const flood = Buffer.alloc(50_000_000, get('/fast/1'));
    let isTaken = false;
    void client.write(flood).then(() => {
      isTaken = true;
    });
    // What the kernels hold of it is a few megabytes at most, and the lane stops at the first part.
    for (let i = 0; i < 200; i++) await new Promise((turn) => setImmediate(turn));
    assert.equal(isTaken, false);
    assert.equal(stand.fast.length, 1);
    client.socket.removeAllListeners('data').resume();
    await eventually(() => assert.ok(stand.fast.length > 1_000));
  });

  test('gets small answers as they fit: what is not taken is bounded', async () => {
    await using stand = await laneStand({ limits: { clientTimeout: 300 } });
    await using client = await rawConnect(stand.port);
    client.socket.pause();
    client.socket.write(get('/fast/10000').repeat(20_000));
    await eventually(() => assert.equal(stand.records.at(-1)?.outcome, 'client-left'));
    // The kernels' buffers, and one write.
    assert.ok(stand.fast.length < 2_000, `${stand.fast.length} answers were made`);
    assert.equal(stand.records.length, stand.fast.length);
  });
});
