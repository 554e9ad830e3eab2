import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { load, share } from './settings.ts';
import { clientSettings, sharedSettings, upstreamSettings, workersSettings } from './shared-settings.ts';

const rows = {
  ...sharedSettings('FRONT', {
    listen: '0.0.0.0:8081',
    adminListen: '127.0.0.1:9081',
    trustedProxies: '',
    maxHead: '32KB',
    idleTimeout: '75s',
    gracefulTimeout: '25s',
  }),
  ...clientSettings('FRONT'),
  ...upstreamSettings('FRONT'),
};

test('the settings of every tier have their documented names and defaults', () => {
  const told = Object.values(rows).map(({ env, fallback }) => `${env}=${fallback}`);
  assert.deepEqual(told, [
    'FRONT_LISTEN=0.0.0.0:8081',
    'FRONT_SOCKET_MODE=',
    'FRONT_SOCKET_OWNER=',
    'FRONT_ADMIN_LISTEN=127.0.0.1:9081',
    'FRONT_ADMIN_TOKEN=',
    'FRONT_TRUSTED_PROXIES=',
    'FRONT_MAX_HEAD=32KB',
    'FRONT_MAX_FIELDS=128',
    'FRONT_MAX_TARGET=16KB',
    'FRONT_MAX_CONNECTIONS=10000',
    'FRONT_KEEPALIVE_REQUESTS=10000',
    'FRONT_HEADER_TIMEOUT=10s',
    'FRONT_CLIENT_TIMEOUT=60s',
    'FRONT_IDLE_TIMEOUT=75s',
    'FRONT_GRACEFUL_TIMEOUT=25s',
    'FRONT_BACKLOG=2048',
    'FRONT_PID_FILE=',
    'FRONT_SERVER_TIMING=on',
    'LOG_LEVEL=info',
    'LOG_FORMAT=json',
    'LOG_SAMPLE=1',
    'LOG_SKIP=',
    'LOG_FILE=',
    'LOG_BUFFER=4MB',
    'FRONT_MAX_CONNECTIONS_PER_CLIENT=0',
    'FRONT_MIN_RATE=240B',
    'FRONT_MIN_RATE_GRACE=20s',
    'FRONT_PROXY_PROTOCOL=off',
    'FRONT_CONNECT_TIMEOUT=3s',
    'FRONT_FIRST_BYTE_TIMEOUT=60s',
    'FRONT_BETWEEN_BYTES_TIMEOUT=60s',
    'FRONT_TUNNEL_IDLE=1h',
    'FRONT_UPSTREAM_CONNECTIONS=512',
    'FRONT_UPSTREAM_QUEUE=4096',
  ]);
  assert.equal(load(rows, {}).maxHead, 32 * 1024);
});

test('no timeout that guards something can be switched off', () => {
  for (const name of ['HEADER', 'CLIENT', 'IDLE', 'CONNECT', 'FIRST_BYTE', 'BETWEEN_BYTES']) {
    assert.throws(() => load(rows, { [`FRONT_${name}_TIMEOUT`]: '0s' }), /must be longer than 0/, name);
  }
  assert.equal(load(rows, { FRONT_GRACEFUL_TIMEOUT: '0s' }).gracefulTimeout, 0);
});

test('the admin token is a secret', () => {
  assert.equal(rows.adminToken.secret, true);
});

test('a worker has its share of what the whole tier may take, and all of the rest', () => {
  const config = load(rows, {
    FRONT_MAX_CONNECTIONS: '1001',
    FRONT_UPSTREAM_CONNECTIONS: '3',
    FRONT_UPSTREAM_QUEUE: '0',
  });
  const { maxConnections, upstreamConnections, upstreamQueue, maxFields, idleTimeout } = share(rows, config, 4);
  assert.deepEqual([maxConnections, upstreamConnections, upstreamQueue], [250, 1, 0]);
  assert.deepEqual([maxFields, idleTimeout], [config.maxFields, config.idleTimeout]);
});

for (const [given, workers] of [
  ['1', 1],
  ['128', 128],
  ['auto', availableParallelism()],
] as const) {
  test(`${given} are ${workers} workers`, () => {
    assert.equal(load(workersSettings('EDGE', 'works'), { EDGE_WORKERS: given }).workers, workers);
  });
}

for (const given of ['0', '129', '-1', 'many', '', '1.5']) {
  test(`${JSON.stringify(given)} is no number of workers`, () => {
    const expected = /^SettingsProblem: EDGE_WORKERS: .* is neither auto nor a whole number from 1 to 128$/;
    assert.throws(() => load(workersSettings('EDGE', 'works'), { EDGE_WORKERS: given }), expected);
  });
}

for (const [given, ms] of [
  ['0s', 0],
  ['1s', 1_000],
  ['5m', 300_000],
] as const) {
  test(`a worker may hang for ${given}`, () => {
    assert.equal(load(workersSettings('EDGE', 'works'), { EDGE_WORKER_TIMEOUT: given }).workerTimeout, ms);
  });
}

test('a worker may not be given less time than its garbage takes', () => {
  const load999 = () => load(workersSettings('EDGE', 'works'), { EDGE_WORKER_TIMEOUT: '999ms' });
  assert.throws(load999, /^SettingsProblem: EDGE_WORKER_TIMEOUT: must be 1s or longer, or 0s$/);
});
