import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Received, receive } from './receive.ts';

const get: Received = { method: 'GET', hasBody: false, isUpgrade: false, mayPurge: false };

for (const [what, over, expected] of [
  ['a GET', {}, { do: 'lookup' }],
  ['a HEAD', { method: 'HEAD' }, { do: 'lookup' }],
  ['a GET with a body', { hasBody: true }, { do: 'pass', why: 'request-body' }],
  ['a POST', { method: 'POST', hasBody: true }, { do: 'pass', why: 'method' }],
  ['an unknown method', { method: 'M-SEARCH' }, { do: 'pass', why: 'method' }],
  ['an OPTIONS', { method: 'OPTIONS' }, { do: 'pass', why: 'method' }],
  ['an upgrade', { isUpgrade: true }, { do: 'pipe', why: 'upgrade' }],
  ['a PURGE from one who may', { method: 'PURGE', mayPurge: true }, { do: 'purge', soft: false }],
  ['a PURGE from a stranger', { method: 'PURGE' }, { do: 'synth', status: 403, why: 'purge-denied' }],
] as const satisfies readonly (readonly [string, Partial<Received>, object])[]) {
  test(`${what}: ${JSON.stringify(expected)}`, () => assert.deepEqual(receive({ ...get, ...over }), expected));
}
