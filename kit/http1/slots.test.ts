import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Slots } from './slots.ts';

type Held = { readonly slot: number; readonly item: object };

/** Adds one, or removes that at `place` of those that are held. */
function take(slots: Slots<object>, held: readonly Held[], place: number | undefined): readonly Held[] {
  if (place === undefined) {
    const item = {};
    return [...held, { slot: slots.add(item), item }];
  }
  const gone = held[place % held.length];
  if (gone !== undefined) slots.remove(gone.slot);
  return held.filter((one) => one !== gone);
}

test('they hold what was added and not removed, as a Set does', () => {
  const places = fc.array(fc.option(fc.nat(), { nil: undefined }), { maxLength: 200 });
  fc.assert(
    fc.property(places, (steps) => {
      const slots = new Slots<object>();
      const held = steps.reduce((before: readonly Held[], place) => take(slots, before, place), []);
      assert.equal(slots.size, held.length);
      assert.deepEqual(new Set(slots), new Set(held.map(({ item }) => item)));
      assert.equal(new Set(held.map(({ slot }) => slot)).size, held.length, 'each has a slot of its own');
    }),
  );
});

test('what removes itself while all are looked at does not keep others from being seen', () => {
  const slots = new Slots<number>();
  const places = [1, 2, 3].map((item) => slots.add(item));
  const seen: number[] = [];
  for (const item of slots) {
    seen.push(item);
    slots.remove(places[item - 1] ?? 0);
  }
  assert.deepEqual([seen, slots.size], [[1, 2, 3], 0]);
});

test('a slot that is free is used again', () => {
  const slots = new Slots<string>();
  const first = slots.add('a');
  slots.remove(first);
  assert.equal(slots.add('b'), first);
});
