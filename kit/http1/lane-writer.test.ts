import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { socketPair } from '../testing/socket-pair.ts';
import type { FastAnswer, Given } from './fast-lane.ts';
import type { Inbound } from './inbound.ts';
import { LaneWriter, Scratch } from './lane-writer.ts';

const inbound: Inbound = {
  id: '1',
  method: 'GET',
  target: '/',
  host: 'a',
  scheme: 'http',
  version: '1.1',
  fields: [],
  peer: { address: '127.0.0.1', port: 1, trusted: false },
  client: '127.0.0.1',
  body: undefined,
  bodyLength: undefined,
  receivedAt: performance.now(),
};
const tail = 'T: t\r\n\r\n';
const megabytes = Buffer.alloc(5_000_000, 'm');

/** A writer on one end of a connection, whose writes are counted, and what the other end received. */
async function stand(options: { readonly isSlow?: boolean } = {}) {
  const pair = await socketPair();
  const told: string[] = [];
  const given: Given[] = [];
  const scratch = new Scratch();
  const writer = new LaneWriter(pair.server, scratch, {
    onAnswered(_inbound, answer, how) {
      told.push(`answered ${answer.head.trim()} ${how.outcome}`);
      given.push(how);
    },
  });
  let received = '';
  if (!options.isSlow)
    pair.client.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
  const add = (name: string, ...body: Buffer[]) => {
    const answer: FastAnswer = {
      status: 200,
      head: `${name}\r\n`,
      hasDate: false,
      body,
      giveBack: () => void told.push(`back ${name}`),
    };
    return writer.add({ inbound, answer }, Buffer.from(tail));
  };
  return { ...pair, writer, scratch, told, given, add, received: () => received };
}

/** The buffers that go to the system, by write. */
function watchWrites(socket: Socket): (Buffer | string)[][] {
  const writes: (Buffer | string)[][] = [];
  const { _write, _writev } = socket;
  socket._write = (chunk, encoding, done) => {
    writes.push([chunk]);
    _write.call(socket, chunk, encoding, done);
  };
  socket._writev = (chunks, done) => {
    writes.push(chunks.map(({ chunk }: { chunk: Buffer | string }) => chunk));
    _writev?.call(socket, chunks, done);
  };
  return writes;
}

describe('answers that the client takes', () => {
  test('leave in one write when they are small, in their order, and are given back at once', async () => {
    await using one = await stand();
    const writes = watchWrites(one.server);
    for (const name of ['a', 'b', 'c']) assert.ok(one.add(name, Buffer.from(`<${name}`), Buffer.from('>')));
    assert.deepEqual(one.told, []);
    assert.ok(one.writer.flush(() => assert.fail('there is nothing to wait for')));
    assert.deepEqual(one.told, ['back a', 'answered a done', 'back b', 'answered b done', 'back c', 'answered c done']);
    assert.equal(writes.length, 1);
    const text = `a\r\n${tail}<a>b\r\n${tail}<b>c\r\n${tail}<c>`;
    await eventually(() => assert.equal(one.received(), text));
    assert.equal(
      one.given.reduce((sum, { bytes }) => sum + bytes, 0),
      text.length,
    );
    assert.equal(one.writer.isPending, false);
  });

  test('that are none are no write', async () => {
    await using one = await stand();
    const writes = watchWrites(one.server);
    assert.ok(one.writer.flush(() => assert.fail('there is nothing to wait for')));
    assert.deepEqual(writes, []);
  });

  test('that fill the buffer have to be sent before more', async () => {
    await using one = await stand();
    const body = Buffer.alloc(16_000, 'x');
    const mayFollow = [one.add('a', body), one.add('b', body), one.add('c', body)];
    assert.deepEqual(mayFollow, [true, true, false]);
    one.writer.flush(() => undefined);
    await eventually(() => assert.equal(one.received().length, 3 * (16_000 + 3 + tail.length)));
  });

  test('go to the system where they lie when they are large, behind the small ones before them', async () => {
    await using one = await stand();
    const writes = watchWrites(one.server);
    one.add('small', Buffer.from('s'));
    assert.equal(one.add('large', megabytes, megabytes), false);
    await new Promise<void>((taken) => one.writer.flush(taken) && taken());
    assert.equal(writes.flat().filter((chunk) => chunk === megabytes).length, 2);
    const text = `small\r\n${tail}slarge\r\n${tail}`;
    await eventually(() => assert.equal(one.received().length, text.length + 2 * megabytes.length));
    assert.ok(one.received().startsWith(text));
    assert.deepEqual(one.told, ['back small', 'answered small done', 'back large', 'answered large done']);
  });

  test('with a head as large as a body are written as well', async () => {
    await using one = await stand();
    one.add('h'.repeat(70_000), Buffer.from('body'));
    await new Promise<void>((taken) => one.writer.flush(taken) && taken());
    await eventually(() => assert.ok(one.received().endsWith(`h\r\n${tail}body`)));
  });
});

describe('answers that the client does not take at once', () => {
  test('are given back, once, when the system has all of it', async () => {
    await using one = await stand({ isSlow: true });
    one.add('a', ...Array.from({ length: 10 }, () => megabytes));
    const taken = new Promise<void>((resolve) => assert.equal(one.writer.flush(resolve), false));
    assert.deepEqual(one.told, []);
    assert.ok(one.writer.isPending);
    one.client.resume();
    await taken;
    assert.deepEqual(one.told, ['back a', 'answered a done']);
    assert.equal(one.given[0]?.bytes, 50_000_000 + 3 + tail.length);
    assert.equal(one.writer.isPending, false);
  });

  test('keep their buffer: what another connection writes then lies elsewhere', async () => {
    await using one = await stand({ isSlow: true });
    one.server.write(Buffer.alloc(50_000_000));
    const { bytes } = one.scratch;
    one.add('a', Buffer.from('small'));
    assert.equal(
      one.writer.flush(() => undefined),
      false,
    );
    assert.notEqual(one.scratch.bytes, bytes);
    one.scratch.bytes.fill('!');
    let received = Buffer.alloc(0);
    one.client.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received.subarray(-100), chunk]);
    });
    await eventually(() => assert.deepEqual(one.told, ['back a', 'answered a done']));
    await eventually(() => assert.ok(received.toString().endsWith(`a\r\n${tail}small`)));
  });

  for (const [what, end] of [
    ['leaves', ({ client }: { client: Socket }) => void client.resetAndDestroy()],
    ['is cut', ({ server }: { server: Socket }) => void server.destroy()],
  ] as const) {
    test(`are given back, once, when it ${what} meanwhile`, async () => {
      await using one = await stand({ isSlow: true });
      one.add('a', ...Array.from({ length: 10 }, () => megabytes));
      const taken = new Promise<void>((resolve) => assert.equal(one.writer.flush(resolve), false));
      end(one);
      await taken;
      if (!one.server.closed) await once(one.server, 'close');
      assert.deepEqual(one.told, ['back a', 'answered a client-left']);
    });
  }

  test('on a socket that is gone are given back, and nobody is said to have had them', async () => {
    await using one = await stand();
    one.server.destroy();
    one.add('a', Buffer.from('small'));
    await new Promise<void>((resolve) => assert.equal(one.writer.flush(resolve), false));
    assert.deepEqual(one.told, ['back a', 'answered a client-left']);
    assert.equal(one.given[0]?.outcome, 'client-left');
  });
});
