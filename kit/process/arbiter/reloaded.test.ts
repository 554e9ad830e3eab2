import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GroupView, MemberView } from './plan.ts';
import { outcomeOf, sentenceOf } from './reloaded.ts';

const worker = (place: number, generation: number, state: MemberView['state'] = 'ready'): MemberView => ({
  ...{ id: place, place, generation, state },
  ...{ since: 0, inFlight: 0, hasServed: state === 'ready' },
});
const group = (members: readonly MemberView[], failedBoots = 0): GroupView => ({
  ...{ members, failedBoots, generation: 2, wanted: 2, lastFall: 0 },
  notBefore: [0, 0],
});

for (const [what, view, lastEnd, expected] of [
  ['is over when each place has the new code', group([worker(1, 2), worker(2, 2)]), undefined, 'generation 2 serves'],
  ['goes on while one place has the old', group([worker(1, 2), worker(2, 1)]), undefined, undefined],
  ['goes on while one is starting', group([worker(1, 2), worker(2, 2, 'starting')]), undefined, undefined],
  ['goes on after one failed boot', group([worker(1, 1), worker(2, 1)], 1), 'exit code 1', undefined],
  [
    'is given up after two',
    group([worker(1, 1), worker(2, 1)], 2),
    'exit code 1: oh',
    'not reloaded: exit code 1: oh; who',
  ],
  ['is given up, whoever knows why', group([worker(1, 1)], 2), undefined, 'not reloaded: it did not come up; who'],
] as const) {
  test(`a reload ${what}`, () => {
    const outcome = outcomeOf(view, lastEnd);
    if (expected === undefined) return assert.equal(outcome, undefined);
    assert.ok(outcome !== undefined);
    assert.ok(sentenceOf(outcome).includes(expected), sentenceOf(outcome));
  });
}
