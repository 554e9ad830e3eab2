import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Fault } from '../semantics/fault.ts';
import { ManualTimers } from '../testing/manual-timers.ts';
import { type Guest, Queue, type QueueLimits } from './queue.ts';

const turn = () => new Promise((done) => setImmediate(done));

function stand(limits: Partial<QueueLimits> = {}) {
  const timers = new ManualTimers();
  const all = { connections: 1, queue: 2, queueWaitMs: 100, timer: timers.set, clock: timers.clock.read, ...limits };
  const queue = new Queue('app at a:80', all);
  const heard: string[] = [];
  const guest = (name: string): Guest => ({
    proceed: () => heard.push(`${name} proceeds`),
    refuse: ({ reason }, where) => heard.push(`${name} ${reason} ${where}`),
  });
  const enter = (name: string) => {
    const one = guest(name);
    queue.enter(one);
    return one;
  };
  return { queue, timers, heard, enter, all };
}

describe('a queue', () => {
  test('lets in as many as there are connections, and the others in their order', async () => {
    const { queue, heard, enter } = stand();
    for (const name of ['a', 'b', 'c']) enter(name);
    assert.deepEqual([heard, queue.admitted, queue.waiting], [['a proceeds'], 1, 2]);
    queue.leave();
    await turn();
    queue.leave();
    await turn();
    assert.deepEqual(heard, ['a proceeds', 'b proceeds', 'c proceeds']);
    queue.leave();
    assert.deepEqual([queue.admitted, queue.waiting], [0, 0]);
  });

  test('says what may be expected of it', () => {
    const { queue, enter } = stand({ queue: 1 });
    const rooms = ['a', 'b'].map((name) => {
      const { room } = queue;
      enter(name);
      return room;
    });
    assert.deepEqual([...rooms, queue.room], ['free', 'busy', 'full']);
  });

  test('[case 70] sends away who waited too long, each at his own time, and nobody else', async () => {
    const { queue, timers, heard, enter } = stand();
    enter('a');
    enter('b');
    timers.advance(60);
    const c = enter('c');
    timers.advance(40);
    assert.deepEqual(heard.slice(1), ['b queue-full nowhere']);
    timers.advance(59);
    assert.equal(queue.waiting, 1);
    timers.advance(1);
    assert.deepEqual(heard.slice(2), ['c queue-full nowhere']);
    assert.equal(queue.withdraw(c), false);
    enter('d');
    timers.advance(99);
    queue.leave();
    await turn();
    assert.deepEqual(heard.slice(3), ['d proceeds']);
    timers.advance(1_000);
    assert.deepEqual([heard.length, timers.count], [4, 0]);
  });

  test('[case 70] that is emptied sends everybody on, and takes others', async () => {
    const { queue, heard, enter } = stand();
    for (const name of ['a', 'b', 'c']) enter(name);
    queue.empty(new Fault('unavailable', 'sick'));
    assert.deepEqual(heard.slice(1), ['b unavailable elsewhere', 'c unavailable elsewhere']);
    enter('d');
    queue.leave();
    await turn();
    assert.deepEqual(heard.slice(3), ['d proceeds']);
  });

  test('that is closed lets nobody in any more, not even who is on the way in', async () => {
    const { queue, heard, enter } = stand();
    for (const name of ['a', 'b', 'c']) enter(name);
    queue.leave();
    queue.close(new Fault('unavailable', 'gone'));
    enter('d');
    await turn();
    assert.deepEqual(heard, [
      'a proceeds',
      'c unavailable elsewhere',
      'd unavailable elsewhere',
      'b unavailable elsewhere',
    ]);
    assert.equal(queue.admitted, 0);
  });

  test('with more connections than before lets in who waits; with fewer, nobody until enough have left', async () => {
    const { queue, heard, enter, all } = stand();
    for (const name of ['a', 'b', 'c', 'd']) enter(name);
    queue.change({ ...all, connections: 3 });
    await turn();
    assert.deepEqual(heard, ['a proceeds', 'b proceeds', 'c proceeds']);
    queue.change({ ...all, connections: 1 });
    queue.leave();
    queue.leave();
    await turn();
    assert.equal(heard.length, 3);
    queue.leave();
    await turn();
    assert.equal(heard.at(-1), 'd proceeds');
  });
});
