import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { durationBounds, ExchangeCounts, type Outcome, type SlotLabels, slotOf } from './exchange-counts.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PURGE', 'other'];
const outcomes: readonly Outcome[] = ['done', 'client-left', 'broken'];
const statuses = Array.from({ length: 900 }, (_, at) => at + 100);

const everyKind: readonly SlotLabels[] = methods.flatMap((method) =>
  outcomes.flatMap((outcome) => statuses.map((status) => ({ method, status, outcome }))),
);

test('every method, status and outcome has a number of its own, small and whole', () => {
  const slots = everyKind.map(({ method, status, outcome }) => slotOf(method, status, outcome));
  assert.equal(new Set(slots).size, everyKind.length);
  assert.ok(slots.every((slot) => Number.isInteger(slot) && slot >= 0 && slot < everyKind.length));
});

test('every number is told by the labels it was made of, in the order in which they came up, with its own count', () => {
  const counts = new ExchangeCounts();
  const order = everyKind.toReversed();
  for (const { method, status, outcome } of order) counts.count(slotOf(method, status, outcome), 1, 1);
  const [last] = everyKind;
  if (last) counts.count(slotOf(last.method, last.status, last.outcome), 1, 1);
  const told = [...counts.requests()].map(
    ([{ method, status, outcome }, count]) => `${method} ${status} ${outcome} ${count}`,
  );
  const wanted = order.map((kind) => `${kind.method} ${kind.status} ${kind.outcome} ${kind === last ? 2 : 1}`);
  // Not as arrays: a difference of so many rows takes more memory to show than there is.
  assert.equal(
    told.find((text, at) => text !== wanted[at]),
    undefined,
  );
  assert.equal(told.length, wanted.length);
});

for (const method of ['get', '', 'LINK', '__proto__', 'OTHER', 'GET ']) {
  test(`the method ${JSON.stringify(method)} has no row of its own`, () => {
    assert.equal(slotOf(method, 200, 'broken'), slotOf('other', 200, 'broken'));
  });
}

for (const status of [0, -1, 99, 1000, 1e9, Number.NaN, Number.POSITIVE_INFINITY]) {
  test(`a status of ${status} is counted as 999`, () => {
    for (const outcome of outcomes) assert.equal(slotOf('PUT', status, outcome), slotOf('PUT', 999, outcome));
  });
}

test('durations are told in rising bounds of seconds, from a millisecond to a minute', () => {
  assert.deepEqual(durationBounds, [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60]);
});

const some = fc.array(
  fc.record({
    slot: fc.constantFrom(slotOf('GET', 200, 'done'), slotOf('GET', 404, 'done'), slotOf('LINK', 1, 'broken')),
    ms: fc.oneof(
      fc.double({ min: 0, max: 100_000, noNaN: true }),
      fc.constantFrom(...durationBounds.flatMap((bound) => [bound * 1000, bound * 1000 - 0.25, bound * 1000 + 0.25])),
    ),
    bytes: fc.nat({ max: 1e9 }),
  }),
  { maxLength: 50 },
);

test('sums, kinds and buckets are those that the plain way comes to', () => {
  fc.assert(
    fc.property(some, (exchanges) => {
      const counts = new ExchangeCounts();
      for (const { slot, ms, bytes } of exchanges) counts.count(slot, ms, bytes);
      const seconds = exchanges.map(({ ms }) => ms / 1000);
      const within = durationBounds.map((bound) => seconds.filter((one) => one <= bound).length);
      assert.deepEqual(counts.cumulative(), [...within, exchanges.length]);
      assert.equal(
        counts.seconds,
        seconds.reduce((sum, one) => sum + one, 0),
      );
      assert.equal(
        counts.bytes,
        exchanges.reduce((sum, { bytes }) => sum + bytes, 0),
      );
      const bySlot = Map.groupBy(exchanges, ({ slot }) => slot);
      const told = Array.from(counts.requests(), ([labels, count]) => [
        slotOf(labels.method, labels.status, labels.outcome),
        count,
      ]);
      assert.deepEqual(
        told,
        Array.from(bySlot, ([slot, same]) => [slot, same.length]),
      );
    }),
  );
});

test('the numbers of two tiers are their own, and those of one that is asked twice are the same', () => {
  const [one, other] = [new ExchangeCounts(), new ExchangeCounts()];
  one.count(slotOf('GET', 200, 'done'), 2, 3);
  assert.deepEqual([...other.requests()], []);
  assert.deepEqual([other.bytes, other.seconds, other.cumulative().at(-1)], [0, 0, 0]);
  assert.deepEqual(one.cumulative(), one.cumulative());
  assert.deepEqual([...one.requests()], [...one.requests()]);
  assert.deepEqual([one.bytes, one.seconds, one.cumulative().at(-1)], [3, 0.002, 1]);
});
