import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '../store/store.ts';
import { draftOf } from '../store/store-contract.ts';
import { BackOff } from './back-off.ts';

const entry: Entry = { ...draftOf(), bodyLength: 0, testedBan: 0, takers: undefined };

for (const [tookMs, untilMs] of [
  [5, 1000],
  [4000, 4000],
  [60_000, 30_000],
] as const) {
  test(`after a failure that took ${tookMs} ms the origin is left alone for ${untilMs} ms`, () => {
    const backOff = new BackOff();
    backOff.note(entry, 100, tookMs);
    assert.equal(backOff.isActive(entry, 100 + untilMs - 1), true);
    assert.equal(backOff.isActive(entry, 100 + untilMs), false);
    assert.equal(backOff.isActive({ ...entry }, 100), false);
  });
}
