import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Line } from './line.ts';

type Held = { readonly place: number; readonly item: object };
type Step = 'last' | 'first' | number;

/** Adds one at either end, or removes one of those that are held. */
function take(line: Line<object>, held: readonly Held[], step: Step): readonly Held[] {
  const item = {};
  if (step === 'last') return [...held, { place: line.add(item), item }];
  if (step === 'first') return [{ place: line.addFirst(item), item }, ...held];
  const gone = held[step % held.length];
  if (gone !== undefined) line.remove(gone.place);
  return held.filter((one) => one !== gone);
}

test('it holds what was added and not removed, in its order', () => {
  const steps = fc.array(fc.oneof(fc.constant<Step>('last'), fc.constant<Step>('first'), fc.nat()), { maxLength: 200 });
  fc.assert(
    fc.property(steps, (all) => {
      const line = new Line<object>();
      let held: readonly Held[] = [];
      for (const step of all) {
        held = take(line, held, step);
        assert.deepEqual([line.size, line.first], [held.length, held[0]?.item]);
        assert.deepEqual(
          [...line],
          held.map(({ item }) => item),
        );
      }
    }),
  );
});

test('what is removed when it was seen does not keep others from being seen', () => {
  const line = new Line<number>();
  const places = [1, 2, 3].map((item) => line.add(item));
  const seen: number[] = [];
  for (const item of line) {
    seen.push(item);
    line.remove(places[item - 1] ?? 0);
  }
  assert.deepEqual([seen, line.size, line.first], [[1, 2, 3], 0, undefined]);
});
