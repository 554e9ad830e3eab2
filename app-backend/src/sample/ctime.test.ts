import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ctime } from './ctime.ts';

for (const [when, text] of [
  [new Date(2024, 5, 9, 1, 2, 3), 'Sun Jun  9 01:02:03 2024'],
  [new Date(2025, 11, 31, 23, 59, 59), 'Wed Dec 31 23:59:59 2025'],
] as const) {
  test(`ctime writes ${text}`, () => {
    assert.equal(ctime(when), text);
  });
}
