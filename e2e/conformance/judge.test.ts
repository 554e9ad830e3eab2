import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviationsOf, profiles } from './expected.ts';
import { disagreements, foretold, outcomes, score } from './judge.ts';
import { type Group, groupsOfSuite, type Result } from './suite.ts';

const groups: readonly Group[] = [
  {
    id: 'one',
    name: 'One',
    tests: [
      { id: 'base', name: 'b' },
      { id: 'more', name: 'm', depends_on: ['base'] },
    ],
  },
  { id: 'two', name: 'Two', tests: [{ id: 'fine', name: 'f', kind: 'optimal', depends_on: ['more'] }] },
];
const failed: Result = ['Assertion', 'Response 2 comes from cache'];
const unset: Result = ['Setup', 'Response 1 status is 502, not 200'];

const judged: [what: string, results: Record<string, Result>, outcomes: string][] = [
  ['passes what it passes', { base: true, more: true, fine: true }, 'pass pass pass'],
  [
    'has no meaning after a failure, however far',
    { base: failed, more: true, fine: true },
    'fail dependency dependency',
  ],
  ['has no meaning after a setup that failed', { base: unset, more: true, fine: true }, 'setup dependency dependency'],
  ['fails where it was not run', { base: true, fine: true }, 'pass fail dependency'],
  ['fails on what the harness does not know', { base: ['FetchError', 'socket hang up'] }, 'fail dependency dependency'],
];
for (const [what, results, expected] of judged) {
  test(`a test ${what}`, () => {
    assert.equal([...outcomes(groups, (id) => results[id]).values()].join(' '), expected);
  });
}

test('a score counts the tests of one kind, and a missing kind is required', () => {
  const tests = groups.flatMap((group) => group.tests);
  const all = outcomes(groups, (id) => (id === 'more' ? failed : true));
  assert.deepEqual(score(tests, 'required', all), { passed: 1, of: 2 });
  assert.deepEqual(score(tests, 'optimal', all), { passed: 0, of: 1 });
  assert.deepEqual(score(tests, 'check', all), { passed: 0, of: 0 });
});

const compared: [what: string, listed: string[], results: Record<string, Result>, said: string[]][] = [
  ['a list that is kept', ['more'], { base: true, more: failed, fine: true }, []],
  [
    'an unlisted failure',
    [],
    { base: true, more: failed, fine: true },
    ['more is not listed, and fails (Assertion: Response 2 comes from cache)'],
  ],
  ['a listed one that passes', ['more'], { base: true, more: true, fine: true }, ['more is listed, and passes']],
  [
    'one that fails otherwise',
    ['more'],
    { base: true, more: unset, fine: true },
    ['more fails in another way (Setup: Response 1 status is 502, not 200)'],
  ],
  ['one that was not run', [], { base: true, more: true }, ['fine was not run']],
  [
    'a name that the suite has not',
    ['mroe'],
    { base: true, more: true, fine: true },
    ['mroe is listed, and the suite has no such test'],
  ],
  ['a name that is there twice', ['more', 'more'], { base: true, more: failed, fine: true }, ['more is listed twice']],
];
for (const [what, tests, results, said] of compared) {
  test(`the comparison tells ${what}`, () => {
    assert.deepEqual(disagreements(groups, [{ why: 'so', tests }], results), said);
  });
}

test('the list names tests of the suite, each once', async () => {
  const suite = await groupsOfSuite();
  for (const profile of profiles) {
    const deviations = deviationsOf(profile);
    const expected = foretold(deviations);
    const results = Object.fromEntries(suite.flatMap(({ tests }) => tests.map(({ id }) => [id, expected(id)])));
    assert.deepEqual(disagreements(suite, deviations, results), [], profile.name);
  }
});
