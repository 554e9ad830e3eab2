// An origin below the edge that says one thing at a time, and other processes that confirm when the test lets them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Told } from '@trivet/kit/process/workers/messages.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import type { Fields } from '@trivet/kit/semantics/fields.ts';
import { CollectingSink } from '@trivet/kit/testing/collecting-sink.ts';
import type { ResponseSink, Sending } from '@trivet/kit/upstream/upstream.ts';
import { pino } from 'pino';
import { inboundFor } from '../testing/lanes.ts';
import { edgeStand } from '../testing/stand.ts';
import { Conduit } from './conduit.ts';
import { Exchange } from './exchange.ts';
import { passOutbound } from './outbound.ts';
import { outdatingFirst } from './outdating-sink.ts';

const confirmed: Told = { answers: [], missing: [] };
const chunk = Buffer.from('body');

/** One POST whose answer the test gives; what became of that is in `client`. */
async function posting(client = new CollectingSink()) {
  await using building = new AsyncDisposableStack();
  const told = Promise.withResolvers<Told>();
  let tells = 0;
  const tell = () => {
    tells += 1;
    return told.promise;
  };
  const errors: string[] = [];
  const log = pino({ level: 'error' }, { write: (line) => errors.push(line) });
  const stand = building.use(await edgeStand(() => undefined, { siblings: { tell }, log }));
  const inbound = { ...inboundFor(stand, { target: '/a' }), method: 'POST' };
  const x = new Exchange(inbound, new Conduit(), stand.edge.rules, true);
  const said: ('resume' | 'abort')[] = [];
  const wire: Sending = { resume: () => void said.push('resume'), abort: () => void said.push('abort') };
  let origin: ResponseSink = client;
  const send = (_: unknown, sink: ResponseSink) => {
    origin = sink;
    return wire;
  };
  const sending = outdatingFirst(x, stand.edge, { send }).send(passOutbound(x), client);
  const open = building.move();
  return {
    ...{ client, origin, sending, said, errors },
    tells: () => tells,
    answer: (status: number, fields: Fields = []) => origin.onHead({ status, reason: '', fields }),
    async letGo(how: Told | Error = confirmed) {
      if (how instanceof Error) told.reject(how);
      else told.resolve(how);
      await Promise.race([client.headed, client.over]);
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

test('nothing of a success is seen before all have forgotten, then all of it in order', async () => {
  await using p = await posting();
  p.answer(200);
  assert.equal(p.origin.onData(chunk), false, 'more is not asked for');
  p.origin.onEnd(['X-Sum', '1']);
  p.sending.resume();
  assert.deepEqual([p.client.calls, p.tells(), p.said], [0, 1, []]);
  await p.letGo();
  await p.client.over;
  assert.deepEqual([p.client.outcome, p.client.trailers, p.said], ['200 body', ['X-Sum', '1'], ['resume']]);
});

test('a success without a body ends behind its head', async () => {
  await using p = await posting();
  p.answer(204);
  p.origin.onEnd([]);
  assert.equal(p.client.calls, 0);
  await p.letGo();
  assert.deepEqual([(await p.client.over).outcome, p.client.calls], ['204 ', 2]);
});

test('a client that takes no more holds the origin back, and then goes on by itself', async () => {
  await using p = await posting();
  p.client.wantsMore = () => false;
  p.answer(200);
  p.origin.onData(chunk);
  await p.letGo();
  assert.deepEqual([p.client.body.length, p.said], [4, []]);
  p.sending.resume();
  assert.deepEqual(p.said, ['resume']);
  assert.equal(p.origin.onData(chunk), false);
  p.client.wantsMore = () => true;
  assert.equal(p.origin.onData(chunk), true);
});

test('what breaks off while it is held breaks off behind its head', async () => {
  await using p = await posting();
  p.answer(200);
  p.origin.onFault(new Fault('reset-mid-body', 'gone'));
  assert.equal(p.client.calls, 0);
  await p.letGo();
  assert.equal((await p.client.over).outcome, '200 reset-mid-body');
});

test('who leaves while it is held takes the request along, and hears nothing', async () => {
  await using p = await posting();
  p.answer(200);
  p.sending.abort();
  assert.deepEqual(p.said, ['abort']);
  void p.letGo();
  // It is let go in this turn of the event loop.
  await new Promise(setImmediate);
  assert.equal(p.client.calls, 0);
});

for (const status of [400, 500]) {
  test(`a ${status} outdates nothing, and goes on at once`, async () => {
    await using p = await posting();
    p.answer(status);
    assert.equal(p.client.head?.status, status);
    assert.equal(p.origin.onData(chunk), true);
    p.origin.onEnd([]);
    assert.deepEqual([p.client.outcome, p.tells(), p.errors], [`${status} body`, 0, []]);
  });
}

test('1xx responses do not wait', async () => {
  await using p = await posting();
  p.origin.onInterim?.(103, ['Link', '</a>']);
  assert.deepEqual(p.client.interim, [{ status: 103, fields: ['Link', '</a>'] }]);
});

for (const [what, how] of [
  ['cannot be told', new Error('the channel is closed')],
  ['do not confirm in time', { answers: [], missing: [2] }],
] as const) {
  test(`where other processes ${what}, the answer goes on and the log says so`, async () => {
    await using p = await posting();
    p.answer(201);
    p.origin.onEnd([]);
    await p.letGo(how);
    assert.equal((await p.client.over).outcome, '201 ');
    assert.equal(p.errors.length, 1);
  });
}

test('a head that cannot be given on when it is let go ends the request at the origin, and is told as a fault', async () => {
  class Throwing extends CollectingSink {
    override onHead(): void {
      throw new Error('boom');
    }
  }
  await using p = await posting(new Throwing());
  p.answer(200);
  p.origin.onData(chunk);
  await p.letGo();
  assert.equal((await p.client.over).outcome, 'internal');
  assert.deepEqual([p.said, p.client.calls], [['abort'], 1]);
});

test('a hook that throws when the answer is let go costs its request a 503, and the edge lives', async () => {
  let isBad = true;
  await using stand = await edgeStand((_, reply) => reply.send(201, [], 'made'), {
    siblings: { tell: async () => confirmed },
    policy: {
      deliver() {
        if (isBad) throw new Error('boom');
      },
    },
  });
  assert.equal((await stand.send('POST', '/a', { body: 'x' })).status, 503);
  isBad = false;
  assert.equal((await stand.send('POST', '/a', { body: 'x' })).status, 201);
});
