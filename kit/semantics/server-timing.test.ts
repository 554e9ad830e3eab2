import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverTiming } from './server-timing.ts';

for (const [ms, member] of [
  [0, 'edge;dur=0'],
  [1.2345, 'edge;dur=1.2'],
  [0.04, 'edge;dur=0'],
  [61_000, 'edge;dur=61000'],
  [-3, 'edge;dur=0'],
] as const) {
  test(`${ms} ms are written as ${member}`, () => assert.equal(serverTiming('edge', ms), member));
}
