import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Histogram, Registry } from 'prom-client';
import { CountedHistogram, type HistogramSource } from './counted-histogram.ts';

const name = 'trivet_wait_seconds';
const help = 'How long it "waited" \\ for\nwhat.';

function registry(): Registry {
  const made = new Registry();
  made.setDefaultLabels({ tier: 'edge-cache' });
  return made;
}

/** Counts the plain way; what is observed later is told at the next scrape. */
function plainSource(bounds: readonly number[], observed: readonly number[]): HistogramSource {
  return {
    cumulative: () => [...bounds.map((bound) => observed.filter((value) => value <= bound).length), observed.length],
    sum: () => observed.reduce((sum, value) => sum + value, 0),
  };
}

/** A histogram of prom-client that has observed the same, in a registry of its own. */
function observing(bounds: readonly number[], observed: readonly number[]): Registry {
  const own = registry();
  const histogram = new Histogram({ name, help, buckets: [...bounds], registers: [own] });
  for (const value of observed) histogram.observe(value);
  return own;
}

/** As it travels between processes; exemplars are not kept. */
async function jsonOf(of: Registry) {
  const metrics = await of.getMetricsAsJSON();
  return metrics.map((metric) => ({
    ...metric,
    values: metric.values.map(({ exemplar: _, ...row }: Record<string, unknown>) => row),
  }));
}

async function assertSame(one: Registry, other: Registry): Promise<void> {
  assert.equal(await one.metrics(), await other.metrics());
  assert.deepEqual(await jsonOf(one), await jsonOf(other));
}

const someBounds = fc
  .uniqueArray(fc.double({ min: 0, max: 1000, noNaN: true }), { minLength: 1, maxLength: 12 })
  .map((bounds) => bounds.map((bound) => bound + 0).sort((a, b) => a - b));

const cases = someBounds.chain((bounds) =>
  fc.record({
    bounds: fc.constant(bounds),
    values: fc.array(fc.oneof(fc.double({ min: 0, max: 2000, noNaN: true }), fc.constantFrom(...bounds)), {
      maxLength: 40,
    }),
    later: fc.array(fc.double({ min: 0, max: 2000, noNaN: true }), { maxLength: 5 }),
  }),
);

test('text and JSON are those of a histogram of prom-client that observed the same, at every scrape', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ bounds, values, later }) => {
      const observed = [...values];
      const own = registry();
      new CountedHistogram({ name, help, bounds, registers: [own] }, plainSource(bounds, observed));
      await assertSame(own, observing(bounds, observed));
      observed.push(...later);
      await assertSame(own, observing(bounds, observed));
    }),
    { numRuns: 100 },
  );
});

test('a source that has counted nothing yet is told as a histogram that has observed nothing', async () => {
  const own = registry();
  new CountedHistogram({ name, help, bounds: [1, 2], registers: [own] }, { cumulative: () => [], sum: () => 0 });
  await assertSame(own, observing([1, 2], []));
});

test('what it observes itself is not told', async () => {
  const own = registry();
  const bounds = [1, 2];
  new CountedHistogram({ name, help, bounds, registers: [own] }, plainSource(bounds, [1.5])).observe(0.5);
  await assertSame(own, observing(bounds, [1.5]));
});

test('it is in every registry that it is given, and in none besides', async () => {
  const [one, other, third] = [registry(), registry(), registry()];
  new CountedHistogram({ name, help, bounds: [1], registers: [one, other] }, plainSource([1], [3]));
  for (const own of [one, other]) await assertSame(own, observing([1], [3]));
  assert.equal((await third.metrics()).trim(), '');
});
