import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draftOf } from '../store/store-contract.ts';
import { banOf, ManualPace } from '../testing/ban.ts';
import { ALIVE, den } from '../testing/den.ts';
import { Lurker } from './lurker.ts';

test('[case 41] without bans it sleeps; a ban wakes it, is tested against all that is stored, and ends', () => {
  const { pace, keep, add, bans, paths } = den();
  assert.equal(pace.waitsMs, undefined);
  for (const path of ['/a', '/b', '/ab']) keep(path);
  add('req.url ~ a');
  pace.goOn();
  assert.deepEqual(paths(), ['/b']);
  assert.deepEqual([bans.size, pace.waitsMs], [0, undefined]);
  const [ended] = bans.all();
  assert.partialDeepStrictEqual(ended, { id: 1, tested: 3, taken: 2, ended: 'tested' });
});

test('what was given before it began is not forgotten', () => {
  const { store, bans, clock, keep } = den();
  const lurker = new Lurker({
    bans,
    store,
    clock: () => clock.now,
    onBanned: store.drop.bind(store),
    onFailure: assert.fail,
  });
  keep('/a');
  bans.add(banOf('req.url == /a'), 0);
  lurker.wake();
  const pace = new ManualPace();
  {
    using _ = lurker.start(pace);
    assert.equal(pace.waitsMs, 10);
  }
  assert.equal(pace.waitsMs, undefined, 'it ends with what it was started by');
  assert.equal(bans.size, 1);
});

test('its slices are short: what is left waits, and a lookup meanwhile tests for itself', () => {
  const { pace, keep, add, bans, store, paths } = den();
  const entries = Array.from({ length: 10 }, (_, i) => keep(`/${i}`));
  add('req.url == /1');
  add('req.url == /9');
  pace.stepMs = 1;
  pace.go();
  const [first] = entries;
  const last = entries.at(-1);
  assert.ok(first && last);
  assert.equal(first.testedBan, 2);
  assert.deepEqual([last.testedBan, bans.size, pace.waitsMs], [0, 2, 10]);
  assert.equal(bans.hitting(last, [])?.id, 2);
  store.drop(last);
  assert.ok(pace.goOn() > 3);
  assert.deepEqual(paths(), ['/0', '/2', '/3', '/4', '/5', '/6', '/7', '/8']);
  assert.equal(bans.size, 0);
});

test('thousands of bans against one response are tested in slices too, and none of them twice', () => {
  const { pace, keep, add, bans } = den();
  const entry = keep('/a');
  for (let i = 0; i < 500; i++) add(`req.url == /${i}`);
  pace.stepMs = 0.1;
  pace.go();
  assert.ok(entry.testedBan > 0 && entry.testedBan < 100, `${entry.testedBan}`);
  pace.goOn();
  assert.equal(entry.testedBan, 500);
  assert.equal(bans.stats().tests, 500);
});

test('[case 41] what is newer than a ban is not tested against it', () => {
  const { pace, keep, add, bans, paths } = den();
  add('req.url == /a');
  keep('/a');
  pace.goOn();
  assert.deepEqual([paths(), bans.stats().tests], [['/a'], 0]);
});

test('variants that come while their sisters are tested are not passed over', () => {
  const { pace, keep, add, store, bans } = den();
  const variant = (name: string) => ({ vary: ['v'], variant: `v:${name}\n`, sinceBan: 0 });
  const [a] = ['1', '2', '3'].map((name) => keep('/', variant(name)));
  add('req.url == /none');
  add('req.url == /');
  pace.stepMs = 2;
  pace.go();
  assert.deepEqual([store.peek('h/').length, pace.waitsMs], [3, 10]);
  // Purged softly, an entry is another object with the same past.
  assert.ok(a);
  store.refresh(a, draftOf({ life: ALIVE, ...variant('1') }));
  pace.goOn();
  assert.deepEqual([store.peek('h/'), bans.size], [[], 0]);
});

test('a ban that asks for request fields stays until nothing older than it is stored', () => {
  const { pace, keep, add, bans, store, clock } = den();
  const old = keep('/old');
  keep('/short', { life: { ...ALIVE, freshUntil: 5, graceUntil: 5, errorUntil: 5, keepUntil: 5 } });
  add('req.http.x-user == 7');
  keep('/new');
  pace.goOn();
  assert.deepEqual([bans.size, pace.waitsMs], [1, 60_000]);
  store.drop(old);
  clock.now = 10;
  pace.go();
  assert.equal(bans.size, 0, 'what nobody can use any more does not keep it');
  assert.equal(store.stats().entries, 1);
  assert.equal(pace.waitsMs, undefined);
});

test('woken while it waits for long, it comes at once; many bans do not put it off', () => {
  const { pace, keep, add } = den();
  keep('/old');
  add('req.http.x-user == 7');
  pace.goOn();
  assert.equal(pace.waitsMs, 60_000);
  add('req.url == /a');
  assert.equal(pace.waitsMs, 10);
  add('req.url == /b');
  assert.equal(pace.waitsMs, 10);
});

test('what breaks is told, the bans stay in force, and it tries again later', () => {
  const { pace, keep, add, bans, failures, breakIt } = den();
  keep('/a');
  add('req.url == /a');
  breakIt(true);
  pace.goOn();
  assert.deepEqual([failures.length, bans.size, pace.waitsMs], [1, 1, 10_000]);
  breakIt(false);
  pace.go();
  assert.equal(bans.size, 0);
});

test('a test that fails takes what it was for, and is told once', () => {
  const { keep, bans, failures } = den();
  const broken = {
    test(): boolean {
      throw new RangeError('out of stack');
    },
  };
  const made = banOf('req.url ~ a');
  const tests = made.tests.map((test) => ({
    ...test,
    by: 'pattern' as const,
    operator: '~' as const,
    pattern: broken,
  }));
  const entries = [keep('/a'), keep('/b')];
  bans.add({ ...made, tests }, 0);
  for (const entry of entries) assert.equal(bans.hitting(entry, [])?.id, 1);
  assert.equal(failures.length, 1);
  assert.equal(bans.stats().failures, 2);
});

test('[case 41] the same ban again covers the one before, unless that was meant for what is no longer young', () => {
  const { keep, add, bans } = den();
  keep('/a');
  add('req.url == /a && obj.status == 200');
  const again = add('obj.status == 200  && req.url == "/a"');
  assert.ok(again.verdict === 'added' && again.superseded);
  assert.equal(bans.size, 1);
  assert.deepEqual(
    bans.all().map(({ id, ended }) => [id, ended]),
    [
      [2, undefined],
      [1, 'superseded'],
    ],
  );
  add('obj.age < 10s');
  add('obj.age < 10s');
  assert.equal(bans.size, 3);
});

test('no more bans are in force than are allowed', () => {
  const { keep, add, bans } = den(2);
  keep('/a');
  add('req.url == /1');
  add('req.url == /2');
  const third = add('req.url == /3');
  assert.ok(third.verdict === 'full');
  assert.match(third.why, /2 bans in force, and EDGE_BANS_MAX/);
  assert.equal(add('req.url == /2').verdict, 'added', 'one that covers another makes room for itself');
  assert.equal(bans.size, 2);
});

test('of bans that ended, the last hundred are remembered', () => {
  const { pace, add, bans } = den();
  for (let i = 0; i < 300; i++) add(`req.url == /${i}`);
  pace.goOn();
  assert.deepEqual([bans.all().length, bans.all()[0]?.id], [100, 300]);
});
