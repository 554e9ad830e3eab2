import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { lastAskMs } from '../process/signals.ts';
import { Barrier } from '../testing/barrier.ts';
import { describeLanes } from '../testing/both-lanes.ts';
import { eventually } from '../testing/eventually.ts';
import { rawConnect } from '../testing/raw-client.ts';
import { testListener } from '../testing/test-listener.ts';

/** As many turns of the loop as a drain gives to what the kernel holds, and more. */
const turns = async () => {
  for (let i = 0; i < 5; i++) await new Promise((turn) => setImmediate(turn));
};

/** Connects, and asks before the server has had a turn of the loop; what it gets until the end. */
function waiting(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  socket.write(get('/'));
  return text(socket);
}

const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;

describe('a drain', () => {
  test('answers pipelined requests to the last, which says that it is, and serves none that comes behind', async () => {
    const barrier = new Barrier(1);
    const begun = new Barrier(1);
    const asked: string[] = [];
    let received = () => 0;
    await using server = await testListener({
      onRequest: async ({ target }, response) => {
        asked.push(target);
        received = () => response.req.socket.bytesRead;
        begun.arrive();
        await barrier.passed;
        response.end(`<${target}>`);
      },
    });
    await using client = await rawConnect(server.port);
    await client.write(get('/a') + get('/b'));
    await begun.passed;
    const drained = server.listener.drain(60_000);
    await client.write(get('/c'));
    await eventually(() => assert.equal(received(), 3 * get('/c').length));
    barrier.arrive();
    await client.closed;
    assert.equal(await drained, 'clean');
    assert.match(client.received, /<\/a>[\s\S]*^connection: close\r$[\s\S]*<\/b>$/im);
    assert.deepEqual(asked, ['/a', '/b']);
  });
});

describeLanes('a drain', (testListener) => {
  test('lets an answer finish whose head was out before, and closes behind it though the client does not', async () => {
    const barrier = new Barrier(1);
    await using server = await testListener({
      onRequest: async (_inbound, response) => {
        response.write('begun ');
        await barrier.passed;
        response.end('and done');
      },
    });
    await using client = await rawConnect(server.port);
    client.socket.allowHalfOpen = true;
    await client.write(get('/'));
    await client.readUntil('begun');
    const drained = server.listener.drain(60_000);
    await turns();
    barrier.arrive();
    await client.readUntil('0\r\n\r\n');
    assert.equal(await drained, 'clean');
  });

  test('answers a request that the kernel had taken already', async () => {
    await using server = await testListener();
    await using client = await rawConnect(server.port);
    await eventually(() => assert.equal(server.listener.connections(), 1));
    const written = client.write(get('/'));
    const drained = server.listener.drain(60_000);
    await written;
    assert.match(await client.readUntil('ok'), /^connection: close\r$/im);
    assert.equal(await drained, 'clean');
  });

  test('answers what is asked soon on a connection that has just come, and on one that was kept', async () => {
    await using server = await testListener();
    await using kept = await rawConnect(server.port);
    await kept.write(get('/'));
    await kept.readUntil('ok');
    await using fresh = await rawConnect(server.port);
    await eventually(() => assert.equal(server.listener.connections(), 2));
    const drained = server.listener.drain(60_000);
    assert.equal(server.listener.isDraining, true);
    await eventually(() => assert.rejects(rawConnect(server.port), { code: 'ECONNREFUSED' }));
    await turns();
    for (const client of [fresh, kept]) {
      await client.write(get('/'));
      await client.closed;
      assert.match(client.received, /^connection: close\r$[\s\S]*ok$/im);
    }
    assert.equal(await drained, 'clean');
  });

  test('closes a connection on which nothing is asked in that time, and waits for it no longer', async () => {
    await using server = await testListener();
    await using client = await rawConnect(server.port);
    await eventually(() => assert.equal(server.listener.connections(), 1));
    const begun = performance.now();
    // Of a timer the system may be a millisecond short.
    assert.equal(await server.listener.drain(60_000), 'clean');
    const took = performance.now() - begun;
    assert.ok(took >= lastAskMs - 2 && took < 20 * lastAskMs, `${took} ms`);
    await client.closed;
    assert.equal(client.received, '');
  });

  test('is over at once where there is no connection', async () => {
    await using server = await testListener();
    const begun = performance.now();
    assert.equal(await server.listener.drain(60_000), 'clean');
    assert.ok(performance.now() - begun < lastAskMs);
  });

  test('takes what waits to be accepted, and answers it', async () => {
    await using server = await testListener();
    const clients = Array.from({ length: 50 }, () => waiting(server.port));
    // So far nothing was accepted; in this turn all are on their way.
    await new Promise<void>((then) => process.nextTick(then));
    assert.equal(await server.listener.drain(60_000), 'clean');
    for (const client of clients) assert.match(await client, /^connection: close\r$[\s\S]*ok$/im);
  });

  test('tells those whose answers may be endless', async () => {
    let told = 0;
    await using server = await testListener({ onDrain: () => void told++ });
    assert.equal(await server.listener.drain(60_000), 'clean');
    assert.equal(told, 1);
  });

  test('that has no time is clean when nothing was in flight', async () => {
    await using server = await testListener();
    await using client = await rawConnect(server.port);
    await client.write(get('/'));
    await client.readUntil('ok');
    assert.equal(await server.listener.drain(0), 'clean');
    await client.closed;
  });

  test('waits for tunnels and cuts those that are left at the deadline', async () => {
    await using server = await testListener({ onUpgrade: (_inbound, socket) => void socket.write('open') });
    await using client = await rawConnect(server.port);
    await client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await client.readUntil('open');
    assert.equal(server.listener.connections(), 1);
    assert.equal(await server.listener.drain(50), 'cut');
    await client.closed;
    await eventually(() => assert.deepEqual([server.listener.connections(), server.records[0]?.status], [0, 101]));
  });

  test('that is asked for twice is one drain', async () => {
    await using server = await testListener();
    assert.deepEqual(await Promise.all([server.listener.drain(60_000), server.listener.drain(60_000)]), [
      'clean',
      'clean',
    ]);
  });
});
