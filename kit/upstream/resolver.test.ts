import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock } from '../testing/clock.ts';
import { eventually } from '../testing/eventually.ts';
import { ScriptedNames } from '../testing/scripted-names.ts';
import { type Lookup, settingsOf } from './options.ts';
import { maxAgeMs, Resolver, restMs } from './resolver.ts';

function stand(rows: Readonly<Record<string, readonly string[]>>) {
  const names = new ScriptedNames(rows);
  const clock = new ManualClock();
  const found: string[] = [];
  const told: string[] = [];
  const world = {
    lookup: names.lookup,
    clock: clock.read,
    onName: ({ verdict, kept }: { verdict: string; kept: readonly string[] }) => told.push(`${verdict} ${kept}`),
  };
  const resolver = new Resolver('app', world, (addresses) => found.push(addresses.join()));
  const touched = async () => {
    resolver.touch(clock.now);
    await eventually(() => assert.equal(resolver.isAsking, false));
  };
  return { names, clock, found, told, resolver, touched, [Symbol.dispose]: () => resolver[Symbol.dispose]() };
}

describe('a name', () => {
  test('is not looked up before it is used, then at most every ten seconds, and only while it is used', async () => {
    using s = stand({ app: ['10.0.0.1'] });
    assert.equal(s.names.asked, 0);
    await s.touched();
    s.clock.advance(maxAgeMs - 1);
    await s.touched();
    assert.equal(s.names.asked, 1);
    assert.equal(s.resolver.ageMs(s.clock.now), maxAgeMs - 1);
    s.clock.advance(1);
    await s.touched();
    assert.equal(s.names.asked, 2);
    s.clock.advance(10 * maxAgeMs);
    assert.equal(s.names.asked, 2);
  });

  test('keeps what it has while it is looked up, and one question at a time is under way', async () => {
    using s = stand({ app: ['10.0.0.1'] });
    await s.touched();
    s.clock.advance(maxAgeMs);
    s.names.isSilent = true;
    s.names.rows.set('app', ['10.0.0.2']);
    s.resolver.touch(s.clock.now);
    s.clock.advance(maxAgeMs);
    s.resolver.touch(s.clock.now);
    s.resolver.urge();
    assert.deepEqual([s.names.asked, s.resolver.known], [2, ['10.0.0.1']]);
    s.names.answer();
    assert.deepEqual(s.found, ['10.0.0.1', '10.0.0.2']);
  });

  test('tells of other addresses only, not of another order', async () => {
    using s = stand({ app: ['10.0.0.1', '10.0.0.2'] });
    await s.touched();
    s.names.rows.set('app', ['10.0.0.2', '10.0.0.1', '10.0.0.1']);
    s.clock.advance(maxAgeMs);
    await s.touched();
    assert.deepEqual(s.found, ['10.0.0.1,10.0.0.2']);
    s.names.rows.set('app', ['10.0.0.2']);
    s.clock.advance(maxAgeMs);
    await s.touched();
    assert.deepEqual(s.found.slice(1), ['10.0.0.2']);
  });

  for (const [what, break_] of [
    ['does not exist any more', (names: ScriptedNames) => names.rows.delete('app')],
    ['has no address any more', (names: ScriptedNames) => names.rows.set('app', [])],
  ] as const) {
    test(`that ${what} keeps the last ones, and that is said once`, async () => {
      using s = stand({ app: ['10.0.0.1'] });
      await s.touched();
      break_(s.names);
      for (let i = 0; i < 3; i++) {
        s.clock.advance(maxAgeMs);
        await s.touched();
      }
      assert.deepEqual([s.names.asked, s.resolver.known, s.told], [4, ['10.0.0.1'], ['unresolved 10.0.0.1']]);
      s.names.rows.set('app', ['10.0.0.1']);
      s.clock.advance(restMs);
      await s.touched();
      assert.deepEqual(s.told.slice(1), ['resolved 10.0.0.1']);
      assert.equal(s.resolver.ageMs(s.clock.now), 0);
    });
  }

  test('that was never found is asked for again soon, but not for every request', async () => {
    using s = stand({});
    await s.touched();
    s.clock.advance(restMs - 1);
    await s.touched();
    assert.deepEqual([s.names.asked, s.resolver.ageMs(s.clock.now)], [1, undefined]);
    s.clock.advance(1);
    await s.touched();
    assert.equal(s.names.asked, 2);
    assert.match(String(s.resolver.error), /no app/);
  });

  test('is looked up at once when a connection fails, not for each of many', async () => {
    using s = stand({ app: ['10.0.0.1'] });
    await s.touched();
    for (let i = 0; i < 5; i++) s.resolver.urge();
    await eventually(() => assert.equal(s.resolver.isAsking, false));
    s.resolver.urge();
    assert.equal(s.names.asked, 2);
    s.clock.advance(restMs);
    s.resolver.urge();
    assert.equal(s.names.asked, 3);
  });

  test('that is not needed any more lets go of who waits, and what comes then is not heard', async () => {
    using s = stand({ app: ['10.0.0.1'] });
    s.names.isSilent = true;
    s.resolver.touch(s.clock.now);
    let letGo = 0;
    s.resolver.whenAsked(() => letGo++);
    s.resolver[Symbol.dispose]();
    s.names.answer();
    assert.deepEqual([letGo, s.found], [1, []]);
  });

  test('with very many addresses is cut to 64', async () => {
    using s = stand({ app: Array.from({ length: 300 }, (_, at) => `10.0.${at >> 8}.${at & 255}`) });
    await s.touched();
    assert.equal(s.resolver.known.length, 64);
  });
});

test('names are looked up where the machine looks them up', async () => {
  const { promise, resolve } = Promise.withResolvers<Parameters<Parameters<Lookup>[1]>>();
  const timeouts = { connectMs: 1, firstByteMs: 1, betweenBytesMs: 1 };
  const address = { kind: 'tcp', host: 'localhost', port: 1 } as const;
  settingsOf({ name: 'a', addresses: [address], timeouts }).lookup('localhost', (...found) => resolve(found));
  const [error, addresses] = await promise;
  assert.equal(error, null);
  assert.ok(addresses.some((address) => address === '127.0.0.1' || address === '::1'));
});
