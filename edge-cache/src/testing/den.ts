import assert from 'node:assert/strict';
import { BanList } from '../machine/ban-list.ts';
import { Lurker } from '../machine/lurker.ts';
import { MemoryStore } from '../store/memory.ts';
import type { Draft } from '../store/store.ts';
import { draftOf, put } from '../store/store-contract.ts';
import { banOf, ManualPace } from './ban.ts';

/** Fresh whatever the time. */
export const ALIVE = { born: 0, freshUntil: 1e9, graceUntil: 1e9, errorUntil: 1e9, keepUntil: 1e9 };

/** A store, bans and a lurker, its pace set by the test. */
export function den(most = 1000) {
  const store = new MemoryStore(100_000_000);
  const failures: unknown[] = [];
  const bans = new BanList(most, (error) => failures.push(error));
  const pace = new ManualPace();
  const clock = { now: 0 };
  let isBroken = false;
  const lurker = new Lurker({
    bans,
    store,
    clock: () => clock.now,
    onBanned(entry) {
      if (isBroken) throw new Error('broken');
      store.drop(entry);
    },
    onFailure: (error) => failures.push(error),
  });
  lurker.start(pace);
  pace.goOn();
  return {
    store,
    bans,
    pace,
    lurker,
    clock,
    failures,
    breakIt: (broken: boolean) => {
      isBroken = broken;
    },
    keep: (path: string, over: Partial<Draft> = {}) => {
      const entry = put(store, draftOf({ path, life: ALIVE, sinceBan: bans.newest, ...over }));
      assert.ok(entry);
      return entry;
    },
    add: (expression: string) => {
      const addition = bans.add(banOf(expression), clock.now);
      lurker.wake();
      return addition;
    },
    paths: () => [...store.entries()].map(({ url, hostLength }) => url.slice(hostLength)).sort(),
  };
}
