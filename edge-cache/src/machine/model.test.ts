import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ManualPace } from '../testing/ban.ts';
import { type Accepts, type Action, bansBy, type Get, type Range } from '../testing/model-actions.ts';
import { ON_ERROR_SECONDS, terms } from '../testing/model-origin.ts';
import { Play } from '../testing/model-run.ts';
import { marks, type Seen, sights } from '../testing/model-sights.ts';
import { edgeStand } from '../testing/stand.ts';

// Most of it happens to one page: races need company.
const url = fc.constantFrom(0, 0, 0, 0, 1, 2);
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(model, { noNullPrototype: true });
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 8 }, { arbitrary: fc.constantFrom(usual, ...others), weight: 2 });

const get = record({
  do: fc.constant('get' as const),
  url,
  method: fc.constantFrom<'GET' | 'HEAD'>('GET', 'GET', 'GET', 'GET', 'HEAD'),
  language: mostly('de', 'en'),
  cookie: mostly(false, true),
  hasCredentials: mostly(false, true),
  range: fc.constantFrom<Range>(
    ...Array<''>(10).fill(''),
    'bytes=5-9',
    'bytes=5-9',
    'bytes=-4',
    'bytes=10-',
    'bytes=10-',
    'bytes=999999-',
    'bytes=0-1, 20-24',
    'bytes=-4,2-3,999999-',
  ),
  ifRange: mostly<Get['ifRange']>('none', 'current', 'old'),
  validator: mostly<Get['validator']>('none', 'current', 'old', 'weak', 'list'),
  accepts: fc.constantFrom<Accepts>(
    '',
    '',
    'gzip',
    'gzip, deflate, br, zstd',
    'br;q=0.5, gzip;q=0',
    'identity;q=0.5, *',
    'identity',
  ),
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
  group: fc.constantFrom('', 'g0', 'g1'),
  isText: mostly(true, false),
  isRanging: fc.boolean(),
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
    weight: 4,
  },
  {
    arbitrary: record({
      do: fc.constant('ban' as const),
      by: fc.constantFrom(...bansBy, 'younger' as const),
      what: fc.constantFrom(0, 0, 1, 2),
    }),
    weight: 4,
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
  { arbitrary: record({ do: fc.constant('post' as const), url, group: fc.constantFrom('', 'g0', 'g1') }), weight: 2 },
  { arbitrary: record({ do: fc.constant('leave' as const), which }), weight: 1 },
  { arbitrary: record({ do: fc.constant('lurk' as const) }), weight: 2 },
);

for (const [store, storeMemory, numRuns] of [
  ['a store with room', 64 * 1024 * 1024, 400],
  // Two large bodies do not fit, and hardly any third small one.
  ['a store that is always full', 70_000, 250],
] as const) {
  test(`before ${store} no sequence of fetches, purges, bans, failures and time gets an answer that a simple model forbids`, async () => {
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
    const pace = new ManualPace();
    // Hardly more than one key at a time.
    pace.stepMs = 1.5;
    using _ = stand.edge.lurker.start(pace);
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60, size: 'max' }), async (actions) => {
        await using one = new Play(stand, seen, pace);
        current.play = one;
        for (const step of actions) await one.act(step);
        await one.finish();
      }),
      { numRuns, seed: 20_260_101 },
    );
    for (const name of [...Object.keys(marks), ...sights])
      assert.ok((seen.get(name) ?? 0) >= 3, `${name}: ${seen.get(name)}`);
  });
}
