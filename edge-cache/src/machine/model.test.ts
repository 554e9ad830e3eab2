import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Action } from '../testing/model-actions.ts';
import { ON_ERROR_SECONDS, terms } from '../testing/model-origin.ts';
import { marks, Play, type Seen } from '../testing/model-run.ts';
import { edgeStand, type Stand } from '../testing/stand.ts';

// Most of it happens to one page: races need company.
const url = fc.constantFrom(0, 0, 0, 0, 1, 2);
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(model, { noNullPrototype: true });
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 8 }, { arbitrary: fc.constantFrom(usual, ...others), weight: 2 });

const get = record({
  do: fc.constant('get' as const),
  url,
  method: mostly<'GET' | 'HEAD'>('GET', 'HEAD'),
  language: mostly('de', 'en'),
  cookie: mostly(false, true),
  hasCredentials: mostly(false, true),
  range: mostly('', 'bytes=5-9', 'bytes=-4', 'bytes=10-', 'bytes=999999-'),
  hasValidator: mostly(false, true),
  directive: mostly('', 'no-cache', 'max-age=5', 'only-if-cached', 'no-store'),
  hold: fc.constantFrom<'no' | 'head' | 'body'>('no', 'no', 'head', 'head', 'body'),
});
const publish = record({
  do: fc.constant('publish' as const),
  url,
  isNew: fc.boolean(),
  terms: fc.constantFrom(...terms, ...terms.slice(0, 6)),
  varies: fc.boolean(),
  tag: fc.constantFrom('', 't0', 't1'),
  hasEtag: mostly(true, false),
  setsCookie: mostly(false, true),
});
const which = fc.nat(5);
const action: fc.Arbitrary<Action> = fc.oneof(
  { arbitrary: get, weight: 16 },
  { arbitrary: publish, weight: 3 },
  { arbitrary: record({ do: fc.constant('release' as const), which }), weight: 5 },
  { arbitrary: record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(1, 4, 9, 15, 31) }), weight: 4 },
  {
    arbitrary: record({
      do: fc.constant('purge' as const),
      by: fc.constantFrom('url' as const, 'prefix' as const, 'tag' as const, 'tag' as const, 'all' as const),
      what: fc.constantFrom(0, 0, 1, 2),
      soft: fc.boolean(),
    }),
    weight: 5,
  },
  {
    arbitrary: record({
      do: fc.constant('trouble' as const),
      url,
      trouble: fc.constantFrom(
        'none' as const,
        'none' as const,
        'none' as const,
        'break' as const,
        '500' as const,
        '503' as const,
        'abort' as const,
      ),
    }),
    weight: 3,
  },
  { arbitrary: record({ do: fc.constant('post' as const), url }), weight: 1 },
  { arbitrary: record({ do: fc.constant('leave' as const), which }), weight: 1 },
);

async function play(stand: Stand, current: { play?: Play }, actions: readonly Action[], seen: Seen): Promise<void> {
  await using one = new Play(stand, seen);
  current.play = one;
  for (const step of actions) await one.act(step);
  await one.finish();
}

for (const [store, storeMemory, numRuns] of [
  ['a store with room', 64 * 1024 * 1024, 400],
  // Two large bodies do not fit, and hardly any third small one.
  ['a store that is always full', 70_000, 250],
] as const) {
  test(`before ${store} no sequence of fetches, purges, failures and time gets an answer that a simple model forbids`, async () => {
    const current: { play?: Play } = {};
    const seen: Seen = new Map();
    const staleIfError = ON_ERROR_SECONDS * 1000;
    await using stand = await edgeStand(async (request, reply) => current.play?.origin.play(request, reply), {
      staleIfError,
      storeMemory,
      // What is held up is held up by the sequence, however slow the machine is.
      firstByteMs: 120_000,
      betweenBytesMs: 120_000,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60, size: 'max' }), (actions) =>
        play(stand, current, actions, seen),
      ),
      { numRuns, seed: 20_260_101 },
    );
    for (const name of Object.keys(marks)) assert.ok((seen.get(name) ?? 0) >= 3, `${name}: ${seen.get(name)}`);
  });
}
