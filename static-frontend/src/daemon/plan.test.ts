import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Action, type GroupView, isHeld, isSettled, plan, type WorkerView } from './plan.ts';

const limits = { startupMs: 1000, gracefulMs: 500 };

const worker = (given: Partial<WorkerView>): WorkerView => ({
  ...{ id: 1, place: 1, generation: 1, state: 'ready', since: 0, inFlight: 1 },
  ...given,
});
const group = (workers: readonly Partial<WorkerView>[], rest: Partial<GroupView> = {}): GroupView => ({
  ...{ notBefore: [0], generation: 1, failedBoots: 0 },
  ...rest,
  workers: workers.map(worker),
});

describe('the plan for the processes of the app', () => {
  const two = { notBefore: [0, 0] };
  for (const [what, given, now, expected] of [
    [
      'starts all that are missing, at once',
      group([], two),
      0,
      [
        { do: 'start', place: 1, why: 'missing' },
        { do: 'start', place: 2, why: 'missing' },
      ],
    ],
    ['leaves those alone that serve', group([{}, { id: 2, place: 2 }], two), 9e9, []],
    ['waits where somebody fell again and again', group([], { notBefore: [250] }), 100, [{ do: 'wait', until: 250 }]],
    [
      'starts in his place when that is over',
      group([], { notBefore: [250] }),
      250,
      [{ do: 'start', place: 1, why: 'missing' }],
    ],
    [
      'kills who does not come up',
      group([{ state: 'starting' }]),
      1000,
      [{ do: 'kill', id: 1, why: 'startup-timeout' }],
    ],
    ['gives him his time', group([{ state: 'starting' }]), 400, [{ do: 'wait', until: 1000 }]],
    [
      'begins a reload with one more process',
      group([{}, { id: 2, place: 2 }], { ...two, generation: 2 }),
      0,
      [{ do: 'start', place: 1, why: 'reload' }],
    ],
    [
      'takes nobody off the list before the new one is ready',
      group([{}, { id: 2, place: 2 }, { id: 3, generation: 2, state: 'starting' }], { ...two, generation: 2 }),
      0,
      [{ do: 'wait', until: 1000 }],
    ],
    [
      'takes the old one off once it is, and goes on with the next',
      group([{}, { id: 2, place: 2 }, { id: 3, generation: 2 }], { ...two, generation: 2 }),
      0,
      [
        { do: 'retire', id: 1, why: 'replaced' },
        { do: 'start', place: 2, why: 'reload' },
      ],
    ],
    [
      'ends who is off the list when all is answered',
      group([{ state: 'leaving', inFlight: 0 }, { id: 2 }]),
      0,
      [{ do: 'end', id: 1, why: 'idle' }],
    ],
    [
      'or when that takes too long',
      group([{ state: 'leaving' }, { id: 2 }]),
      500,
      [{ do: 'end', id: 1, why: 'graceful-timeout' }],
    ],
    [
      'kills who does not end',
      group([{ state: 'ending' }, { id: 2 }]),
      10_500,
      [{ do: 'kill', id: 1, why: 'does-not-end' }],
    ],
    [
      'kills who is loading code that has changed since, and starts another',
      group([{ state: 'starting' }], { generation: 2 }),
      0,
      [
        { do: 'kill', id: 1, why: 'outdated' },
        { do: 'start', place: 1, why: 'missing' },
      ],
    ],
    ['gives code up that failed twice; who serves goes on', group([{}], { generation: 2, failedBoots: 2 }), 9e9, []],
    [
      'tries that code all the same where nobody serves',
      group([{}], { ...two, generation: 2, failedBoots: 2 }),
      0,
      [{ do: 'start', place: 2, why: 'missing' }],
    ],
  ] satisfies readonly (readonly [string, GroupView, number, Action[]])[]) {
    test(what, () => assert.deepEqual(plan(given, limits, now), expected));
  }
});

/** The processes as the plan makes them, and chance. */
class World {
  now = 0;
  generation = 1;
  failedBoots = 0;
  readonly notBefore: number[];
  workers: (WorkerView & { state: WorkerView['state'] })[] = [];
  #serial = 0;

  constructor(count: number) {
    this.notBefore = Array.from({ length: count }, () => 0);
  }

  view(): GroupView {
    const { workers, notBefore, generation, failedBoots } = this;
    return { workers, notBefore, generation, failedBoots };
  }

  /** Does what the plan says, and holds it to what it promises. Returns until when it waits. */
  turn(): number | undefined {
    const before = this.view();
    const actions = plan(before, limits, this.now);
    for (const action of actions) this.#check(action, before);
    for (const action of actions) this.#do(action);
    const live = this.workers.filter(({ state }) => state === 'starting' || state === 'ready');
    assert.ok(live.length <= this.notBefore.length + 1, `${live.length} processes`);
    const again = plan(this.view(), limits, this.now).filter((action) => action.do !== 'wait');
    assert.ok(
      again.every(({ do: what }) => what === 'end'),
      'all was said at once',
    );
    return actions.find((action) => action.do === 'wait')?.until;
  }

  event(kind: string, at: number): void {
    const found = this.workers[at % Math.max(1, this.workers.length)];
    if (kind === 'reload') {
      this.generation += 1;
      this.failedBoots = 0;
      this.notBefore.fill(0);
    } else if (kind === 'time') this.now += at;
    else if (found !== undefined && kind === 'up' && found.state === 'starting') this.#up(found);
    else if (found !== undefined && kind === 'gone') this.#gone(found);
    else if (found !== undefined && kind === 'drained') Object.assign(found, { inFlight: 0 });
  }

  #up(found: World['workers'][number]): void {
    Object.assign(found, { state: 'ready', since: this.now });
    if (found.generation === this.generation) this.failedBoots = 0;
  }

  #gone(found: World['workers'][number]): void {
    this.workers = this.workers.filter((other) => other !== found);
    if (found.state === 'leaving' || found.state === 'ending') return;
    if (found.state === 'starting') this.failedBoots += 1;
    this.notBefore[found.place - 1] = this.now + 100;
  }

  #check(action: Action, { workers, notBefore, generation }: GroupView): void {
    const of = (id: number) => workers.find((other) => other.id === id);
    const isServed = (place: number) => workers.some((other) => other.place === place && other.state === 'ready');
    if (action.do === 'retire') {
      const isRelieved = workers.some(
        (other) => other.place === of(action.id)?.place && other.state === 'ready' && other.generation === generation,
      );
      assert.ok(isRelieved, 'who serves goes once another serves in his place');
    }
    if (action.do === 'kill' || action.do === 'end') assert.notEqual(of(action.id)?.state, 'ready');
    if (action.do !== 'start') return;
    assert.ok(this.now >= (notBefore[action.place - 1] ?? 0), 'nobody is started too early');
    assert.ok(!isServed(action.place) || !isHeld(this), 'code that was given up is not tried beside who serves');
  }

  #do(action: Action): void {
    if (action.do === 'start') {
      this.#serial += 1;
      const { place } = action;
      this.workers.push({
        id: this.#serial,
        place,
        generation: this.generation,
        state: 'starting',
        since: this.now,
        inFlight: 1,
      });
    }
    const at = 'id' in action ? this.workers.find(({ id }) => id === action.id) : undefined;
    if (at && action.do === 'retire') Object.assign(at, { state: 'leaving', since: this.now });
    if (at && (action.do === 'end' || action.do === 'kill')) Object.assign(at, { state: 'ending', since: this.now });
  }
}

const events = fc.array(
  fc.tuple(fc.constantFrom('up', 'up', 'gone', 'drained', 'reload', 'time', 'time'), fc.integer({ min: 0, max: 700 })),
  { maxLength: 60 },
);

/** It is not known yet whether the code is good when another place would be next. */
const reliefThatDoesNotComeUp: [string, number][] = [
  ['up', 57],
  ['up', 324],
  ['reload', 0],
  ['time', 1000],
];

test('whatever happens, nobody goes before he is relieved; once nothing more happens, all have the code as it is', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), events, (count, happened) => {
      const world = new World(count);
      world.turn();
      for (const [kind, at] of happened) {
        world.event(kind, at);
        world.turn();
      }
      world.event('reload', 0);
      for (let round = 0; round < 10 * (count + 2) && !isQuiet(world); round++) letBe(world);
      assert.ok(isQuiet(world), JSON.stringify(world.workers));
    }),
    { examples: [[2, reliefThatDoesNotComeUp]] },
  );
});

/** Everybody does what is expected of him. */
function letBe(world: World): void {
  world.turn();
  for (const [state, kind] of [
    ['ending', 'gone'],
    ['leaving', 'drained'],
    ['starting', 'up'],
  ] as const) {
    const at = world.workers.findIndex(
      (other) => other.state === state && other.inFlight > (state === 'leaving' ? 0 : -1),
    );
    if (at >= 0) world.event(kind, at);
  }
}

function isQuiet(world: World): boolean {
  return isSettled(world.view()) && world.workers.length === world.notBefore.length;
}
