import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toldOf, unresolved } from './member-stats.ts';
import type { AddressRule } from './options.ts';

const name: AddressRule = { kind: 'tcp', host: 'app', port: 8000 };
const still = { inFlight: 0, connections: 0, failures: 0, ejectedForMs: 0 };

describe('the row of a name without an address', () => {
  for (const [what, rule, waiting, expected] of [
    ['says who waits for it to be looked up', name, 3, { standing: 'unresolved', waiting: 3 }],
    ['says that nobody waits', name, 0, { standing: 'unresolved', waiting: 0 }],
    [
      'says that it is down, not that it is unresolved',
      { ...name, down: true },
      0,
      { standing: 'down', waiting: 0, down: true },
    ],
    [
      'says what it was told',
      { ...name, weight: 5, backup: true },
      0,
      { standing: 'unresolved', waiting: 0, weight: 5, backup: true },
    ],
  ] as const) {
    test(what, () => assert.deepEqual(unresolved(rule, waiting), { address: 'app:8000', ...still, ...expected }));
  }
});

describe('what an address was told', () => {
  for (const [what, rule, expected] of [
    ['is nothing where nothing was', name, {}],
    ['is its weight, one that is the default too', { ...name, weight: 1 }, { weight: 1 }],
    ['is that it is a backup', { ...name, backup: true }, { backup: true }],
    ['is that it is down', { ...name, down: true }, { down: true }],
    ['is not what it is not', { ...name, backup: false, down: false }, {}],
    ['is all of it', { ...name, weight: 7, backup: true, down: true }, { weight: 7, backup: true, down: true }],
    ['is not its own number of connections', { ...name, maxConnections: 4 }, {}],
  ] as const) {
    test(what, () => assert.deepEqual(toldOf(rule), expected));
  }
});
