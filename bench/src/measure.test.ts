import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Contender } from './contender.ts';
import { LoadGenerator } from './load/load-generator.ts';
import { list } from './load/targets.ts';
import { measure } from './measure.ts';
import type { Pair } from './pairs.ts';
import { pinning } from './processes/pinning.ts';
import { floorOnNet, floorOnNetOf } from './tiers.ts';

const cores = pinning();
const tellsCores = `throw new Error('may use ' + /Cpus_allowed_list:\\s*(\\S+)/.exec(require('fs').readFileSync('/proc/self/status', 'utf8'))[1])`;

const plan = { requests: 40, rounds: 2, connections: 4, warmUp: 0 };
const pairOf = (peer: Contender, more: Partial<Pair> = {}): Pair => ({
  id: 'test',
  what: 'a floor',
  ours: floorOnNet,
  peer,
  targets: () => list('/'),
  ...more,
});

test('both servers of a pair are measured in every round', async () => {
  await using generator = new LoadGenerator();
  const { ours, peer } = await measure(pairOf(floorOnNet), plan, { generator, pinning: undefined });
  for (const side of [ours, peer]) {
    assert.equal(side?.rounds.length, 2);
    assert.deepEqual([side?.missing, side?.wrong], [undefined, {}]);
    for (const { cpuUs, perSecond } of side?.rounds ?? []) assert.ok(cpuUs >= 0 && perSecond > 0);
  }
});

for (const [what, peer, reason] of [
  [
    'is not installed',
    { ...floorOnNet, name: 'Nobody', program: { name: 'Nobody', file: 'no-such-program', versionFlag: '-v' } },
    /Nobody is not installed/,
  ],
  [
    'does not start',
    { name: 'Faller', prepare: () => ({ name: 'faller', file: process.execPath, args: ['-e', 'process.exit(1)'] }) },
    /faller ended at start/,
  ],
  ['runs too few processes', { ...floorOnNet, leastProcesses: 2 }, /node:net runs 1 process instead of 2/],
] as const satisfies readonly [string, Contender, RegExp][]) {
  test(`a peer that ${what} is named, ours is measured without it`, async () => {
    await using generator = new LoadGenerator();
    const outcome = await measure(pairOf(peer), plan, { generator, pinning: undefined });
    assert.match(outcome.peer?.missing ?? '', reason);
    assert.equal(outcome.peer?.rounds.length, 0);
    assert.equal(outcome.ours.rounds.length, 2);
  });
}

test('a pair may want fewer requests of other answers, and has its goal', async () => {
  await using generator = new LoadGenerator();
  const pair = pairOf(floorOnNetOf(5_000), { ours: floorOnNetOf(5_000), expected: { status: 200, bodyBytes: 5_000 } });
  const outcome = await measure({ ...pair, share: 0.1, goal: 0.5 }, plan, { generator, pinning: undefined });
  assert.deepEqual([outcome.goal, outcome.ours.wrong, outcome.ours.rounds.length], [0.5, {}, 2]);
});

test('servers of a pinned pair run on the core of servers, the others anywhere', {
  skip: cores === undefined,
}, async () => {
  await using generator = new LoadGenerator();
  for (const isUnpinned of [false, true]) {
    const watched: Contender = {
      ...floorOnNet,
      prepare: () => ({ name: 'core', file: process.execPath, args: ['-e', tellsCores], environment: {} }),
    };
    const { ours } = await measure(pairOf(watched, { ours: watched, isUnpinned }), plan, { generator, pinning: cores });
    assert.match(ours.missing ?? '', isUnpinned ? /may use \d+[-,]/ : new RegExp(`may use ${cores?.serverCore}$`));
  }
});
