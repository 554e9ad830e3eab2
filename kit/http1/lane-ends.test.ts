// How connections end that the lane has or had: drains, silence, resets, limits.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { comparable } from '../testing/both-ways.ts';
import { eventually } from '../testing/eventually.ts';
import { answered, get, statuses } from '../testing/http-text.ts';
import { type LaneStand, laneStand } from '../testing/lane-stand.ts';
import { rawConnect, rawExchange } from '../testing/raw-client.ts';

const last = 'Connection: close\r\n';
const large = '/fast/50000000';
const both = ['on', 'off'] as const;

/** As many turns of the loop as a drain gives to what the kernel holds, and more. */
const turns = async () => {
  for (let i = 0; i < 5; i++) await new Promise((turn) => setImmediate(turn));
};

/** Nothing is left of any connection: neither lane knows one, so that a drain has nothing to wait for. */
async function nothingLeft({ listener }: LaneStand): Promise<void> {
  await eventually(() => assert.equal(listener.connections(), 0));
  let drained = 'not yet';
  // Long before its deadline, which would make it clean as well.
  void listener.drain(600_000).then((how) => {
    drained = how;
  });
  await eventually(() => assert.equal(drained, 'clean'));
}

describe('a drain', () => {
  test('closes idle connections after a short time, whichever lane answered on them last', async () => {
    await using stand = await laneStand();
    for (const before of ['', get('/fast/1'), get('/other'), get('/other') + get('/fast/1'), 'POST / HT']) {
      const client = await rawConnect(stand.port);
      await client.write(before);
      const [target] = before.match(/(?<=GET )\S+(?= .*\r\nHost: a\r\n\r\n$)/) ?? [];
      if (target !== undefined) await client.readUntil(`${target}\r\n\r\n`.slice(0, -4));
    }
    await eventually(() => assert.equal(stand.listener.connections(), 5));
    await eventually(() => assert.equal(stand.records.length, 4));
    assert.equal(await stand.listener.drain(10_000), 'clean');
    assert.equal(stand.listener.connections(), 0);
  });

  for (const lane of both) {
    test(`behind which others listen leaves connections on which one may still ask, lane ${lane}`, async () => {
      await using stand = await laneStand({ lane });
      const clients = [];
      for (const before of ['', get('/fast/1'), get('/other'), get('/slow')]) {
        const client = await rawConnect(stand.port);
        clients.push(client);
        await client.write(before);
      }
      await using silent = await rawConnect(stand.port);
      await eventually(() => assert.equal(stand.listener.connections(), 5));
      await eventually(() => assert.equal(stand.records.length, 2));
      await eventually(() => assert.ok(stand.slow.includes('/slow')));
      const drained = stand.listener.drain(60_000, 300);
      await turns();
      stand.gate.arrive();
      for (const client of clients.slice(0, 3)) await client.write(get('/fast/2'));
      for (const client of clients) {
        await client.closed;
        assert.equal(client.received.match(/^connection: close\r$/gim)?.length, 1, client.received);
      }
      assert.equal(await drained, 'clean');
      await silent.closed;
      assert.equal(silent.received, '');
    });
  }

  test('answers what was pipelined, behind a slow answer too, and says which one is the last', async () => {
    await using stand = await laneStand();
    await using client = await rawConnect(stand.port);
    await client.write(get('/slow/1') + get('/other/2') + get('/fast/3') + get('/slow/4') + get('/fast/5'));
    await eventually(() => assert.deepEqual(stand.slow, ['/slow/1']));
    const drained = stand.listener.drain(10_000);
    await client.write(get('/fast/6'));
    await turns();
    stand.gate.arrive();
    await client.closed;
    const targets = ['/slow/1', '/other/2', '/fast/3', '/slow/4', '/fast/5', '/fast/6'];
    assert.deepEqual(answered(client.received), targets);
    assert.equal(client.received.match(/^connection: close\r$/gim)?.length, 1);
    assert.match(client.received, /^X-Asked: \S+ \S+ \/fast\/6\r\n(.+\r\n)*Connection: close\r$/m);
    assert.equal(await drained, 'clean');
  });

  test('lets a write finish that the client takes slowly, and answers what came behind it', async () => {
    await using stand = await laneStand();
    await using client = await rawConnect(stand.port);
    client.socket.pause();
    await client.write(get(large) + get('/fast/1'));
    await eventually(() => assert.deepEqual(stand.fast, [large]));
    const drained = stand.listener.drain(10_000);
    await turns();
    client.socket.resume();
    await client.closed;
    assert.deepEqual(answered(client.received), [large, '/fast/1']);
    assert.match(client.received.slice(-400), /^Connection: close\r$/m);
    assert.equal(await drained, 'clean');
  });

  for (const [what, request] of [
    ['an answer', get(large)],
    ['the last answer', get(large, last)],
    ['a slow answer', get('/slow')],
  ] as const) {
    test(`cuts ${what} that is still on its way at the deadline`, async () => {
      await using stand = await laneStand();
      await using client = await rawConnect(stand.port);
      client.socket.pause();
      await client.write(request);
      await eventually(() => assert.equal(stand.fast.length + stand.slow.length, 1));
      assert.equal(await stand.listener.drain(30), 'cut');
      client.socket.resume();
      await client.closed;
      await eventually(() => assert.equal(stand.records[0]?.outcome, 'client-left'));
    });
  }
});

describe('a client that is silent', { concurrency: true }, () => {
  for (const [what, before] of [
    ['from the first', ''],
    ['after a fast answer', get('/fast/1')],
    ['after a slow answer', get('/other')],
    ['after both', get('/other') + get('/fast/1')],
  ] as const) {
    test(`${what} is let go without a word`, async () => {
      await using stand = await laneStand({ limits: { headerTimeout: 60, idleTimeout: 1, clientTimeout: 2_000 } });
      const text = await rawExchange(stand.port, before);
      assert.equal(answered(text).length, statuses(text).length);
      await nothingLeft(stand);
    });
  }

  test('while its slow answer is made is waited for', async () => {
    await using stand = await laneStand({ limits: { headerTimeout: 60, idleTimeout: 1, clientTimeout: 60 } });
    await using client = await rawConnect(stand.port);
    await client.write(get('/fast/1') + get('/slow', last));
    // By then the time of the first one is up as well.
    await rawExchange(stand.port, '');
    await rawExchange(stand.port, '');
    stand.gate.arrive();
    await client.closed;
    assert.deepEqual(answered(client.received), ['/fast/1', '/slow']);
  });

  test('in its head, byte by byte, is answered 408, by both lanes with the same bytes', async () => {
    const told = both.map(async (lane) => {
      await using stand = await laneStand({ lane, limits: { headerTimeout: 100 } });
      await using client = await rawConnect(stand.port);
      await client.write(get('/other'));
      const trickle = setInterval(() => client.socket.write('x'), 5);
      await client.write('GET /fast/1 HTTP/1.1\r\nHost: a\r\nX: ');
      await client.closed;
      clearInterval(trickle);
      const records = stand.records.map(({ status, fault }) => [status, fault?.reason]);
      assert.deepEqual(records, [
        [200, undefined],
        [408, 'head-timeout'],
      ]);
      await nothingLeft(stand);
      return comparable(client.received);
    });
    const [on = '', off = ''] = await Promise.all(told);
    assert.equal(on, off);
    assert.deepEqual(statuses(on), [200, 408]);
  });

  for (const [what, more] of [
    ['an answer', ''],
    ['the last answer', last],
  ] as const) {
    test(`and takes nothing of ${what} is cut`, async () => {
      await using stand = await laneStand({ limits: { clientTimeout: 60 } });
      await using client = await rawConnect(stand.port);
      client.socket.pause();
      await client.write(get(large, more));
      await eventually(() => assert.equal(stand.records[0]?.outcome, 'client-left'));
      assert.equal(stand.givenBack.get(large), 1);
      await nothingLeft(stand);
    });
  }
});

describe('a client that resets', () => {
  const stages: [string, string, string][] = [
    ['before its first byte', '', ''],
    ['in its first head', 'GET /fa', ''],
    ['idle, after a fast answer', get('/fast/1'), '/fast/1\r\n'],
    ['idle, after a slow answer', get('/other'), '/other\r\n'],
    ['in a large answer', get(large), 'X-Asked'],
    ['in the last answer', get(large, last), 'X-Asked'],
    ['while a slow answer is made', get('/slow'), ''],
    ['while a slow answer is made, and more waits', get('/fast/1') + get('/slow') + get('/fast/2'), '/fast/1\r\n'],
    ['in a body', `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab`, ''],
    ['behind a refusal', 'nonsense\r\n\r\n', 'HTTP/1.1 400'],
  ];
  for (const [what, bytes, seen] of stages) {
    test(`${what} leaves nothing behind`, async () => {
      await using stand = await laneStand();
      const client = await rawConnect(stand.port);
      await client.write(bytes);
      await client.readUntil(seen);
      await eventually(() => assert.equal(stand.listener.connections(), 1));
      client.reset();
      await eventually(() => assert.equal(stand.listener.connections(), 0));
      stand.gate.arrive();
      await nothingLeft(stand);
      for (const target of stand.fast) assert.equal(stand.givenBack.get(target), 1);
      const left = stand.records.filter(({ outcome }) => outcome === 'client-left').map(({ target }) => target);
      if (bytes.includes('/slow')) assert.deepEqual(left, ['/slow']);
    });
  }
});

test('the connection beyond the limit is told so, whichever lane has the others', async () => {
  await using stand = await laneStand({ limits: { maxConnections: 2 } });
  await using first = await rawConnect(stand.port);
  await first.write(get('/fast/1'));
  await first.readUntil('/fast/1');
  await using second = await rawConnect(stand.port);
  await second.write(get('/other'));
  await second.readUntil('/other');
  const text = await rawExchange(stand.port, get('/fast/2'));
  assert.deepEqual(statuses(text), [503]);
  assert.match(text, /too-many-connections/);
  assert.deepEqual(stand.fast, ['/fast/1']);
  first.end();
  await eventually(() => assert.equal(stand.listener.connections(), 1));
  assert.deepEqual(statuses(await rawExchange(stand.port, get('/fast/3', last))), [200]);
});

test('10,000 connections leave nothing behind', { timeout: 120_000 }, async () => {
  await using stand = await laneStand();
  stand.gate.arrive();
  const kinds = [get('/fast/1', last), get('/other', last), get('/fast/1') + get('/slow', last), 'GET\r\n\r\n'];
  let opened = 0;
  const visitors = Array.from({ length: 50 }, async () => {
    while (opened < 10_000) await rawExchange(stand.port, kinds[opened++ % kinds.length] ?? '');
  });
  await Promise.all(visitors);
  assert.equal(stand.records.length, 12_500);
  await nothingLeft(stand);
});
