import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { afterSetback, isRepeatable, type Setback } from './retry.ts';

const timeouts = { connectMs: 100, firstByteMs: 1_000 };
const rule = { retries: 1, timeouts };
const reset: Setback = {
  reason: 'reset-before-head',
  how: 'sent',
  isRepeatable: true,
  wasReplayed: false,
  retries: 0,
  sinceMs: 0,
};

const rows: readonly [what: string, setback: Partial<Setback>, next: string][] = [
  ['no connection was taken', { reason: 'refused', how: 'unsent' }, 'redial nothing-sent'],
  ['that holds whatever the method', { reason: 'refused', how: 'unsent', isRepeatable: false }, 'redial nothing-sent'],
  ['and is not among the retries', { reason: 'refused', how: 'unsent', retries: 9 }, 'redial nothing-sent'],
  ['it has longer than a retry', { reason: 'refused', how: 'unsent', sinceMs: 1_099 }, 'redial nothing-sent'],
  ['but not for ever', { reason: 'refused', how: 'unsent', sinceMs: 1_100 }, 'give-up late'],
  ['the peer closed a reused connection', { how: 'stale' }, 'replay stale-connection'],
  ['that is not among the retries', { how: 'stale', retries: 1 }, 'replay stale-connection'],
  ['once', { how: 'stale', wasReplayed: true }, 'retry repeatable'],
  ['once, with no retries left', { how: 'stale', wasReplayed: true, retries: 1 }, 'give-up no-retries-left'],
  ['a POST may have been seen', { how: 'stale', isRepeatable: false }, 'give-up unrepeatable'],
  ['a connection broke', {}, 'retry repeatable'],
  ['under a POST', { isRepeatable: false }, 'give-up unrepeatable'],
  ['for the second time', { retries: 1 }, 'give-up no-retries-left'],
  ['in the last moment', { sinceMs: 999 }, 'retry repeatable'],
  ['too late', { sinceMs: 1_000 }, 'give-up late'],
  ['a status that is not taken', { reason: 'unavailable', how: 'answered' }, 'retry repeatable'],
  ['silence', { reason: 'timeout-first-byte' }, 'give-up final'],
  ['garbage', { reason: 'bad-response' }, 'give-up final'],
  ['half an answer', { reason: 'reset-mid-body' }, 'give-up final'],
  ['a fault of our own', { reason: 'internal' }, 'give-up final'],
];

describe('after a setback', () => {
  for (const [what, setback, expected] of rows) {
    test(`${what}: ${expected}`, () => {
      const { next, why } = afterSetback({ ...reset, ...setback }, rule);
      assert.equal(`${next} ${why}`, expected);
    });
  }

  test('there are as many retries as were asked for', () => {
    const next = (retries: number, most: number) =>
      afterSetback({ ...reset, retries }, { retries: most, timeouts }).next;
    assert.deepEqual([next(0, 0), next(2, 3), next(3, 3)], ['give-up', 'retry', 'give-up']);
  });
});

describe('what may be sent twice', () => {
  const body = Buffer.from('x');
  for (const [method, isIt] of [
    ...(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'] as const).map((method) => [method, true] as const),
    ...(['POST', 'PATCH', 'CONNECT', 'LOCK', 'get', 'NEW'] as const).map((method) => [method, false] as const),
  ]) {
    test(`${method}: ${isIt}`, () => {
      assert.equal(isRepeatable(method, undefined), isIt);
      assert.equal(isRepeatable(method, body), isIt, 'with a body that is there still');
      assert.equal(isRepeatable(method, { length: 1, open: () => body }), isIt, 'with one that can be had again');
      assert.equal(isRepeatable(method, { pipe: true }), false, 'with one that flows by');
    });
  }
});
