import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Fault } from '../../semantics/fault.ts';
import { eventually } from '../../testing/eventually.ts';
import { namelessFiles } from '../../testing/nameless-files.ts';
import { waitingClient } from '../../testing/waiting-client.ts';
import { type TakenBody, takeBody } from './intake.ts';
import { Room } from './room.ts';
import { TempFolder } from './temp-folder.ts';

type StandOptions = {
  readonly length: number;
  readonly limit?: number;
  readonly most?: number;
  readonly room?: number;
  readonly disk?: number;
  /** What the folder waits for before it makes a file. */
  readonly gate?: Promise<void>;
  /** What the system says instead of making one. */
  readonly code?: string;
};

/** A client that has announced a body of `length` bytes, and where it may wait: 10 bytes of memory each, 100 for all. */
async function stand({ length, limit = 1000, most = 10, room = 100, disk = 1000, gate, code }: StandOptions) {
  await using own = new AsyncDisposableStack();
  const tree = own.use(await mkdtempDisposable(join(tmpdir(), 'trivet-some-')));
  const folder = own.use(new TempFolder(tree.path, 'trivet-some-bodies-'));
  const waiting = own.use(await waitingClient(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`));
  const { request: source, response } = waiting;
  let asked = 0;
  const create = async () => {
    asked++;
    await gate;
    if (code !== undefined) throw Object.assign(new Error(code), { code });
    return await folder.create();
  };
  const places = { most, room: new Room(room), folder: { create }, disk: new Room(disk) };
  const all = own.move();
  return {
    ...{ ...waiting, places, filesAsked: () => asked, path: tree.path },
    take: () => takeBody({ source, response, limit, places }),
    /** Bytes of memory and of disk that are taken, and files that are open. */
    held: async () => [places.room.taken, places.disk.taken, (await namelessFiles(tree.path)).length],
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function bytesOf({ body }: TakenBody): Promise<string> {
  return Buffer.isBuffer(body) ? `${body}` : Buffer.concat(await body.open().toArray()).toString();
}

function faultOf(taking: Promise<TakenBody>): Promise<Fault> {
  return taking.then(
    () => assert.fail('it was taken'),
    (fault: Fault) => fault,
  );
}

const text = 'abcdefghijklmnopqrstuvwxyz';

for (const [what, sent, over, held] of [
  ['no byte', '', {}, [0, 0, 0]],
  ['as many bytes as one may have', text.slice(0, 10), {}, [10, 0, 0]],
  ['one more than that', text.slice(0, 11), {}, [0, 11, 1]],
  ['all the room that is left', text.slice(0, 8), { room: 8 }, [8, 0, 0]],
  ['one more than there is room for', text.slice(0, 9), { room: 8 }, [0, 9, 1]],
  ['all that the limit allows', text, { limit: 26 }, [0, 26, 1]],
  ['all the disk that is left', text, { disk: 26 }, [0, 26, 1]],
] as const) {
  test(`a body of ${what} waits ${held[2] === 0 ? 'in memory' : 'on the disk'}, until it is disposed of`, async () => {
    await using it = await stand({ length: sent.length, ...over });
    const taking = it.take();
    await it.client.write(sent);
    const taken = await taking;
    assert.deepEqual([taken.length, await bytesOf(taken), await bytesOf(taken)], [sent.length, sent, sent]);
    assert.equal(Buffer.isBuffer(taken.body), held[2] === 0);
    assert.deepEqual(await it.held(), held);
    await taken[Symbol.asyncDispose]();
    assert.deepEqual(await it.held(), [0, 0, 0]);
  });
}

test('pieces that are small each go to the disk together, once they are too many', async () => {
  await using it = await stand({ length: 26 });
  const taking = it.take();
  let came = 0;
  it.request.on('data', (chunk: Buffer) => {
    came += chunk.length;
  });
  for (const letter of text) {
    await it.client.write(letter);
    await eventually(() => assert.ok(came > text.indexOf(letter)));
  }
  await using taken = await taking;
  assert.equal(await bytesOf(taken), text);
  assert.deepEqual([it.filesAsked(), await it.held()], [1, [0, 26, 1]]);
});

test('what comes while the disk is at work is behind what came before, the end too', async () => {
  const gate = Promise.withResolvers<void>();
  await using it = await stand({ length: 26, gate: gate.promise });
  const taking = it.take();
  await it.client.write(text.slice(0, 12));
  await eventually(() => assert.equal(it.filesAsked(), 1));
  assert.equal(it.request.isPaused(), true);
  await it.client.write(text.slice(12));
  gate.resolve();
  await using taken = await taking;
  assert.deepEqual([await bytesOf(taken), it.filesAsked()], [text, 1]);
});

for (const where of ['memory', 'disk'] as const) {
  test(`a byte beyond the limit is refused, is kept neither in memory nor on the disk: from the ${where}`, async () => {
    await using it = await stand({ length: 21, limit: 20, most: where === 'memory' ? 100 : 5 });
    const refused = faultOf(it.take());
    await it.client.write(text.slice(0, 20));
    await eventually(async () => assert.notDeepEqual(await it.held(), [0, 0, 0]));
    await it.client.write('x');
    const { reason, status, message } = await refused;
    assert.deepEqual([reason, status], ['body-too-large', 413]);
    assert.equal(message, 'the request body is larger than the limit of 20 bytes');
    await eventually(async () => assert.deepEqual(await it.held(), [0, 0, 0]));
  });
}

test('the rest of a refused body is taken off the wire, and the answer can go out', async () => {
  await using it = await stand({ length: 400_000, limit: 20 });
  const refused = faultOf(it.take());
  const ended = once(it.request, 'end');
  await it.client.write('x'.repeat(400_000));
  await refused;
  await ended;
  it.response.end('no');
  await it.client.readUntil('no');
});

for (const [who, leave] of [
  ['the client', (it: Awaited<ReturnType<typeof stand>>) => it.client.reset()],
  ['the exchange', (it: Awaited<ReturnType<typeof stand>>) => void it.response.destroy()],
  ['an answer', (it: Awaited<ReturnType<typeof stand>>) => void it.response.end('too slow')],
] as const) {
  for (const most of [100, 5]) {
    test(`${who} that ends in the middle, ${most === 5 ? 'on the disk' : 'in memory'}, leaves nothing behind`, async () => {
      await using it = await stand({ length: 21, most });
      const refused = faultOf(it.take());
      await it.client.write(text.slice(0, 20));
      await eventually(async () => assert.equal((await it.held())[most === 5 ? 1 : 0], 20));
      leave(it);
      const { reason, status } = await refused;
      assert.deepEqual([reason, status], ['client-left', 499]);
      await eventually(async () => assert.deepEqual(await it.held(), [0, 0, 0]));
    });
  }
}

test('who leaves while a file is being made leaves none behind', async () => {
  const gate = Promise.withResolvers<void>();
  await using it = await stand({ length: 21, gate: gate.promise });
  const refused = faultOf(it.take());
  await it.client.write(text.slice(0, 20));
  await eventually(() => assert.equal(it.filesAsked(), 1));
  it.client.reset();
  assert.equal((await refused).reason, 'client-left');
  gate.resolve();
  await eventually(async () => assert.deepEqual(await it.held(), [0, 0, 0]));
});

test('who has left already, or whose answer is over, is not waited for', async () => {
  await using gone = await stand({ length: 21 });
  gone.client.reset();
  await eventually(() => assert.ok(gone.request.closed));
  assert.equal((await faultOf(gone.take())).reason, 'client-left');
  await using over = await stand({ length: 21 });
  over.response.end('too slow');
  await once(over.response, 'close');
  assert.equal((await faultOf(over.take())).reason, 'client-left');
});

test('a body that was read to its end before has nothing left', async () => {
  await using it = await stand({ length: 3 });
  const ended = once(it.request.resume(), 'end');
  await it.client.write('abc');
  await ended;
  await using taken = await it.take();
  assert.deepEqual([taken.length, await bytesOf(taken)], [0, '']);
});

for (const [what, over, status] of [
  ['has no room left', { disk: 25 }, 507],
  ['is full', { code: 'ENOSPC' }, 507],
  ['fails', { code: 'EIO' }, 500],
] as const) {
  test(`a disk that ${what} is a ${status}, leaves nothing behind, and the rest is taken off the wire`, async () => {
    await using it = await stand({ length: 400_000, limit: 400_000, ...over });
    const ended = once(it.request, 'end');
    const refused = faultOf(it.take());
    await it.client.write('x'.repeat(400_000));
    const fault = await refused;
    assert.deepEqual([fault.reason, fault.status], ['body-storage', status]);
    await ended;
    await eventually(async () => assert.deepEqual(await it.held(), [0, 0, 0]));
  });
}

test('nobody is listened to any more once a body is taken', async () => {
  await using it = await stand({ length: 3 });
  const count = () => ['data', 'end', 'close'].map((name) => it.request.listenerCount(name));
  const closes = it.response.listenerCount('close');
  const before = count();
  const taking = it.take();
  await it.client.write('abc');
  await using taken = await taking;
  assert.equal(taken.length, 3);
  assert.deepEqual([count(), it.response.listenerCount('close')], [before, closes]);
});
