import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overheadPerObject } from './overhead.ts';

for (const [residentAfter, expected] of [
  [100_000, -400],
  [500_000, 0],
  [1_000_000, 500],
] as const) {
  test(`1000 objects of 400 bytes that make 100000 bytes into ${residentAfter} cost ${expected} each besides`, () => {
    const growth = { objects: 1_000, contentBytes: 400, residentBefore: 100_000, residentAfter };
    assert.equal(overheadPerObject(growth), expected);
  });
}
