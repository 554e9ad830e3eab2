// The plan, held to what it promises whatever happens.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Action, type GroupView, isHeld, isSettled, type MemberView, plan, rareMs, type Tired } from './plan.ts';

const limits = { startupMs: 1000, gracefulMs: 500 };
const tirednesses: readonly Tired[] = ['max-requests', 'max-age', 'max-rss', 'timeout', 'asked'];
const most = 5;

type Model = { -readonly [key in keyof MemberView]: MemberView[key] };

/** The processes as the plan makes them, and chance. */
class World {
  now = 0;
  generation = 1;
  failedBoots = 0;
  lastFall = 0;
  wanted: number;
  readonly notBefore: number[] = Array.from({ length: most }, () => 0);
  members: Model[] = [];
  #serial = 0;

  constructor(wanted: number) {
    this.wanted = wanted;
  }

  view(): GroupView {
    const { members, wanted, notBefore, generation, failedBoots, lastFall } = this;
    return { members: members.map((member) => ({ ...member })), wanted, notBefore, generation, failedBoots, lastFall };
  }

  /** Does what the plan says until it says no more, and holds it to what it promises. */
  turn(): void {
    for (let round = 0; ; round += 1) {
      assert.ok(round < 5, 'the plan comes to rest');
      const before = this.view();
      const actions = plan(before, limits, this.now).filter((action) => action.do !== 'wait');
      for (const action of actions) check(action, before, this.now);
      for (const action of actions) this.#do(action);
      const relieving = this.members.filter(({ state, hasServed }) => state === 'starting' && !hasServed);
      assert.ok(new Set(relieving.map(({ place }) => place)).size === relieving.length, 'one start for a place');
      if (actions.length === 0) return;
    }
  }

  happen(kind: string, at: number): void {
    const found = this.members[at % Math.max(1, this.members.length)];
    if (kind === 'reload') this.#reload();
    else if (kind === 'resize') this.wanted = 1 + (at % most);
    else if (kind === 'time') this.now += at;
    else if (kind === 'long') this.now += rareMs;
    else if (found !== undefined) this.#toOne(found, kind, at);
  }

  #reload(): void {
    this.generation += 1;
    this.failedBoots = 0;
    this.notBefore.fill(0);
  }

  #toOne(found: Model, kind: string, at: number): void {
    if (kind === 'up' && found.state === 'starting') this.#up(found);
    else if (kind === 'dying') Object.assign(found, { state: 'gone', since: this.now });
    else if (kind === 'gone') this.#gone(found);
    else if (kind === 'drained') found.inFlight = 0;
    else if (kind === 'tired' && found.tired !== 'timeout') found.tired = tirednesses[at % tirednesses.length];
  }

  #up(found: Model): void {
    Object.assign(found, { state: 'ready', since: this.now, hasServed: true });
    if (found.generation === this.generation) this.failedBoots = 0;
  }

  #gone(found: Model): void {
    this.members = this.members.filter((other) => other !== found);
    if (found.state === 'leaving' || found.hasServed) return;
    if (found.generation === this.generation) this.failedBoots += 1;
    this.lastFall = this.now;
    this.notBefore[found.place - 1] = this.now + 100;
  }

  #do(action: Action): void {
    if (action.do === 'wait') return;
    if (action.do === 'start') {
      this.#serial += 1;
      const { generation, now: since } = this;
      const seat = { id: this.#serial, place: action.place, generation, since };
      this.members.push({ ...seat, state: 'starting', hasServed: false, inFlight: 1 });
      return;
    }
    const states = { retire: 'leaving', dump: 'hung', end: 'ending', kill: 'ending' } as const;
    const found = this.members.find(({ id }) => id === action.id);
    if (found) Object.assign(found, { state: states[action.do], since: this.now });
  }
}

function check(action: Action, group: GroupView, now: number): void {
  if (action.do === 'start') return checkStart(action.place, group, now);
  if (action.do === 'wait') return;
  const of = group.members.find(({ id }) => id === action.id);
  assert.ok(of);
  const isRelieved = group.members.some(
    (other) =>
      other.place === of.place && other.state === 'ready' && other.generation === group.generation && !other.tired,
  );
  if (action.do === 'retire')
    assert.ok(isRelieved || of.place > group.wanted, 'who serves goes once another serves there');
  if (action.do === 'retire' && action.why === 'reload') assert.notEqual(of.generation, group.generation);
  if (action.do === 'dump') assert.equal(of.tired, 'timeout');
  if (action.do === 'kill' || action.do === 'end') assert.notEqual(of.state, 'ready');
}

function checkStart(place: number, group: GroupView, now: number): void {
  const { members, wanted, notBefore, generation } = group;
  assert.ok(place <= wanted && now >= (notBefore[place - 1] ?? 0), 'nobody is started too early, or too many');
  const serving = members.filter(
    (other) => other.place === place && other.state === 'ready' && other.tired !== 'timeout',
  );
  const starting = members.filter((other) => other.state === 'starting' && other.generation === generation);
  assert.ok(
    starting.every((other) => other.place !== place),
    'one start for a place',
  );
  if (serving.length === 0) return;
  assert.ok(
    !isHeld(group) || serving.some(({ tired }) => tired),
    'code that was given up is not tried beside who serves',
  );
  // Beside one that hangs it is no relief: the place is empty, and is filled.
  const isRelief = (other: MemberView) =>
    members.some(({ place: its, state, tired }) => its === other.place && state === 'ready' && tired !== 'timeout');
  assert.ok(!starting.some(isRelief), 'one is replaced at a time');
}

const happenings = fc.array(
  fc.tuple(
    fc.constantFrom('up', 'up', 'dying', 'gone', 'drained', 'reload', 'time', 'time', 'long', 'tired', 'resize'),
    fc.integer({ min: 0, max: 700 }),
  ),
  { maxLength: 60 },
);

/** Its place is empty then, and the next one's turn comes. */
const hangsWhileItIsRelieved: [string, number][] = [
  ['up', 0],
  ['up', 117],
  ['reload', 0],
  ['tired', 378],
];

/** It is not known yet whether the code is good when another place would be next. */
const reliefThatDoesNotComeUp: [string, number][] = [
  ['up', 57],
  ['up', 324],
  ['reload', 0],
  ['time', 1000],
];

test('whatever happens, nobody goes before he is relieved; once nothing more happens, all have the code as it is', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: most }), happenings, (wanted, happened) => {
      const world = new World(wanted);
      world.turn();
      for (const [kind, at] of happened) {
        world.happen(kind, at);
        world.turn();
      }
      world.happen('reload', 0);
      for (let round = 0; round < 100 && !isQuiet(world); round++) letBe(world);
      assert.ok(isQuiet(world), JSON.stringify(world.view()));
    }),
    {
      numRuns: 500,
      examples: [
        [2, reliefThatDoesNotComeUp],
        [2, hangsWhileItIsRelieved],
      ],
    },
  );
});

test('a reload to code that never comes up leaves as many as there were, with the code that they had', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: most }), fc.array(fc.integer({ min: 0, max: 1500 })), (wanted, times) => {
      const world = new World(wanted);
      world.turn();
      for (const member of world.members) Object.assign(member, { state: 'ready', hasServed: true });
      world.happen('reload', 0);
      for (const ms of [0, ...times, 1000, 1000, 5000]) {
        world.happen('time', ms);
        world.turn();
        for (const member of world.members.filter(({ generation }) => generation === 2)) {
          world.happen('gone', world.members.indexOf(member));
        }
      }
      assert.equal(isHeld(world), true);
      assert.deepEqual(
        world.members.map(({ generation, state }) => [generation, state]),
        Array.from({ length: wanted }, () => [1, 'ready']),
      );
    }),
  );
});

/** Everybody does what is expected of him. */
function letBe(world: World): void {
  world.turn();
  world.happen('time', 200);
  for (const member of world.members) {
    const { state } = member;
    if (state === 'starting') world.happen('up', world.members.indexOf(member));
    if (state === 'leaving') member.inFlight = 0;
  }
  world.members = world.members.filter(({ state }) => state !== 'ending' && state !== 'gone');
  for (const member of world.members) {
    if (member.state === 'hung') Object.assign(member, { state: 'ending' });
  }
  world.turn();
}

function isQuiet(world: World): boolean {
  return isSettled(world.view()) && world.members.every(({ tired }) => !tired) && world.members.length === world.wanted;
}
