import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '@trivet/kit/semantics/fault.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { type SocketPair, socketPair } from '@trivet/kit/testing/socket-pair.ts';
import { anInbound } from '../testing/an-inbound.ts';
import { deafUser } from '../testing/deaf-user.ts';
import { NotingPool } from '../testing/python-stand.ts';
import { answerFrames, type Frames, framed } from '../testing/scripted-worker.ts';
import { Dispatcher, type DispatcherOptions, type SlotGuest } from './dispatcher.ts';
import { textFrame } from './frames.ts';
import type { Slot } from './slot.ts';

/** A request that asks as soon as it has a slot. */
class Guest implements SlotGuest {
  readonly inbound;
  readonly #dispatcher: Dispatcher;
  cameAt = 0;
  slot: Slot | undefined;
  fault: Fault | undefined;

  constructor(dispatcher: Dispatcher, target = '/') {
    this.inbound = anInbound({ target, id: `id of ${target}` });
    this.#dispatcher = dispatcher;
  }

  welcome(slot: Slot): void {
    this.slot = slot;
    this.#dispatcher.begins(slot, this);
    slot.ask(deafUser, textFrame('H', '') ?? '');
  }

  turnAway(fault: Fault): void {
    this.fault = fault;
  }
}

async function stand(options: Partial<DispatcherOptions> = {}) {
  const pool = new NotingPool();
  const pairs: SocketPair[] = [];
  const limits = { queue: 10, queueTimeoutMs: 5000, timeoutMs: 0, ...options };
  const dispatcher = new Dispatcher({ pool: () => pool, ...limits });
  return {
    ...{ dispatcher, pool },
    guest: (target?: string) => new Guest(dispatcher, target),
    /** One slot more of a worker; what the worker says on it. */
    async slot(worker: number) {
      const pair = await socketPair();
      pairs.push(pair);
      pair.client.resume();
      dispatcher.add({ id: worker, pid: 1000 + worker }, pair.server);
      return {
        says: (...frames: Frames) => void pair.client.write(framed(frames)),
        dies: () => pair.client.resetAndDestroy(),
        isClosed: () => pair.server.destroyed,
      };
    },
    async [Symbol.asyncDispose]() {
      dispatcher[Symbol.dispose]();
      for (const pair of pairs) await pair[Symbol.asyncDispose]();
    },
  };
}

test('a request beyond the queue is refused, and counted', async () => {
  await using one = await stand({ queue: 1 });
  one.dispatcher.place(one.guest());
  assert.throws(() => one.dispatcher.place(one.guest()), { reason: 'queue-full' });
  const { queued, mostQueued, full, late } = one.dispatcher.numbers;
  assert.deepEqual({ queued, mostQueued, full, late }, { queued: 1, mostQueued: 1, full: 1, late: 0 });
  one.dispatcher.countLate();
  assert.equal(one.dispatcher.numbers.late, 1);
});

test('an answer frees the slot for the next, and the pool is told of each that was served', async () => {
  await using one = await stand();
  const worker = await one.slot(3);
  const [first, second] = [one.guest('/1'), one.guest('/2')];
  for (const guest of [first, second]) one.dispatcher.place(guest);
  assert.deepEqual([first.slot?.worker, second.slot], [3, undefined]);
  worker.says(...answerFrames(''));
  await eventually(() => assert.equal(second.slot?.worker, 3));
  assert.deepEqual(one.pool.served, [3]);
  assert.equal(one.dispatcher.numbers.queueWait.cumulative().at(-1), 2);
});

test('a request that was not taken is none that was served', async () => {
  await using one = await stand();
  const worker = await one.slot(3);
  one.dispatcher.place(one.guest());
  worker.says(['X']);
  await eventually(() => assert.equal(one.dispatcher.numbers.busy, 0));
  assert.deepEqual([one.pool.served, one.dispatcher.inFlightOf(3)], [[], []]);
});

test('a worker that leaves gets nothing more, on no slot', async () => {
  await using one = await stand();
  await one.slot(3);
  const worker = await one.slot(3);
  one.dispatcher.place(one.guest());
  worker.says(['L']);
  await eventually(() => assert.deepEqual(one.pool.notes, ['3 leaving']));
  const guest = one.guest();
  one.dispatcher.place(guest);
  assert.equal(guest.slot, undefined);
});

test('what a worker has in flight is known with its request, and still when the worker is gone', async () => {
  await using one = await stand();
  const worker = await one.slot(3);
  await one.slot(4);
  one.dispatcher.place(one.guest('/a'));
  one.dispatcher.place(one.guest('/b'));
  const shown = () => one.dispatcher.inFlightOf(3).map(({ method, target, id }) => [method, target, id]);
  const mine = one.dispatcher.inFlightOf(3)[0];
  assert.ok(mine && mine.sinceMs >= 0 && mine.sinceMs < 5000);
  const before = shown();
  assert.equal(before.length, 1);
  worker.dies();
  await eventually(() => assert.equal(one.dispatcher.numbers.busy, 1));
  assert.deepEqual(shown(), before);
  assert.equal(one.dispatcher.inFlightOf(4).length, 1);
});

test('of workers that are gone the last 64 are remembered', async () => {
  await using one = await stand();
  for (let id = 0; id < 65; id += 1) {
    const worker = await one.slot(id);
    one.dispatcher.place(one.guest());
    worker.dies();
    await eventually(() => assert.equal(one.dispatcher.numbers.busy, 0));
  }
  assert.deepEqual(
    [0, 1, 64].map((id) => one.dispatcher.inFlightOf(id).length),
    [0, 1, 1],
  );
});

test('a worker that breaks the protocol on one slot gets nothing on the others', async () => {
  await using one = await stand();
  const worker = await one.slot(3);
  await one.slot(3);
  worker.says(['T']);
  await eventually(() => assert.deepEqual(one.pool.notes, ['3 broken: a frame T while idle']));
  assert.equal(worker.isClosed(), true);
  const guest = one.guest();
  one.dispatcher.place(guest);
  assert.equal(guest.slot, undefined);
});

test('a worker that is silent is hung; one that has nothing to do is not', async () => {
  await using one = await stand({ timeoutMs: 40 });
  await one.slot(3);
  await one.slot(4);
  const guest = one.guest();
  one.dispatcher.place(guest);
  const hung = guest.slot?.worker;
  await eventually(() => assert.deepEqual(one.pool.notes, [`${hung} hung: the worker was silent for 40ms`]));
  assert.deepEqual([one.dispatcher.numbers.busy, one.dispatcher.numbers.idle], [0, 1]);
});

test('a worker is retired once nothing of it is in flight, at once where it has no slot', async () => {
  await using one = await stand();
  const worker = await one.slot(3);
  one.dispatcher.place(one.guest());
  let isRetired = false;
  const retired = one.dispatcher.retire(3).then(() => {
    isRetired = true;
  });
  await one.dispatcher.retire(9);
  assert.equal(isRetired, false);
  worker.says(...answerFrames(''));
  await retired;
});

test('who lost its slot waits before those who came later', async () => {
  await using one = await stand();
  const [first, second] = [one.guest(), one.guest()];
  one.dispatcher.place(second);
  first.cameAt = one.dispatcher.clock();
  one.dispatcher.placeAgain(first);
  await one.slot(3);
  assert.deepEqual([first.slot?.worker, second.slot], [3, undefined]);
});

test('a slot that is given back is free, and nothing was served', async () => {
  await using one = await stand();
  await one.slot(3);
  const guest = one.guest();
  guest.welcome = (slot) => void setImmediate(() => one.dispatcher.giveBack(slot));
  one.dispatcher.place(guest);
  assert.equal(one.dispatcher.numbers.busy, 1);
  await eventually(() => assert.equal(one.dispatcher.numbers.idle, 1));
  assert.deepEqual(one.pool.served, []);
});

test('at the end all slots are closed', async () => {
  const one = await stand();
  const slots = [await one.slot(3), await one.slot(4)];
  one.dispatcher.place(one.guest());
  one.dispatcher[Symbol.dispose]();
  assert.deepEqual(
    slots.map((slot) => slot.isClosed()),
    [true, true],
  );
  await one[Symbol.asyncDispose]();
});
