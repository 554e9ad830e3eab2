import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '@trivet/kit/semantics/fault.ts';
import { ManualTimers } from '@trivet/kit/testing/manual-timers.ts';
import fc from 'fast-check';
import { chooseWorker } from './choose-worker.ts';
import { type Guest, Places } from './places.ts';

type SlotName = `${number}/${number}`;

class Request implements Guest<SlotName> {
  slot: SlotName | undefined;
  fault: Fault | undefined;
  readonly onWelcome: (request: Request) => void;

  constructor(onWelcome: (request: Request) => void = () => undefined) {
    this.onWelcome = onWelcome;
  }

  welcome(slot: SlotName): void {
    this.slot = slot;
    this.onWelcome(this);
  }

  turnAway(fault: Fault): void {
    this.fault = fault;
  }
}

function stand(queue = 10) {
  const timers = new ManualTimers();
  const limits = { queue, queueWaitMs: 1000, timer: timers.set, clock: timers.clock.read };
  return { timers, places: new Places<SlotName, Request>(limits) };
}

test('the worker with the fewest requests is chosen, of equals the one that was used last', () => {
  const worker = (busy: number, idle: number, usedAt: number, isRetired = false) => ({ busy, idle, usedAt, isRetired });
  const [one, other] = [worker(1, 1, 9), worker(0, 1, 1)];
  assert.equal(chooseWorker([one, other]), other);
  assert.equal(chooseWorker([worker(0, 1, 1), worker(0, 1, 3), worker(0, 1, 2)])?.usedAt, 3);
  assert.equal(chooseWorker([worker(0, 0, 1), worker(0, 1, 2, true)]), undefined);
});

test('a request that comes when nothing is free waits, and gets what comes free first', () => {
  const { places } = stand();
  places.add(1, '1/0');
  const [first, second, third] = [new Request(), new Request(), new Request()];
  for (const request of [first, second, third]) assert.ok(places.place(request));
  assert.deepEqual([first.slot, second.slot, third.slot], ['1/0', undefined, undefined]);
  assert.deepEqual([places.busy, places.idle, places.queued, places.mostQueued], [1, 0, 2, 2]);
  places.leave('1/0');
  assert.deepEqual([second.slot, third.slot], ['1/0', undefined]);
  places.add(1, '1/1');
  assert.equal(third.slot, '1/1');
});

test('beyond the limit of the queue a request is not placed', () => {
  const { places } = stand(1);
  assert.deepEqual([places.place(new Request()), places.place(new Request())], [true, false]);
});

test('who waited for too long is turned away', () => {
  const { places, timers } = stand();
  const request = new Request();
  places.place(request);
  timers.advance(1000);
  assert.deepEqual([request.fault?.reason, request.fault?.status, places.queued], ['queue-late', 504, 0]);
});

test('who lost its slot waits before all others, and no longer than it would have', () => {
  const { places, timers } = stand();
  places.add(1, '1/0');
  const [first, second] = [new Request(), new Request()];
  places.place(first);
  timers.advance(400);
  places.place(second);
  places.remove(1, '1/0');
  places.placeAgain(first, timers.clock.now + 600);
  timers.advance(599);
  assert.deepEqual([first.fault, second.fault], [undefined, undefined]);
  timers.advance(1);
  assert.equal(first.fault?.reason, 'queue-late');
  timers.advance(400);
  assert.equal(second.fault?.reason, 'queue-late');
  const [third, fourth] = [new Request(), new Request()];
  places.place(third);
  places.placeAgain(fourth, timers.clock.now + 10);
  places.add(2, '2/0');
  assert.deepEqual([fourth.slot, third.slot], ['2/0', undefined]);
});

test('who withdraws is not served', () => {
  const { places } = stand();
  const [first, second] = [new Request(), new Request()];
  for (const request of [first, second]) places.place(request);
  places.withdraw(first);
  places.add(1, '1/0');
  assert.deepEqual([first.slot, second.slot], [undefined, '1/0']);
});

test('a worker that is retired gets nothing, and it is told when it has nothing', () => {
  const { places } = stand();
  for (const slot of ['1/0', '1/1'] as const) places.add(1, slot);
  const request = new Request();
  places.place(request);
  let isIdle = false;
  places.retire(1, () => {
    isIdle = true;
  });
  const next = new Request();
  places.place(next);
  assert.deepEqual([next.slot, isIdle], [undefined, false]);
  places.leave(request.slot ?? '9/9');
  assert.deepEqual([next.slot, isIdle], [undefined, true]);
  for (const slot of ['1/0', '1/1'] as const) places.remove(1, slot);
  places.retire(1, () => {
    isIdle = false;
  });
  assert.equal(isIdle, false);
});

test('a guest that gives its slot back at once leaves it to the next', () => {
  const { places } = stand();
  const served: number[] = [];
  const guests = [0, 1, 2].map(
    (index) =>
      new Request((request) => {
        served.push(index);
        if (index < 2) places.leave(request.slot ?? '9/9');
      }),
  );
  for (const guest of guests) places.place(guest);
  places.add(1, '1/0');
  assert.deepEqual(served, [0, 1, 2]);
});

type Step = { readonly does: keyof typeof doings; readonly worker: number; readonly slot: number };

/** What Places should come to, by a slow reading: sets of slots and a list of who waits. */
class Model {
  readonly known = new Map<SlotName, number>();
  readonly retired = new Set<number>();
  readonly held = new Map<SlotName, Request>();
  waiting: Request[] = [];

  get free(): SlotName[] {
    return [...this.known].filter(([slot, id]) => !this.held.has(slot) && !this.retired.has(id)).map(([slot]) => slot);
  }

  busyOf(worker: number): number {
    return [...this.held.keys()].filter((slot) => this.known.get(slot) === worker).length;
  }
}

type Run = { readonly places: Places<SlotName, Request>; readonly model: Model; onWelcome(request: Request): void };

const doings = {
  add({ places, model }: Run, worker: number, name: SlotName) {
    if (model.known.has(name) || model.retired.has(worker)) return;
    model.known.set(name, worker);
    places.add(worker, name);
  },
  remove({ places, model }: Run, worker: number, name: SlotName) {
    model.held.delete(name);
    model.known.delete(name);
    places.remove(worker, name);
    if (![...model.known.values()].includes(worker)) model.retired.delete(worker);
  },
  retire({ places, model }: Run, worker: number) {
    if (![...model.known.values()].includes(worker)) return;
    model.retired.add(worker);
    places.retire(worker);
  },
  place: (run: Run) => arrive(run, (request) => run.places.place(request)),
  again: (run: Run) => arrive(run, (request) => run.places.placeAgain(request, 0), true),
  withdraw({ places, model }: Run, at: number) {
    for (const request of model.waiting.splice(at, 1)) places.withdraw(request);
  },
  leave({ places, model }: Run) {
    const [slot] = model.held.keys();
    if (slot === undefined) return;
    model.held.delete(slot);
    places.leave(slot);
  },
};

function arrive({ model, onWelcome }: Run, place: (request: Request) => void, isFirst = false): void {
  const request = new Request(onWelcome);
  place(request);
  if (request.slot !== undefined) return;
  if (isFirst) model.waiting.unshift(request);
  else model.waiting.push(request);
}

const step: fc.Arbitrary<Step> = fc.record({
  does: fc.constantFrom('add', 'remove', 'retire', 'place', 'place', 'place', 'again', 'withdraw', 'leave', 'leave'),
  worker: fc.nat(2),
  slot: fc.nat(2),
});

test('whatever happens, slots are given once, in order, and never those of a retired worker', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { places } = stand(1000);
      const model = new Model();
      const onWelcome = (request: Request) => {
        const slot = request.slot ?? '9/9';
        const worker = model.known.get(slot) ?? -1;
        assert.ok(!model.held.has(slot) && !model.retired.has(worker) && worker >= 0, `${slot} was free`);
        const least = Math.min(...model.free.map((name) => model.busyOf(model.known.get(name) ?? -1)));
        assert.equal(model.busyOf(worker), least);
        model.held.set(slot, request);
        const isFirst = model.waiting[0] === request || !model.waiting.includes(request);
        assert.ok(isFirst, 'nobody is overtaken');
        model.waiting = model.waiting.filter((one) => one !== request);
      };
      for (const { does, worker, slot } of steps) {
        doings[does]({ places, model, onWelcome }, worker, `${worker}/${slot}`);
        assert.ok(model.waiting.length === 0 || model.free.length === 0, 'nobody waits while a slot is free');
        const come = [model.held.size, model.free.length, model.waiting.length];
        assert.deepEqual([places.busy, places.idle, places.queued], come);
      }
    }),
    { numRuns: 500 },
  );
});
