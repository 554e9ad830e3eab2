import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { afterFail, afterPick, byTurn, firstTurn, type Taker, type Turn } from './smooth.ts';

type Peer = Taker & { readonly id: string; turn: Turn };

const peers = (weights: readonly number[]): Peer[] =>
  weights.map((weight, at) => ({ id: String.fromCharCode(97 + at), weight, share: weight, turn: firstTurn }));

function pick(members: readonly Peer[]): string {
  const [first] = byTurn(members);
  if (first === undefined) return '';
  for (const [at, turn] of afterPick(members, first).entries()) {
    const member = members[at];
    if (member) member.turn = turn;
  }
  return first.id;
}

const picks = (members: readonly Peer[], count: number) => Array.from({ length: count }, () => pick(members));

/** `ngx_http_upstream_get_peer` of nginx 1.22 line by line, in whole numbers, as far as the choice goes. */
function nginxPicks(members: { weight: number; effective: number; current: number }[]): number {
  let total = 0;
  let best: (typeof members)[number] | undefined;
  for (const peer of members) {
    peer.current += peer.effective;
    total += peer.effective;
    if (peer.effective < peer.weight) peer.effective++;
    if (best === undefined || peer.current > best.current) best = peer;
  }
  if (best === undefined) return -1;
  best.current -= total;
  return members.indexOf(best);
}

describe('smooth weighted round robin', () => {
  for (const [weights, sequence] of [
    // The example of nginx's own change to it, in 1.3.1.
    [[5, 1, 1], 'a a b a c a a'],
    [[4, 2, 1], 'a b a c a b a'],
    [[3, 1], 'a a b a'],
    [[1, 1, 1], 'a b c'],
    [[2, 2], 'a b a b'],
    [[1, 5], 'b b a b b b'],
    [[7], 'a a'],
  ] as const) {
    test(`asks ${weights.join(', ')} as ${sequence}, and so on`, () => {
      const members = peers(weights);
      const expected = sequence.split(' ');
      assert.deepEqual(picks(members, 3 * expected.length), [...expected, ...expected, ...expected]);
    });
  }

  test('picks what nginx picks, whatever the weights and whoever fails in between', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 7 });
    const steps = fc.array(fc.option(fc.nat(6), { freq: 4 }), { maxLength: 200 });
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 5 }), steps, (given, maxFails, all) => {
        const members = peers(given);
        const oracle = given.map((weight) => ({ weight, effective: weight, current: 0 }));
        for (const fails of all) {
          const at = (fails ?? 0) % given.length;
          const [member, peer] = [members[at], oracle[at]];
          if (fails !== null && member && peer) {
            member.turn = afterFail(member.turn, member.weight, maxFails);
            peer.effective = Math.max(0, peer.effective - Math.floor(peer.weight / maxFails));
          }
          assert.equal(pick(members), members[nginxPicks(oracle)]?.id);
          assert.deepEqual(
            members.map(({ turn }) => turn.current),
            oracle.map(({ current }) => current),
          );
        }
      }),
    );
  });

  test('gives each its weight in as many picks as the weights come to, and never one too many before', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(weights, (given) => {
        const members = peers(given);
        const total = given.reduce((sum, weight) => sum + weight, 0);
        const counts = new Map(members.map(({ id }) => [id, 0]));
        for (let n = 1; n <= total; n++) {
          const id = pick(members);
          counts.set(id, (counts.get(id) ?? 0) + 1);
          for (const { id, weight } of members) {
            const due = (n * weight) / total;
            assert.ok((counts.get(id) ?? 0) < due + 1, `${id} after ${n} picks`);
          }
        }
        assert.deepEqual([...counts.values()], given);
      }),
    );
  });

  test('gives a member that failed less, and one more at each pick until it has its own again', () => {
    const members = peers([4, 4]);
    const [first] = members;
    assert.ok(first);
    first.turn = afterFail(first.turn, 4, 2);
    assert.deepEqual(first.turn, { current: 0, lowered: 2 });
    first.turn = afterFail(afterFail(first.turn, 4, 2), 4, 2);
    assert.equal(first.turn.lowered, 4, 'never below nothing');
    assert.equal(picks(members, 8).join(''), 'bbababab');
    assert.equal(first.turn.lowered, 0);
  });

  test('leaves a weight alone of which a failure is no whole part, as nginx does', () => {
    assert.deepEqual(afterFail(firstTurn, 1, 3), firstTurn);
  });

  test('counts a share that is less than the weight as that much less', () => {
    const members = peers([10, 10]).map((member, at) => (at === 0 ? { ...member, share: 1 } : member));
    assert.equal(picks(members, 11).filter((id) => id === 'a').length, 1);
  });
});
