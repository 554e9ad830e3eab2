import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anInbound } from '../testing/an-inbound.ts';
import { withStandard } from './standard-head.ts';

const cases: readonly [what: string, fields: readonly string[], expected: readonly string[]][] = [
  ['no fields', [], ['X-Request-Id', 'id-1']],
  ['fields in their order', ['B', '1', 'A', '2'], ['B', '1', 'A', '2', 'X-Request-Id', 'id-1']],
  ['an id of its own', ['x-request-ID', 'mine', 'A', '2'], ['A', '2', 'X-Request-Id', 'id-1']],
  ['two of them', ['X-Request-Id', '1', 'A', '2', 'X-Request-Id', '3'], ['A', '2', 'X-Request-Id', 'id-1']],
  ['an id as a value', ['A', 'x-request-id'], ['A', 'x-request-id', 'X-Request-Id', 'id-1']],
];

for (const [what, fields, expected] of cases) {
  test(`an answer with ${what} has the one id of the exchange`, () => {
    assert.deepEqual(withStandard(fields, anInbound(), false), expected);
  });
}

test('the time is told where it is wanted, beside that of the application', () => {
  const fields = withStandard(['Server-Timing', 'db;dur=1'], anInbound(), true);
  assert.deepEqual(fields.slice(0, 5), ['Server-Timing', 'db;dur=1', 'X-Request-Id', 'id-1', 'Server-Timing']);
  assert.match(fields[5] ?? '', /^app;dur=\d/);
});
