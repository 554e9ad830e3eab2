import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '@trivet/kit/process/settings.ts';
import fc from 'fast-check';
import { settings } from '../settings.ts';
import { made } from './load-policy.ts';
import { PolicyProblem } from './member.ts';

const config = load(settings, {});

const anything = fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true, withSparseArray: true });
const hooks = fc.record(
  Object.fromEntries(['receive', 'key', 'fetch', 'admit', 'deliver', 'synth'].map((name) => [name, anything])),
  { requiredKeys: [] },
);
const backend = fc.record(
  {
    addresses: fc.oneof(anything, fc.array(fc.oneof(fc.webUrl(), fc.string()))),
    balance: fc.oneof(anything, fc.constantFrom('hash', 'random')),
    probe: fc.oneof(anything, fc.record({ window: fc.integer(), threshold: anything }, { requiredKeys: [] })),
    timeouts: fc.oneof(anything, fc.record({ connect: fc.oneof(fc.string(), fc.double()) })),
  },
  { requiredKeys: [] },
);
const policy = fc.oneof(
  anything,
  hooks,
  fc.record({ query: anything, cookies: anything, backends: anything }, { requiredKeys: [] }),
  fc.record({ backends: fc.dictionary(fc.string(), fc.oneof(anything, backend)) }),
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
