import assert from 'node:assert/strict';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { answered, get, statuses } from '../testing/http-text.ts';
import { laneStand } from '../testing/lane-stand.ts';
import { rawConnect, rawExchange } from '../testing/raw-client.ts';

const last = 'Connection: close\r\n';
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('pipelined answers keep their order', () => {
  const mixtures: [string, string[]][] = [
    ['fast alone', ['/fast/1', '/fast/2', '/fast/3']],
    ['slow alone', ['/slow/1', '/slow/2', '/slow/3']],
    ['fast, slow, fast', ['/fast/1', '/slow/2', '/fast/3']],
    ['slow first', ['/slow/1', '/fast/2', '/fast/3', '/slow/4', '/fast/5']],
    ['many', Array.from({ length: 300 }, (_, i) => (i % 3 === 1 ? `/slow/${i}` : `/fast/${i}`))],
    ['large ones', ['/fast/300000', '/slow/300000', '/fast/20000', '/fast/300001', '/slow/1', '/fast/2']],
  ];
  for (const [what, targets] of mixtures) {
    const requests = targets.map((target) => get(target)).join('') + get('/fast/end', last);
    test(`${what}, in one packet`, async () => {
      await using stand = await laneStand();
      stand.gate.arrive();
      const text = await rawExchange(stand.port, requests);
      assert.deepEqual(answered(text), [...targets, '/fast/end']);
      const bytes = stand.records.reduce((sum, record) => sum + record.bytes, 0);
      assert.equal(bytes, text.length);
    });

    if (requests.length > 400) continue;
    test(`${what}, byte by byte`, async () => {
      await using stand = await laneStand();
      stand.gate.arrive();
      await using client = await rawConnect(stand.port);
      for (const byte of requests) {
        await client.write(byte);
        await turn();
      }
      await client.closed;
      assert.deepEqual(answered(client.received), [...targets, '/fast/end']);
    });
  }

  test('though more comes while a slow one is answered', async () => {
    await using stand = await laneStand();
    await using client = await rawConnect(stand.port);
    await client.write(get('/fast/1') + get('/slow/2'));
    await eventually(() => assert.deepEqual(stand.slow, ['/slow/2']));
    await client.write(get('/fast/3'));
    await client.write(get('/other') + get('/fast/4', last));
    await turn();
    assert.deepEqual(stand.fast, ['/fast/1']);
    stand.gate.arrive();
    await client.closed;
    assert.deepEqual(answered(client.received), ['/fast/1', '/slow/2', '/fast/3', '/other', '/fast/4']);
    assert.deepEqual(
      stand.records.map(({ target }) => target),
      answered(client.received),
    );
  });
});

describe('one connection goes from lane to lane', () => {
  test('a hundred times', async () => {
    await using stand = await laneStand();
    await using client = await rawConnect(stand.port);
    for (let i = 0; i < 100; i++) {
      const target = i % 2 === 0 ? `/fast/${i}` : `/other/${i}`;
      await client.write(get(target));
      await client.readUntil(`${target}\r\n`);
    }
    assert.equal(stand.fast.length, 50);
    assert.equal(stand.slow.length, 50);
    assert.equal(stand.listener.connections(), 1);
  });

  test('and stays in the slow one from the first body on', async () => {
    await using stand = await laneStand();
    const upload = `POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`;
    const text = await rawExchange(stand.port, [get('/fast/1') + get('/other') + upload, get('/fast/2', last)]);
    assert.deepEqual(answered(text), ['/fast/1', '/other', '/up', '/fast/2']);
    assert.deepEqual([stand.fast, stand.slow], [['/fast/1'], ['/other', '/up', '/fast/2']]);
  });

  test('a body that waits for 100 Continue gets it', async () => {
    await using stand = await laneStand();
    await using client = await rawConnect(stand.port);
    const expecting = 'POST /up HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n';
    await client.write(get('/fast/1') + expecting);
    await client.readUntil('100 Continue\r\n\r\n');
    await client.write('ab');
    await client.readUntil('/up\r\n');
  });

  for (const [what, before] of [
    ['as the first request', ''],
    ['after others', get('/fast/1') + get('/other')],
  ] as const) {
    const ask = get('/ws', 'Connection: Upgrade\r\nUpgrade: websocket\r\n');
    test(`a WebSocket ${what} has the client's own socket`, async () => {
      await using stand = await laneStand({
        onUpgrade: (_inbound, socket, head) => {
          socket.write(`<${head}>`);
          socket.pipe(socket);
        },
      });
      await using client = await rawConnect(stand.port);
      await client.write(`${before}${ask}first`);
      await client.readUntil('<first>');
      const large = 'frame '.repeat(100_000);
      await client.write(large);
      await client.readUntil(large);
      client.end();
      await client.closed;
      await eventually(() => assert.equal(stand.records.at(-1)?.status, 101));
      await eventually(() => assert.equal(stand.listener.connections(), 0));
      assert.equal(await stand.listener.drain(5_000), 'clean');
    });

    test(`CONNECT ${what} is refused`, async () => {
      await using stand = await laneStand();
      const text = await rawExchange(stand.port, `${before}CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n`);
      assert.equal(statuses(text).at(-1), 405);
    });
  }
});

describe('a client that has no more to ask (FIN)', () => {
  test('gets the fast answers to all that it asked', async () => {
    await using stand = await laneStand();
    await using client = await rawConnect(stand.port);
    client.socket.end(get('/fast/1') + get('/fast/200000') + get('/fast/3'));
    await client.closed;
    assert.deepEqual(answered(client.received), ['/fast/1', '/fast/200000', '/fast/3']);
    await eventually(() => assert.equal(stand.listener.connections(), 0));
  });

  for (const lane of ['on', 'off'] as const) {
    for (const [targets, expected] of [
      [['/slow/1'], []],
      [['/fast/1', '/slow/2'], ['/fast/1']],
      [['/slow/1', '/fast/2'], []],
      [['/slow/1', '/other/2'], []],
    ] as const) {
      test(`while its slow answer is made has left: ${targets.join(' ')} (lane ${lane})`, async () => {
        await using stand = await laneStand({ lane });
        await using client = await rawConnect(stand.port);
        client.socket.end(targets.map((target) => get(target)).join(''));
        await client.closed;
        stand.gate.arrive();
        assert.deepEqual(answered(client.received), expected);
        const slow = targets.find((target) => target.startsWith('/slow'));
        await eventually(() => {
          assert.equal(stand.records.find(({ target }) => target === slow)?.outcome, 'client-left');
        });
        assert.equal(await stand.listener.drain(60_000), 'clean');
      });
    }
  }

  test('in the middle of a head is told so, as by the slow lane', async () => {
    const told = await Promise.all(
      (['on', 'off'] as const).map(async (lane) => {
        await using stand = await laneStand({ lane });
        await using client = await rawConnect(stand.port);
        client.socket.end('GET /fast/1 HTTP/1.1\r\nHos');
        await client.closed;
        return [statuses(client.received), stand.records.map(({ status, fault }) => [status, fault?.reason])];
      }),
    );
    assert.deepEqual(told[0], told[1]);
  });
});

test('on a Unix socket the client is `unix`, and what it reports of others is believed where that is trusted', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-'));
  const path = join(folder.path, 'tier.sock');
  const trusted = (address: string) => address === 'unix';
  const told = 'X-Request-Id: mine\r\nX-Forwarded-For: 192.0.2.7\r\n';
  await using unix = await laneStand({ listen: { kind: 'unix', path }, trusted });
  await using tcp = await laneStand({ trusted });
  await rawExchange(path, get('/fast/1', told) + get('/other', told + last));
  await rawExchange(tcp.port, get('/fast/1', told + last));
  const seen = unix.records.map(({ id, client }) => `${id} ${client}`);
  assert.deepEqual(seen, ['mine 192.0.2.7', 'mine 192.0.2.7']);
  assert.equal(tcp.records[0]?.client, '127.0.0.1');
  assert.notEqual(tcp.records[0]?.id, 'mine');
});

describe('what is refused is answered behind all that came before it, and nothing behind it', () => {
  const refused = [
    ['a head that is judged', 'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n'],
    ['a malformed head', 'nonsense\r\n\r\n'],
    ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a body that is malformed', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n'],
  ] as const;
  for (const [what, bytes] of refused) {
    test(what, async () => {
      await using stand = await laneStand();
      await using client = await rawConnect(stand.port);
      await client.write(get('/slow/1') + get('/fast/2') + get('/slow/3') + bytes + get('/fast/4'));
      await eventually(() => assert.deepEqual(stand.slow, ['/slow/1']));
      stand.gate.arrive();
      await client.closed;
      assert.deepEqual(answered(client.received), ['/slow/1', '/fast/2', '/slow/3']);
      const [, , , status = 0, ...more] = statuses(client.received);
      assert.ok(status >= 400);
      assert.deepEqual(more, []);
    });
  }
});
