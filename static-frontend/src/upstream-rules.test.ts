import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { settingsOf } from '@trivet/kit/upstream/options.ts';
import { defineSite, type UpstreamOptions } from './define-site.ts';
import { type UpstreamConfig, upstreamRules } from './upstream-rules.ts';

const [a, b] = ['http://10.0.0.1:9000', 'http://10.0.0.2:9000'];
const [atA, atB] = ['10.0.0.1', '10.0.0.2'].map((host) => ({ kind: 'tcp', host, port: 9000 }) as const);

const config: UpstreamConfig = {
  upstream: [{ kind: 'unix', path: '/run/app.sock' }],
  ...{ upstreamConnections: 512, upstreamQueue: 4096, workers: 1 },
  ...{ connectTimeout: 3000, firstByteTimeout: 60_000, betweenBytesTimeout: 50_000 },
};

function rulesOf(options: UpstreamOptions, more: Partial<UpstreamConfig> = {}) {
  const site = defineSite({ routes: [{ path: '/', proxy: 'x' }], upstreams: { x: { addresses: a, ...options } } });
  const rules = upstreamRules(site, { ...config, ...more }).get('x');
  assert.ok(rules);
  // The kit can mean whatever a site may say.
  settingsOf(rules);
  return rules;
}

const plain = {
  ...{ name: 'x', addresses: [atA], connections: 512, queue: 4096 },
  timeouts: { connectMs: 3000, firstByteMs: 60_000, betweenBytesMs: 50_000 },
};
const asNginx = { maxFails: 1, failMs: 10_000, longestMs: 10_000, failFraction: 0.5, countsMalformed: true };

const table: [said: UpstreamOptions, rules: object][] = [
  [{}, {}],
  [{ addresses: `${a}, ${b}` }, { addresses: [atA, atB], ejection: asNginx }],
  [{ addresses: [`${a},${b}`] }, { addresses: [atA, atB], ejection: asNginx }],
  [
    { addresses: [a, { address: b, weight: 5, backup: true, down: true, maxConnections: 7 }] },
    { addresses: [atA, { ...atB, weight: 5, backup: true, down: true, maxConnections: 7 }], ejection: asNginx },
  ],
  [
    { addresses: [{ address: `${a},${b}`, weight: 2 }] },
    {
      addresses: [
        { ...atA, weight: 2 },
        { ...atB, weight: 2 },
      ],
      ejection: asNginx,
    },
  ],
  [{ balance: 'peak-ewma' }, { balance: 'peak-ewma' }],
  // A key and a cookie are those of requests.
  [{ balance: 'hash', hashBy: 'url', sticky: {} }, { balance: 'hash' }],
  [{ maxFails: 3 }, { ejection: { ...asNginx, maxFails: 3 } }],
  [{ failTimeout: '2s' }, { ejection: { ...asNginx, failMs: 2000, longestMs: 2000 } }],
  [{ failFraction: 0.2 }, { ejection: { ...asNginx, failFraction: 0.2 } }],
  [{ failFraction: 0 }, { ejection: { ...asNginx, failFraction: 0 } }],
  [{ addresses: [a, b], maxFails: 0, failTimeout: '2s' }, { addresses: [atA, atB] }],
  [
    { addresses: 'http://app.internal' },
    { addresses: [{ kind: 'tcp', host: 'app.internal', port: 80 }], ejection: asNginx },
  ],
  [{ slowStart: '30s' }, { slowStartMs: 30_000 }],
  [{ slowStart: '0s' }, { slowStartMs: 0 }],
  [{ probe: {} }, { probe: {} }],
  [
    {
      probe: { path: '/up', interval: '1s', timeout: '500ms', window: 4, threshold: 2, status: 204, host: 'app.test' },
    },
    {
      probe: { path: '/up', intervalMs: 1000, timeoutMs: 500, window: 4, threshold: 2, status: 204, host: 'app.test' },
    },
  ],
  [
    { retries: 0, retryOn: [502, 503], retryBudget: 0 },
    { retries: 0, retryOn: [502, 503], retryBudget: 0 },
  ],
  [{ maxConnections: 9 }, { connections: 9 }],
  [
    { queue: 0, queueWait: '3s' },
    { queue: 0, queueWaitMs: 3000 },
  ],
  [{ idle: '9s' }, { idleMs: 9000 }],
  [{ timeouts: { total: '9s' } }, { timeouts: { ...plain.timeouts, totalMs: 9000 } }],
  [{ timeouts: { connect: '1s' } }, { timeouts: { ...plain.timeouts, connectMs: 1000 } }],
  [
    { timeouts: { firstByte: '2s', betweenBytes: '3s' } },
    { timeouts: { connectMs: 3000, firstByteMs: 2000, betweenBytesMs: 3000 } },
  ],
];

test('of an app that the front runs itself none is probed, and who finds none waits; what the site says of retries stands', () => {
  const rulesOfOwn = (said: UpstreamOptions) => {
    const site = defineSite({ routes: [{ path: '/', proxy: 'app' }], upstreams: { app: said } });
    return upstreamRules(site, { ...config, isOwnApp: true }).get('app');
  };
  assert.deepEqual(rulesOfOwn({ probe: {} }), {
    ...plain,
    name: 'app',
    addresses: config.upstream,
    retryBudget: 100,
    pauseMs: 250,
  });
  assert.equal(rulesOfOwn({ retryBudget: 0 })?.retryBudget, 0);
  assert.equal(rulesOfOwn({ maxFails: 2 })?.ejection?.maxFails, 2);
  const elsewhere = rulesOfOwn({ probe: {}, addresses: 'http://127.0.0.1:1' });
  assert.deepEqual([elsewhere?.probe, elsewhere?.pauseMs], [{}, undefined]);
});

for (const [said, rules] of table) {
  test(`${JSON.stringify(said)} becomes ${JSON.stringify(rules)}`, () => {
    assert.deepEqual(rulesOf(said), { ...plain, ...rules });
  });
}

describe('app', () => {
  const routes = [{ path: '/', proxy: 'app' }];
  const ofApp = (options?: UpstreamOptions) =>
    upstreamRules({ routes, ...(options && { upstreams: { app: options } }) }, config).get('app');

  test('is there though the site says nothing of it', () => {
    assert.deepEqual(ofApp(), { ...plain, name: 'app', addresses: config.upstream });
  });

  test('has the addresses of FRONT_UPSTREAM, with options of the site', () => {
    const { addresses, balance } = ofApp({ balance: 'random' }) ?? {};
    assert.deepEqual({ addresses, balance }, { addresses: config.upstream, balance: 'random' });
  });

  test('has those of the site where it names some', () => {
    assert.deepEqual(ofApp({ addresses: a })?.addresses, [atA]);
  });
});

for (const [what, said, workers, balance] of [
  ['one worker asks in turn', {}, 1, undefined],
  ['each of several asks the less busy of two', {}, 2, 'two-choices'],
  ['several do as the site says', { balance: 'round-robin' }, 2, 'round-robin'],
] as const) {
  test(what, () => assert.equal(rulesOf(said, { workers }).balance, balance));
}

test('each of several workers has its share of what is for the whole tier, one at least', () => {
  const addresses = [
    { address: a, maxConnections: 2 },
    { address: b, maxConnections: 40 },
  ];
  const rules = rulesOf({ addresses, maxConnections: 10, queue: 3 }, { workers: 4 });
  assert.deepEqual([rules.connections, rules.queue], [2, 1]);
  assert.deepEqual(
    rules.addresses.map(({ maxConnections }) => maxConnections),
    [1, 10],
  );
  assert.equal(rulesOf({ queue: 0 }, { workers: 4 }).queue, 0);
  assert.equal(rulesOf({}, { workers: 4 }).connections, 512, 'settings come as a share');
});
