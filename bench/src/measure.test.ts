import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Contender } from './contender.ts';
import { LoadGenerator } from './load/load-generator.ts';
import { measure } from './measure.ts';
import type { Pair } from './pairs.ts';
import { floorOnNet } from './tiers.ts';

const plan = { requests: 40, rounds: 2, connections: 4, warmUp: 0 };
const pairOf = (peer: Contender, targets: readonly string[] = ['/']): Pair => ({
  id: 'test',
  what: 'a floor',
  ours: floorOnNet,
  peer,
  targets: () => targets,
});

test('both servers of a pair are measured in every round', async () => {
  await using generator = new LoadGenerator();
  const { ours, peer } = await measure(pairOf(floorOnNet), plan, generator);
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
    const outcome = await measure(pairOf(peer), plan, generator);
    assert.match(outcome.peer?.missing ?? '', reason);
    assert.equal(outcome.peer?.rounds.length, 0);
    assert.equal(outcome.ours.rounds.length, 2);
  });
}
