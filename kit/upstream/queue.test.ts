import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ManualTimers } from '../testing/manual-timers.ts';
import { Queue, type QueueLimits, type Waiting } from './queue.ts';

type Named = Waiting & { readonly name: string };

function stand(limits: Partial<QueueLimits> = {}) {
  const timers = new ManualTimers();
  const all = { queue: 3, queueWaitMs: 100, timer: timers.set, clock: timers.clock.read, ...limits };
  const queue = new Queue<Named>('app', all);
  const heard: string[] = [];
  const enter = (name: string) => {
    const one = { name, turnAway: ({ reason }: { reason: string }) => void heard.push(`${name} ${reason}`) };
    queue.enter(one);
    return one;
  };
  const serveFirst = (count: number) => {
    const served: string[] = [];
    queue.serve(({ name }) => {
      if (served.length >= count) return 'stop';
      served.push(name);
      return 'served';
    });
    return served.join('');
  };
  return { queue, timers, heard, enter, serveFirst, all };
}

describe('a queue', () => {
  test('serves in the order of arrival, and remembers how long it was', () => {
    const { queue, enter, serveFirst } = stand();
    for (const name of ['a', 'b', 'c']) enter(name);
    assert.deepEqual([queue.waiting, queue.hasRoom], [3, false]);
    assert.equal(serveFirst(2), 'ab');
    enter('d');
    assert.equal(serveFirst(9), 'cd');
    assert.deepEqual([queue.waiting, queue.mostWaiting, queue.hasRoom], [0, 3, true]);
  });

  test('passes over who cannot be served yet, and keeps his place', () => {
    const { queue, enter, serveFirst } = stand();
    for (const name of ['a', 'b', 'c']) enter(name);
    queue.serve(({ name }) => (name === 'b' ? 'served' : 'waits'));
    assert.equal(serveFirst(9), 'ac');
  });

  test('[case 70] sends away who waited too long, each at his own time, and nobody else', () => {
    const { queue, timers, heard, enter, serveFirst } = stand();
    enter('a');
    timers.advance(60);
    const b = enter('b');
    timers.advance(39);
    assert.deepEqual(heard, []);
    timers.advance(1);
    assert.deepEqual(heard, ['a queue-late']);
    timers.advance(59);
    assert.equal(queue.waiting, 1);
    timers.advance(1);
    assert.deepEqual(heard, ['a queue-late', 'b queue-late']);
    queue.withdraw(b);
    enter('c');
    timers.advance(99);
    assert.equal(serveFirst(1), 'c');
    assert.equal(timers.count, 0, 'a queue where nobody waits has no timer');
    timers.advance(1_000);
    assert.equal(heard.length, 2);
  });

  test('has a place before all others, for one that was served in vain; it gives up at its own time', () => {
    const { queue, timers, heard, enter, serveFirst } = stand({ queue: 2 });
    const waiting = (name: string) => ({
      name,
      turnAway: ({ reason }: { reason: string }) => void heard.push(`${name} ${reason}`),
    });
    enter('b');
    enter('c');
    queue.enterFirst(waiting('a'), timers.clock.now + 40);
    timers.advance(40);
    assert.deepEqual([heard, queue.waiting, queue.mostWaiting], [['a queue-late'], 2, 3]);
    queue.enterFirst(waiting('d'), timers.clock.now + 40);
    assert.equal(serveFirst(9), 'dbc');
    assert.equal(timers.count, 0);
  });

  test('is left at once, and the place is free', () => {
    const { queue, timers, enter, serveFirst } = stand({ queue: 1 });
    const a = enter('a');
    queue.withdraw(a);
    assert.deepEqual([queue.waiting, queue.hasRoom, timers.count], [0, true, 0]);
    enter('b');
    assert.equal(serveFirst(9), 'b');
  });

  test('lets go of those that wait in vain, in their order', () => {
    const { queue, enter, serveFirst } = stand();
    for (const name of ['a', 'b', 'c']) enter(name);
    const released = queue.release(({ name }) => name !== 'b');
    assert.equal(released.map(({ name }) => name).join(''), 'ac');
    assert.equal(serveFirst(9), 'b');
  });

  for (const [what, queueWaitMs, until] of [
    ['shorter', 40, 40],
    ['longer', 500, 80],
  ] as const) {
    test(`with a ${what} patience: who waits already goes by the earlier of both`, () => {
      const { queue, timers, heard, enter, all } = stand();
      enter('a');
      timers.advance(20);
      queue.change({ ...all, queueWaitMs });
      enter('b');
      timers.advance(until - 1);
      assert.deepEqual(heard, []);
      timers.advance(1);
      assert.equal(heard[0], 'a queue-late');
      timers.advance(500);
      assert.deepEqual(heard, ['a queue-late', 'b queue-late']);
    });
  }

  test('that is disposed tells nobody any more', () => {
    const { queue, timers, heard, enter } = stand();
    enter('a');
    queue[Symbol.dispose]();
    timers.advance(1_000);
    assert.deepEqual([heard, timers.count], [[], 0]);
  });
});

/** What a queue is: a list with deadlines. */
class Model {
  list: { readonly name: string; readonly until: number }[] = [];
  readonly late: string[] = [];
  patience = 100;

  advance(now: number): void {
    for (const { name, until } of this.list) if (until <= now) this.late.push(`${name} queue-late`);
    this.list = this.list.filter(({ until }) => until > now);
  }
}

type World = ReturnType<typeof stand> & { readonly model: Model; readonly everybody: Named[] };

/** What may happen to a queue, with a number that says how much of it. */
const deeds: Readonly<Record<string, (world: World, amount: number) => void>> = {
  enter: ({ queue, enter, everybody, model, timers }) => {
    if (!queue.hasRoom) return;
    const name = `${everybody.length},`;
    everybody.push(enter(name));
    model.list.push({ name, until: timers.clock.now + model.patience });
  },
  serve: ({ serveFirst, model }, amount) => {
    const served = model.list.splice(0, amount % 4).map(({ name }) => name);
    assert.equal(serveFirst(amount % 4), served.join(''));
  },
  withdraw: ({ queue, everybody, model }, amount) => {
    const one = everybody[amount % 20];
    if (one) queue.withdraw(one);
    model.list = model.list.filter(({ name }) => name !== one?.name);
  },
  wait: ({ timers, model }, amount) => {
    timers.advance(amount);
    model.advance(timers.clock.now);
  },
  change: ({ queue, all, model, timers }, amount) => {
    model.patience = amount + 1;
    queue.change({ ...all, queueWaitMs: model.patience });
    const latest = timers.clock.now + model.patience;
    model.list = model.list.map(({ name, until }) => ({ name, until: Math.min(until, latest) }));
  },
};

test('a queue is a list with deadlines: random deeds leave it as they leave the list', () => {
  const deed = fc.record({ does: fc.constantFrom(...Object.keys(deeds)), amount: fc.nat(150) });
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 60 }), (sequence) => {
      const world = { ...stand({ queue: 5 }), model: new Model(), everybody: [] };
      const { queue, timers, heard, model } = world;
      for (const { does, amount } of sequence) {
        deeds[does]?.(world, amount);
        assert.deepEqual([queue.waiting, queue.hasRoom], [model.list.length, model.list.length < 5]);
        assert.equal(timers.count, model.list.length > 0 ? 1 : 0);
        assert.deepEqual(heard, model.late);
      }
    }),
  );
});
