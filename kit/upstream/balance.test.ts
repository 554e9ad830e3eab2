import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Ask, type Balance, type Candidate, choose, order, type Standing } from './balance.ts';
import { seedOf } from './rendezvous.ts';
import { afterPick, firstTurn } from './smooth.ts';

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
const ordered = (members: readonly Fake[], how: Ask) =>
  order(members, ({ standing }) => standing, how).map(({ member, why }) => `${member.id} ${why}`);
const firstOf = (members: readonly Fake[], how: Ask) => order(members, ({ standing }) => standing, how)[0]?.member.id;

/** As they are behind so many requests that were answered at once. */
const behind = (members: readonly Fake[], requests: number, how: Ask = ask('round-robin')): readonly Fake[] => {
  if (requests === 0) return members;
  const choice = choose(members, ({ standing }) => standing, how);
  const turns = choice ? afterPick(choice.inTurn, choice.member) : [];
  const turnOf = (member: Fake) => turns[choice?.inTurn.indexOf(member) ?? -1] ?? member.turn;
  const after = members.map((member) => ({ ...member, turn: turnOf(member) }));
  return behind(after, requests - 1, how);
};

const abc = [fake('a'), fake('b'), fake('c')];
const loaded = [fake('a', { inFlight: 2 }), fake('b', { inFlight: 1 }), fake('c', { inFlight: 1 })];
const all: readonly Balance[] = [
  ...(['round-robin', 'random', 'least-connections', 'peak-ewma'] as const),
  ...(['two-choices', 'hash', 'fallback'] as const),
];
const draws = (...numbers: number[]) => {
  let at = 0;
  return () => numbers[at++] ?? 0;
};

describe('members are asked', () => {
  for (const [how, members, expected] of [
    [ask('round-robin'), abc, ['a turn', 'b turn', 'c turn']],
    [ask('round-robin'), behind(abc, 4), ['b turn', 'c turn', 'a turn']],
    [ask('random', { random: draws(0.99, 0.5, 0) }), abc, ['c random', 'b random', 'a random']],
    [ask('least-connections'), loaded, ['b fewest', 'c fewest', 'a fewest']],
    [ask('least-connections'), behind(loaded, 2), ['c fewest', 'b fewest', 'a fewest']],
    [ask('fallback'), behind(abc, 1), ['a first', 'b first', 'c first']],
    [ask('round-robin'), [], []],
  ] as const) {
    test(`by ${how.balance}: ${expected.join(', ')}`, () => {
      assert.deepEqual(ordered(members, how), expected);
    });
  }

  for (const balance of all) {
    test(`by ${balance}, but free ones before busy ones before ejected ones, and full and sick ones not at all`, () => {
      const standings = ['sick', 'ejected', 'full', 'busy', 'free'] as const;
      const members = standings.map((standing) => fake(standing, { standing }));
      const ids = ordered(members, ask(balance)).map((text) => text.split(' '));
      assert.deepEqual(
        ids.map(([id]) => id),
        ['free', 'busy', 'ejected'],
      );
      assert.deepEqual(ids.slice(1), [
        ['busy', 'busy'],
        ['ejected', 'ejected'],
      ]);
    });
  }
});

const names = fc.uniqueArray(
  fc.nat(255).map((last) => `10.0.0.${last}:80`),
  { minLength: 2, maxLength: 12 },
);
const keys = Array.from({ length: 600 }, (_, at) => `/page/${at}?x=${at * 7}`);

describe('a hash', () => {
  test('moves only the keys of the member that went', () => {
    fc.assert(
      fc.property(names, fc.nat(), (ids, pick) => {
        const members = ids.map((id) => fake(id));
        const gone = ids[pick % ids.length];
        const left = members.filter(({ id }) => id !== gone);
        for (const key of keys.slice(0, 60)) {
          const before = firstOf(members, ask('hash', { key }));
          if (before !== gone) assert.equal(firstOf(left, ask('hash', { key })), before);
        }
      }),
    );
  });

  test('does not look at the order in which members are given, nor at whose turn it is', () => {
    fc.assert(
      fc.property(names, fc.nat(40), fc.string(), (ids, turn, key) => {
        const members = ids.map((id) => fake(id));
        assert.equal(
          firstOf(members, ask('hash', { key })),
          firstOf(behind(members, turn).toReversed(), ask('hash', { key, random: () => 0.9 })),
        );
      }),
    );
  });

  test('gives each member about its share of the keys', () => {
    fc.assert(
      fc.property(names, (ids) => {
        const members = ids.map((id) => fake(id));
        const counts = new Map(ids.map((id) => [id, 0]));
        for (const key of keys) {
          const id = firstOf(members, ask('hash', { key })) ?? '';
          counts.set(id, (counts.get(id) ?? 0) + 1);
        }
        const share = keys.length / ids.length;
        for (const [id, count] of counts) assert.ok(count > share / 2.5 && count < share * 2, `${id}: ${count}`);
      }),
      { seed: 1 },
    );
  });
});

test('round robin gives each of n free members one of n requests', () => {
  fc.assert(
    fc.property(names, fc.nat(40), (ids, requests) => {
      const members = behind(
        ids.map((id) => fake(id)),
        requests,
      );
      const from = requests % ids.length;
      assert.deepEqual(
        order(members, () => 'free', ask('round-robin')).map(({ member }) => member.id),
        [...ids.slice(from), ...ids.slice(0, from)],
      );
    }),
  );
});

test('every balance asks each usable member exactly once', () => {
  const balances = fc.constantFrom(...all);
  const standings = fc.array(fc.constantFrom<Standing>('free', 'busy', 'ejected', 'full', 'sick'), { minLength: 1 });
  fc.assert(
    fc.property(balances, standings, (balance, given) => {
      const members = given.map((standing, at) => fake(String(at), { standing, inFlight: (at * 7) % 3 }));
      const usable = members.filter(({ standing }) => standing !== 'full' && standing !== 'sick');
      const asked = order(members, ({ standing }) => standing, ask(balance, { random: Math.random }));
      assert.deepEqual(asked.map(({ member }) => member.id).toSorted(), usable.map(({ id }) => id).toSorted());
    }),
  );
});
