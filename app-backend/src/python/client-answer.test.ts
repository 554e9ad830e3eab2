import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Room } from '@trivet/kit/http1/body/room.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { listen } from '@trivet/kit/http1/listener.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { silentLog } from '@trivet/kit/testing/silent.ts';
import { fastLane } from '../fast-lane.ts';
import type { ClientOutlet } from '../gateway/outlet.ts';
import { ResponseOutlet } from '../gateway/response-outlet.ts';
import { testLimits } from '../testing/serving.ts';
import { ClientAnswer } from './client-answer.ts';

const KB = 1024;
/** More than the system takes for a client that reads nothing. */
const large = 16 * KB * KB;

type Lane = 'on' | 'off';
type Client = { readonly inbound: Inbound; readonly outlet: ClientOutlet };

/** A client that asks and reads nothing until it is told to. */
async function waitingClient(lane: Lane) {
  await using own = new AsyncDisposableStack();
  const asked = Promise.withResolvers<Client>();
  const serve = (inbound: Inbound, outlet: ClientOutlet) => {
    asked.resolve({ inbound, outlet });
    return true;
  };
  const listener = own.use(
    await listen({
      tier: 'app-backend',
      listen: { kind: 'tcp', host: '127.0.0.1', port: 0 },
      limits: testLimits,
      trusted: () => true,
      onRequest: (inbound, response) => void serve(inbound, new ResponseOutlet(inbound, response, false)),
      onExchange: () => undefined,
      fastLane:
        lane === 'on' ? fastLane(() => ({ serve }), { serverTiming: false, conclude: () => undefined }) : undefined,
      log: silentLog,
    }),
  );
  const client = own.use(await rawConnect(listener.port));
  client.socket.pause();
  await client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  const { inbound, outlet } = await asked.promise;
  const all = own.move();
  return { client, inbound, outlet, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** An answer whose client reads nothing until it is told to. */
async function stand(lane: Lane, roomBytes: number) {
  const waiting = await waitingClient(lane);
  const { inbound, outlet } = waiting;
  const room = new Room(roomBytes);
  const told: string[] = [];
  const answer = new ClientAnswer({
    ...{ inbound, outlet, room },
    complain: (problem) => void told.push(problem),
    onFull: () => void told.push('full'),
    onDrained: () => void told.push('drained'),
  });
  answer.head(Buffer.from(`200 OK\0Content-Length\0${2 * large}`));
  answer.settle();
  // The system takes what it can; from here on all waits.
  while (outlet.waiting === 0) {
    answer.data(Buffer.alloc(KB));
    answer.settle();
    await new Promise(setImmediate);
  }
  return { ...waiting, answer, room, told };
}

for (const lane of ['on', 'off'] as const) {
  describe(`an answer whose client takes nothing, fast lane ${lane}`, () => {
    test('may, while there is room, have a quarter of a megabyte waiting', async () => {
      await using waiting = await stand(lane, 1024 * KB);
      const { answer, room, told, outlet, client } = waiting;
      answer.data(Buffer.alloc(200 * KB));
      answer.settle();
      assert.deepEqual(told, []);
      assert.ok(room.taken > 100 * KB);
      answer.data(Buffer.alloc(100 * KB));
      answer.settle();
      assert.deepEqual([told, answer.isFull], [['full'], true]);
      client.socket.resume();
      await eventually(() => assert.deepEqual([told, answer.isFull], [['full', 'drained'], false]));
      assert.deepEqual([room.taken, outlet.waiting], [0, 0]);
    });

    test('makes the worker wait as soon as 64 KiB do when there is no room left', async () => {
      await using waiting = await stand(lane, 0);
      const { answer, told } = waiting;
      answer.data(Buffer.alloc(32 * KB));
      answer.settle();
      assert.deepEqual(told, []);
      answer.data(Buffer.alloc(64 * KB));
      answer.settle();
      assert.deepEqual([told, answer.isFull], [['full'], true]);
    });

    test('gives back what it has of the room', async () => {
      await using waiting = await stand(lane, 1024 * KB);
      const { answer, room } = waiting;
      answer.data(Buffer.alloc(200 * KB));
      answer.settle();
      assert.ok(room.taken > 0);
      answer.close();
      assert.equal(room.taken, 0);
    });

    test('does not make the worker wait for a client that has left', async () => {
      await using waiting = await stand(lane, 0);
      const { answer, told, outlet, client } = waiting;
      answer.data(Buffer.alloc(128 * KB));
      answer.settle();
      const closed = new Promise<void>((resolve) => outlet.onClose(resolve));
      outlet.onClose(() => answer.close());
      client.socket.destroy();
      await closed;
      await new Promise(setImmediate);
      answer.data(Buffer.alloc(128 * KB));
      answer.settle();
      assert.deepEqual(told, ['full']);
    });
  });
}
