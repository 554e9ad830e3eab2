import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Room } from '@trivet/kit/http1/body/room.ts';
import { inboundOf } from '@trivet/kit/http1/inbound.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { waitingClient } from '@trivet/kit/testing/waiting-client.ts';
import { ClientAnswer } from './client-answer.ts';

const KB = 1024;
/** More than the system takes for a client that reads nothing. */
const large = 16 * KB * KB;

/** An answer whose client reads nothing until it is told to. */
async function stand(roomBytes: number) {
  const waiting = await waitingClient();
  const { client, request, response } = waiting;
  client.socket.pause();
  const peer = { address: '127.0.0.1', port: 1, trusted: false, kind: 'tcp' } as const;
  const inbound = inboundOf(request, { target: '/', host: 'a', fields: [] }, { peer, trusted: () => false });
  const room = new Room(roomBytes);
  const told: string[] = [];
  const answer = new ClientAnswer({
    ...{ inbound, response, room, serverTiming: false },
    complain: (problem) => void told.push(problem),
    onFull: () => void told.push('full'),
    onDrained: () => void told.push('drained'),
  });
  answer.head(Buffer.from(`200 OK\0Content-Length\0${2 * large}`));
  answer.settle();
  // The system takes what it can; from here on all waits.
  while (response.writableLength === 0) {
    answer.data(Buffer.alloc(KB));
    answer.settle();
    await new Promise(setImmediate);
  }
  return { ...waiting, answer, room, told };
}

test('while there is room, an answer may have a quarter of a megabyte waiting', async () => {
  await using waiting = await stand(1024 * KB);
  const { answer, room, told, response, client } = waiting;
  answer.data(Buffer.alloc(200 * KB));
  answer.settle();
  assert.deepEqual(told, []);
  assert.ok(room.taken > 100 * KB);
  answer.data(Buffer.alloc(100 * KB));
  answer.settle();
  assert.deepEqual([told, answer.isFull], [['full'], true]);
  client.socket.resume();
  await eventually(() => assert.deepEqual([told, answer.isFull], [['full', 'drained'], false]));
  assert.deepEqual([room.taken, response.writableLength], [0, 0]);
});

test('when there is no room left, the worker waits as soon as 64 KiB do', async () => {
  await using waiting = await stand(0);
  const { answer, told } = waiting;
  answer.data(Buffer.alloc(32 * KB));
  answer.settle();
  assert.deepEqual(told, []);
  answer.data(Buffer.alloc(64 * KB));
  answer.settle();
  assert.deepEqual([told, answer.isFull], [['full'], true]);
});

test('what an answer has of the room it gives back', async () => {
  await using waiting = await stand(1024 * KB);
  const { answer, room } = waiting;
  answer.data(Buffer.alloc(200 * KB));
  answer.settle();
  assert.ok(room.taken > 0);
  answer.giveBack();
  assert.equal(room.taken, 0);
});
