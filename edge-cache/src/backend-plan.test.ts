import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '@trivet/kit/process/settings.ts';
import { settings } from '../settings.ts';
import { backendPlan } from './backend-plan.ts';

const config = load(settings, { EDGE_ORIGIN: 'http://a:1,http://b:2', EDGE_UPSTREAM_QUEUE: '7' });

test('without a word of the policy there is one backend, as the settings have it', () => {
  assert.deepEqual(Object.fromEntries(backendPlan(undefined, config)), {
    default: {
      name: 'origin',
      addresses: config.origin,
      timeouts: { connectMs: 3000, firstByteMs: 60_000, betweenBytesMs: 60_000 },
      connections: 512,
      queue: 7,
    },
  });
});

test('a policy says what it wants otherwise, in the words of the policy', () => {
  const plan = backendPlan(
    {
      default: { balance: 'least-connections', probe: { path: '/ready', interval: '5s', window: 8, threshold: 3 } },
      images: {
        addresses: ['http://10.0.0.1:80', 'unix:/run/images.sock'],
        balance: 'hash',
        hashBy: 'client',
        maxConnections: 10,
        queue: 0,
        queueWait: '1s',
        timeouts: { firstByte: '5m' },
        ejection: { maxFails: 2 },
        probe: { host: 'images.example', status: 204, threshold: 1, window: 2, timeout: 500 },
      },
    },
    config,
  );
  assert.partialDeepStrictEqual(plan.get('default'), {
    addresses: config.origin,
    balance: 'least-connections',
    probe: { path: '/ready', intervalMs: 5000, timeoutMs: 2000, window: 8, threshold: 3, initial: 2, status: 200 },
  });
  assert.deepEqual(plan.get('images'), {
    name: 'images',
    addresses: [
      { kind: 'tcp', host: '10.0.0.1', port: 80 },
      { kind: 'unix', path: '/run/images.sock' },
    ],
    timeouts: { connectMs: 3000, firstByteMs: 300_000, betweenBytesMs: 60_000 },
    connections: 10,
    queue: 0,
    queueWaitMs: 1000,
    balance: 'hash',
    ejection: { maxFails: 2, failMs: 10_000 },
    probe: {
      path: '/',
      intervalMs: 5000,
      timeoutMs: 500,
      window: 2,
      threshold: 1,
      initial: 0,
      status: 204,
      host: 'images.example',
    },
  });
});

for (const [given, said] of [
  [[], 'backends is a list, not an object'],
  [{ 'a b': {} }, 'backends.a b is no name: at most 64 letters, digits, ".", "_" and "-"'],
  [{ a: 5 }, 'backends.a is 5, not an object'],
  [
    { a: { adresses: [] } },
    'backends.a.adresses is nothing that a policy knows; there is only addresses, balance, hashBy, probe, ejection, maxConnections, queue, queueWait, timeouts',
  ],
  [{ a: { addresses: [] } }, 'backends.a.addresses are none; leave the member out for those of EDGE_ORIGIN'],
  [{ a: { addresses: 'http://a' } }, "backends.a.addresses is \"http://a\", not a list, such as ['a', 'b']"],
  [
    { a: { addresses: ['a'] } },
    'backends.a.addresses are wrong: "a" is not an address such as http://127.0.0.1:8081 or unix:PATH',
  ],
  [
    { a: { balance: 'best' } },
    'backends.a.balance is "best", not one of round-robin, random, least-connections, hash, fallback',
  ],
  [{ a: { balance: 'hash', hashBy: 'cookie' } }, 'backends.a.hashBy is "cookie", not one of url, client'],
  [{ a: { hashBy: 'url' } }, "backends.a.hashBy goes with balance: 'hash' alone"],
  [{ a: { maxConnections: 0 } }, 'backends.a.maxConnections is 0, not a whole number from 1 to 100000'],
  [{ a: { queue: 1.5 } }, 'backends.a.queue is 1.5, not a whole number from 0 to 1000000'],
  [
    { a: { timeouts: { connect: '0s' } } },
    "backends.a.timeouts.connect is \"0s\", not a time above 0 such as '250ms', '10s', '5m', '1h', or milliseconds",
  ],
  [{ a: { probe: true } }, 'backends.a.probe is true, not an object'],
  [
    { a: { probe: { path: 'ready' } } },
    'backends.a.probe.path is "ready", not a path that begins with / and has no spaces',
  ],
  [{ a: { probe: { window: 65 } } }, 'backends.a.probe.window is 65, not a whole number from 1 to 64'],
  [{ a: { probe: { window: 4, threshold: 5 } } }, 'backends.a.probe.threshold is 5, not a whole number from 1 to 4'],
  [
    { a: { probe: { interval: Number.NaN } } },
    "backends.a.probe.interval is NaN, not a time above 0 such as '250ms', '10s', '5m', '1h', or milliseconds",
  ],
  [
    { a: { ejection: { failTime: 'soon' } } },
    "backends.a.ejection.failTime is \"soon\", not a time above 0 such as '250ms', '10s', '5m', '1h', or milliseconds",
  ],
  [Object.fromEntries(Array.from({ length: 257 }, (_, n) => [`b${n}`, {}])), 'backends are more than 256'],
] as const) {
  test(`refused: ${said}`, () => {
    assert.throws(() => backendPlan(given, config), { name: 'PolicyProblem', message: said });
  });
}
