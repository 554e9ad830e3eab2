import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { relay } from './relay.ts';
import type { ResponseSink } from './upstream.ts';

/** A client that takes what it gets only when it is told to. */
class StalledClient extends Duplex {
  #taken: (() => void)[] = [];

  override _write(_chunk: Buffer, _encoding: string, done: () => void): void {
    this.#taken.push(done);
  }

  override _read(): void {
    // It asks nothing more.
  }

  takeAll(): void {
    for (let done = this.#taken.shift(); done !== undefined; done = this.#taken.shift()) done();
  }
}

function relayed(isUnbuffered: boolean) {
  const client = new StalledClient({ writableHighWaterMark: 64 * 1024 });
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  response.assignSocket(client as unknown as Socket);
  // As a server does.
  client.on('drain', () => response.emit('drain'));
  const told = { resumed: 0 };
  let sink: ResponseSink | undefined;
  const upstream = {
    send(_: unknown, given: ResponseSink) {
      sink = given;
      return { resume: () => void told.resumed++, abort: () => undefined };
    },
  };
  const over = relay({
    upstream,
    outbound: { method: 'GET', target: '/', fields: [], body: undefined },
    response,
    dress: ({ status }) => ({ status, fields: [], isUnbuffered }),
    takesTrailers: false,
    takesInterim: false,
  });
  assert.ok(sink);
  sink.onHead({ status: 200, reason: 'OK', fields: [] });
  return { client, sink, told, over };
}

const KB = Buffer.alloc(1024, 'x');

describe('a client that takes nothing', () => {
  test('does not hold an app up that has 60 KB to say', async () => {
    const { sink, over } = relayed(false);
    for (let i = 0; i < 60; i++) assert.equal(sink.onData(KB), true, `${i} KB`);
    sink.onEnd([]);
    await over;
  });

  test('holds it up beyond 64 KB, until all that waits is taken', async () => {
    const { client, sink, told } = relayed(false);
    let taken = 0;
    while (sink.onData(KB)) taken += 1;
    assert.ok(taken >= 60 && taken <= 64, `${taken} KB`);
    assert.equal(told.resumed, 0);
    // Each piece that is taken brings the next.
    await eventually(() => {
      client.takeAll();
      assert.equal(told.resumed, 1);
    });
  });

  test('holds an app that wants no buffer up from the first byte on', async () => {
    const { client, sink, told } = relayed(true);
    assert.equal(sink.onData(KB), false);
    assert.equal(told.resumed, 0);
    await eventually(() => {
      client.takeAll();
      assert.equal(told.resumed, 1);
    });
    assert.equal(sink.onData(KB), false);
  });
});
