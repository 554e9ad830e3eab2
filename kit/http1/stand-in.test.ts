import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { socketPair } from '../testing/socket-pair.ts';
import { StandIn } from './stand-in.ts';

async function stand() {
  const pair = await socketPair();
  const told: string[] = [];
  const standIn = new StandIn({
    socket: pair.server,
    onRead: () => void told.push('read'),
    hasMore: () => false,
    answered: () => 0,
    onHead: () => void told.push('head'),
    onReturn: () => void told.push('return'),
    onRelease: () => void told.push('release'),
  });
  standIn.on('error', (error) => told.push(error.message));
  let received = '';
  pair.client.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  return { ...pair, standIn, told, received: () => received };
}

describe('a stand-in', () => {
  test('knows whose it is', async () => {
    await using one = await stand();
    const { standIn, server } = one;
    assert.deepEqual([standIn.remoteAddress, standIn.remotePort], ['127.0.0.1', server.remotePort]);
  });

  test('gives what it is fed, and says when that is enough for now', async () => {
    await using one = await stand();
    const { standIn } = one;
    assert.ok(standIn.feed(Buffer.from('a')));
    assert.equal(standIn.feed(Buffer.alloc(1_000_000)), false);
    assert.equal(standIn.bytesRead, 1_000_001);
    const asked = once(standIn, 'data');
    assert.equal(String((await asked)[0]), 'a');
  });

  test('asks for more once that is taken', async () => {
    await using one = await stand();
    const { standIn, told } = one;
    standIn.feed(Buffer.alloc(1_000_000));
    standIn.resume();
    await eventually(() => assert.ok(told.includes('read')));
  });

  test('writes text and bytes as they are, in one write when they are corked, and counts them', async () => {
    await using one = await stand();
    const { standIn, received } = one;
    standIn.cork();
    standIn.write('\xe9', 'latin1');
    standIn.write(Buffer.from('b'));
    assert.equal(standIn.bytesWritten, 2);
    standIn.uncork();
    await new Promise((written) => standIn.write('é', 'utf8', written));
    await eventually(() => assert.equal(received(), '\xe9b\xc3\xa9'));
    assert.equal(standIn.bytesWritten, 4);
  });

  test('calls back when the system has taken it, and not before', async () => {
    await using one = await stand();
    const { standIn, client, server } = one;
    client.pause();
    let isTaken = false;
    standIn.write(Buffer.alloc(50_000_000), () => {
      isTaken = true;
    });
    await new Promise((turn) => setImmediate(turn));
    assert.ok(server.writableLength > 0);
    assert.equal(isTaken, false);
    client.resume();
    await eventually(() => assert.ok(isTaken));
  });

  test('ends the socket when it is ended, behind what was written', async () => {
    await using one = await stand();
    const { standIn, client, received } = one;
    const ended = once(client, 'end');
    standIn.end('last');
    await ended;
    assert.equal(received(), 'last');
  });

  test('that is to be destroyed soon takes the socket along, behind what was written', async () => {
    await using one = await stand();
    const { standIn, server, client, received } = one;
    const closed = once(client, 'close');
    standIn.write('last');
    standIn.destroySoon();
    await closed;
    assert.equal(received(), 'last');
    await eventually(() => assert.ok(standIn.closed && server.closed));
  });

  for (const [what, end] of [
    ['destroyed', (standIn: StandIn) => void standIn.destroy()],
    ['destroyed for an error', (standIn: StandIn) => void standIn.destroy(new Error('why'))],
    ['reset', (standIn: StandIn) => void standIn.resetAndDestroy()],
  ] as const) {
    test(`that is ${what} closes with its socket`, async () => {
      await using one = await stand();
      const { standIn, server, told } = one;
      const closed = new Promise((resolve) => standIn.once('close', resolve));
      end(standIn);
      await closed;
      assert.ok(server.closed);
      assert.deepEqual(told, what.includes('error') ? ['why'] : []);
    });
  }

  test('closes when its socket does, whatever closed that', async () => {
    await using one = await stand();
    const { standIn, server, client } = one;
    server.once('close', () => void standIn.destroy());
    const closed = new Promise((resolve) => standIn.once('close', resolve));
    client.resetAndDestroy();
    server.resume();
    await closed;
  });

  test('gives up its socket with what nobody has taken, and closes when that does', async () => {
    await using one = await stand();
    const { standIn, server, told } = one;
    standIn.feed(Buffer.from('un'));
    standIn.feed(Buffer.from('read'));
    const { socket, unread } = standIn.release();
    assert.equal(socket, server);
    assert.equal(String(unread), 'unread');
    assert.ok(told.includes('release'));
    const closed = new Promise((resolve) => standIn.once('close', resolve));
    socket.destroy();
    await closed;
  });

  test('hands the connection back when it is told to', async () => {
    await using one = await stand();
    const { standIn, told } = one;
    standIn.handBack();
    assert.deepEqual(told, ['return']);
  });

  test('sets its socket as it is set', async () => {
    await using one = await stand();
    const { standIn, server } = one;
    let times = 0;
    standIn
      .setTimeout(5_000, () => times++)
      .setNoDelay(true)
      .setKeepAlive(true, 1);
    standIn.emit('timeout');
    assert.deepEqual([server.timeout, times], [5_000, 1]);
  });
});
