import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { byRendezvous, seedOf } from './rendezvous.ts';

const member = (id: string, weight = 1) => ({ id, weight, seed: seedOf(id) });
type Fake = ReturnType<typeof member>;

const weighted = fc
  .uniqueArray(fc.nat(255), { minLength: 2, maxLength: 8 })
  .chain((hosts) =>
    fc.tuple(
      ...hosts.map((host) => fc.integer({ min: 1, max: 100 }).map((weight) => member(`10.0.0.${host}:80`, weight))),
    ),
  );
const keys = Array.from({ length: 400 }, (_, at) => `/page/${at}?x=${at * 7}`);
const owner = (members: readonly Fake[], key: string) => byRendezvous(members, key)[0]?.id;

describe('a hash with weights', () => {
  test('moves only the keys of the member that goes, and orders the others as before', () => {
    fc.assert(
      fc.property(weighted, fc.nat(), (members, pick) => {
        const gone = members[pick % members.length];
        const left = members.filter((other) => other !== gone);
        for (const key of keys.slice(0, 60)) {
          const without = byRendezvous(members, key).filter((other) => other !== gone);
          assert.deepEqual(byRendezvous(left, key), without);
        }
      }),
    );
  });

  test('moves keys only to the member whose weight grows', () => {
    fc.assert(
      fc.property(weighted, fc.nat(), (members, pick) => {
        const grown = members[pick % members.length];
        const after = members.map((other) => (other === grown ? { ...other, weight: other.weight + 50 } : other));
        for (const key of keys.slice(0, 60)) {
          const [was, is] = [owner(members, key), owner(after, key)];
          if (is !== was) assert.equal(is, grown?.id);
        }
      }),
    );
  });

  test('gives each its share of the keys, 1 to 3 to 6', () => {
    const members = [member('10.0.0.1:80', 1), member('10.0.0.2:80', 3), member('10.0.0.3:80', 6)];
    const counts = new Map<string | undefined, number>();
    for (let at = 0; at < 10_000; at++) {
      const id = owner(members, `/product/${at}`);
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    for (const { id, weight } of members) {
      const count = counts.get(id) ?? 0;
      assert.ok(Math.abs(count - weight * 1_000) < 200, `${id}: ${count}`);
    }
  });

  test('orders equal weights as it did when there were none', () => {
    // The places of these keys are on clients' minds: caches are filled by them.
    const members = ['10.0.0.1:80', '10.0.0.2:80', '10.0.0.3:80', '10.0.0.4:80'].map((id) => member(id, 1));
    const places = ['/', '/a', '/b', '/c', '/d', '/e'].map((key) =>
      byRendezvous(members, key)
        .map(({ id }) => id.slice(7, 8))
        .join(''),
    );
    assert.deepEqual(places, ['4321', '2143', '4231', '3421', '1432', '3412']);
    const heavy = members.map((other) => ({ ...other, weight: 100 }));
    for (const key of keys) assert.equal(owner(heavy, key), owner(members, key));
  });
});
