import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '@trivet/kit/process/settings.ts';
import fc from 'fast-check';
import { settings } from '../settings.ts';
import { made } from './load-policy.ts';
import { PolicyProblem } from './member.ts';

const config = load(settings, {});

const whatever = fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true, withSparseArray: true });
const hooks = fc.record(
  Object.fromEntries(['receive', 'key', 'fetch', 'admit', 'deliver', 'synth'].map((name) => [name, whatever])),
  { requiredKeys: [] },
);
const backend = fc.record(
  {
    addresses: fc.oneof(whatever, fc.array(fc.oneof(fc.webUrl(), fc.string()))),
    balance: fc.oneof(whatever, fc.constantFrom('hash', 'random')),
    probe: fc.oneof(whatever, fc.record({ window: fc.integer(), threshold: whatever }, { requiredKeys: [] })),
    timeouts: fc.oneof(whatever, fc.record({ connect: fc.oneof(fc.string(), fc.double()) })),
  },
  { requiredKeys: [] },
);
const policy = fc.oneof(
  whatever,
  hooks,
  fc.record({ query: whatever, cookies: whatever, backends: whatever }, { requiredKeys: [] }),
  fc.record({ backends: fc.dictionary(fc.string(), fc.oneof(whatever, backend)) }),
);

test('whatever a file exports is a policy, or a problem that names a member', () => {
  fc.assert(
    fc.property(policy, (value) => {
      try {
        const { plan } = made(value, config);
        assert.ok(plan.has('default'));
      } catch (error) {
        assert.ok(error instanceof PolicyProblem, String(error));
        assert.doesNotMatch(error.message, /\n/);
      }
    }),
    { numRuns: 2000 },
  );
});
