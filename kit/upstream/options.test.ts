import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { settingsOf, type UpstreamOptions } from './options.ts';

const timeouts = { connectMs: 1, firstByteMs: 2, betweenBytesMs: 3 };
const address = { kind: 'tcp', host: '127.0.0.1', port: 1 } as const;
const settings = (more: Partial<UpstreamOptions> = {}) =>
  settingsOf({ name: 'app', addresses: [address], timeouts, ...more });

describe('an upstream that is told nothing', () => {
  test('asks in turn, probes nobody, and waits in its queue no longer than for the first byte', () => {
    const { balance, probe, queueWaitMs, countsAnswers } = settings();
    assert.deepEqual([balance, probe, queueWaitMs, countsAnswers], ['round-robin', undefined, 2, false]);
  });

  test('probes as Varnish does', () => {
    const { probe } = settings({ probe: {} });
    const varnish = {
      path: '/',
      intervalMs: 5_000,
      timeoutMs: 2_000,
      window: 8,
      threshold: 3,
      initial: 2,
      status: 200,
    };
    assert.deepEqual(probe, { ...varnish, host: undefined });
  });

  test('takes out for failures three in a row, for ten seconds and up to five minutes', () => {
    assert.deepEqual(settings({ ejection: {} }).ejection, { maxFails: 3, failMs: 10_000, longestMs: 300_000 });
  });
});

describe('what cannot be meant is refused', () => {
  for (const [wrong, message] of [
    [{ addresses: [] }, /no address/],
    [{ connections: 0 }, /no connection/],
    [{ probe: { window: 65 } }, /window is from 1 to 64, not 65/],
    [{ probe: { window: 0 } }, /window/],
    [{ probe: { threshold: 9 } }, /threshold is from 1 to its window, not 9/],
    [{ probe: { threshold: 0 } }, /threshold/],
    [{ probe: { initial: -1 } }, /initial/],
    [{ probe: { path: 'ready' } }, /begins with \//],
    [{ probe: { intervalMs: 0 } }, /interval/],
    [{ ejection: { maxFails: 0 } }, /maxFails/],
    [{ ejection: { failMs: 0 } }, /failMs/],
    [{ ejection: { failFraction: 1.1 } }, /failFraction is from 0 to 1, not 1.1/],
    [{ ejection: { failFraction: -0.1 } }, /failFraction/],
    [{ addresses: [{ ...address, weight: 0 }] }, /weight of app at 127.0.0.1:1 is a whole number from 1 to 100, not 0/],
    [{ addresses: [{ ...address, weight: 101 }] }, /not 101/],
    [{ addresses: [address, { ...address, weight: 1.5 }] }, /not 1.5/],
    [{ addresses: [{ ...address, maxConnections: -1 }] }, /127.0.0.1:1 cannot have -1 connections/],
    [{ slowStartMs: -1 }, /cannot start in -1ms/],
  ] as const) {
    test(JSON.stringify(wrong), () => assert.throws(() => settings(wrong), { name: 'RangeError', message }));
  }
});
