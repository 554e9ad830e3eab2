import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../testing/seeded-random.ts';
import { type Ask, type Balance, type Candidate, choose, order, type Standing } from './balance.ts';
import { seedOf } from './rendezvous.ts';
import { firstTurn } from './smooth.ts';

type Fake = Candidate & { readonly standing: Standing };

const fake = (id: string, more: Partial<Fake> = {}): Fake => ({
  ...{ id, inFlight: 0, seed: seedOf(id), standing: 'free', peak: undefined, isBackup: false },
  ...{ weight: 1, share: more.weight ?? 1, turn: firstTurn },
  ...more,
});
const ask = (balance: Balance, more: Partial<Ask> = {}): Ask => ({
  ...{ balance, key: '/', now: 0, random: () => 0 },
  ...more,
});
const draws = (...numbers: number[]) => {
  let at = 0;
  return () => numbers[at++] ?? 0;
};
const standingOf = ({ standing }: Fake) => standing;
const ordered = (members: readonly Fake[], how: Ask) =>
  order(members, standingOf, how).map(({ member, why }) => `${member.id} ${why}`);
const chosen = (members: readonly Fake[], how: Ask) => choose(members, standingOf, how);

const took = (ms: number) => ({ ms, at: 0 });

describe('by weight, members are asked', () => {
  for (const [what, members, how, expected] of [
    [
      'fewest requests for its weight first',
      [fake('a', { inFlight: 4, weight: 5 }), fake('b', { inFlight: 1 }), fake('c', { inFlight: 1, weight: 2 })],
      ask('least-connections'),
      ['c fewest', 'a fewest', 'b fewest'],
    ],
    [
      'idle ones by their turns',
      [fake('a'), fake('b', { weight: 3 })],
      ask('least-connections'),
      ['b fewest', 'a fewest'],
    ],
    [
      'who answers fastest first, and one that nobody knows before all',
      [fake('a', { peak: took(50) }), fake('b', { peak: took(20) }), fake('c')],
      ask('peak-ewma'),
      ['c fastest', 'b fastest', 'a fastest'],
    ],
    [
      'a fast one behind a slow one when it has much in flight',
      [fake('a', { peak: took(50) }), fake('b', { peak: took(20), inFlight: 2 }), fake('c', { inFlight: 1 })],
      ask('peak-ewma'),
      ['a fastest', 'b fastest', 'c fastest'],
    ],
    [
      'a slow one before a fast one when it weighs as much more',
      [fake('a', { peak: took(20) }), fake('b', { peak: took(50), weight: 3 })],
      ask('peak-ewma'),
      ['b fastest', 'a fastest'],
    ],
    [
      'one that was slow long ago before one that is fast',
      [fake('a', { peak: { ms: 20, at: 100_000 } }), fake('b', { peak: took(500) })],
      ask('peak-ewma', { now: 100_000 }),
      ['b fastest', 'a fastest'],
    ],
    [
      'the less busy of the first two that are drawn, though a third is idle',
      [fake('a', { inFlight: 3 }), fake('b', { inFlight: 2 }), fake('c')],
      ask('two-choices', { random: draws(0, 0) }),
      ['b less-busy', 'a less-busy', 'c less-busy'],
    ],
    [
      'the first that is drawn of two that are equally busy for their weights',
      [fake('a', { inFlight: 2 }), fake('b', { inFlight: 6, weight: 3 })],
      ask('two-choices', { random: draws(0.9) }),
      ['b less-busy', 'a less-busy'],
    ],
    [
      'by chance, each as its weight says',
      [fake('a', { weight: 1 }), fake('b', { weight: 8 }), fake('c', { weight: 1 })],
      ask('random', { random: draws(0.11, 0.49, 0.99) }),
      ['b random', 'a random', 'c random'],
    ],
  ] as const) {
    test(`${how.balance}: ${what}`, () => assert.deepEqual(ordered(members, how), expected));
  }
});

const balances: readonly Balance[] = [
  ...(['round-robin', 'random', 'least-connections', 'peak-ewma'] as const),
  ...(['two-choices', 'hash', 'fallback'] as const),
];

describe('a backup', () => {
  for (const balance of balances) {
    test(`is asked behind those that wait and before those that failed, by ${balance}`, () => {
      const members = [
        fake('failed backup', { standing: 'ejected', isBackup: true }),
        fake('busy backup', { standing: 'busy', isBackup: true }),
        fake('backup', { isBackup: true, weight: 100, peak: took(0) }),
        fake('failed', { standing: 'ejected' }),
        fake('busy', { standing: 'busy', inFlight: 512, peak: took(9_000) }),
        fake('sick', { standing: 'sick' }),
        fake('full', { standing: 'full' }),
      ];
      assert.deepEqual(ordered(members, ask(balance)), [
        ...['busy busy', 'backup backup', 'busy backup backup'],
        ...['failed ejected', 'failed backup ejected'],
      ]);
    });
  }
});

describe('a client that is to stay with a member', () => {
  for (const [standing, isBackup, why] of [
    ['free', false, 'b sticky'],
    ['busy', false, 'b sticky'],
    ['free', true, 'b sticky'],
    ['busy', true, 'b sticky'],
    ['full', false, 'a turn'],
    ['ejected', false, 'a turn'],
    ['ejected', true, 'a turn'],
    ['sick', false, 'a turn'],
  ] as const) {
    test(`goes to ${why} when b is ${standing}${isBackup ? ' and a backup' : ''}`, () => {
      const members = [fake('a'), fake('b', { standing, isBackup })];
      const how = ask('round-robin', { stickyTo: 'b' });
      assert.equal(ordered(members, how)[0], why);
      const choice = chosen(members, how);
      assert.equal(`${choice?.member.id} ${choice?.why}`, why);
      assert.deepEqual(
        choice?.inTurn.map(({ id }) => id),
        why === 'b sticky' ? [] : expectedTurn(standing, isBackup),
      );
    });
  }

  test('is given to the balance when that member is gone', () => {
    assert.deepEqual(ordered([fake('a'), fake('b')], ask('fallback', { stickyTo: 'c' })), ['a first', 'b first']);
  });
});

/** Who takes part in a turn that a gets: those as good as a. */
function expectedTurn(standing: Standing, isBackup: boolean): string[] {
  return standing === 'free' && !isBackup ? ['a', 'b'] : ['a'];
}

test('only those take part in a turn that are as good as who is asked, and as little busy where that decides', () => {
  const members = [
    fake('a', { inFlight: 2 }),
    fake('b', { inFlight: 4, weight: 2 }),
    fake('c', { inFlight: 3 }),
    fake('d', { standing: 'busy' }),
    fake('e', { isBackup: true }),
  ];
  const inTurn = (balance: Balance) => chosen(members, ask(balance))?.inTurn.map(({ id }) => id);
  assert.deepEqual(inTurn('round-robin'), ['a', 'b', 'c']);
  assert.deepEqual(inTurn('least-connections'), ['a', 'b']);
  assert.deepEqual(inTurn('random'), []);
});

test('who is chosen is the first of the order, whatever the balance', () => {
  const standings = fc.constantFrom<Standing>('free', 'busy', 'ejected', 'full', 'sick');
  const member = fc.record({
    standing: standings,
    isBackup: fc.boolean(),
    inFlight: fc.nat(3),
    weight: fc.integer({ min: 1, max: 100 }),
    peak: fc.option(fc.record({ ms: fc.nat(100), at: fc.nat(100) }), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.constantFrom(...balances), fc.array(member), fc.nat(12), (balance, given, sticky) => {
      const members = given.map((more, at) => fake(String(at), more));
      const how = { key: 'x', now: 50, stickyTo: String(sticky), random: () => 0.4 };
      const choice = chosen(members, ask(balance, how));
      const [first] = order(members, standingOf, ask(balance, how));
      assert.deepEqual([choice?.member, choice?.why], [first?.member, first?.why]);
    }),
  );
});

describe('in thousands of requests each has its share by weight', () => {
  for (const balance of ['random', 'two-choices', 'hash'] as const) {
    test(`by ${balance}`, () => {
      const members = [fake('a'), fake('b', { weight: 3 }), fake('c', { weight: 6 })];
      const counts = new Map(members.map(({ id }) => [id, 0]));
      const { below } = seededRandom(1);
      const chance = () => below(2 ** 30) / 2 ** 30;
      for (let n = 0; n < 10_000; n++) {
        const id = chosen(members, ask(balance, { key: `/${n}`, random: chance }))?.member.id ?? '';
        counts.set(id, (counts.get(id) ?? 0) + 1);
      }
      for (const { id, weight } of members) {
        const count = counts.get(id) ?? 0;
        assert.ok(Math.abs(count - weight * 1_000) < 200, `${id}: ${count}`);
      }
    });
  }
});
