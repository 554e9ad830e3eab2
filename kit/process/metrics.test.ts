import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../semantics/fault.ts';
import type { ExchangeRecord } from './exchange-record.ts';
import { openMetrics } from './metrics.ts';

const record: ExchangeRecord = {
  id: 'i',
  client: '192.0.2.1',
  method: 'GET',
  target: '/secret',
  host: 'a',
  version: '1.1',
  status: 200,
  bytes: 100,
  ms: 3.90625,
  outcome: 'done',
};

const linesOf = async (metrics: ReturnType<typeof openMetrics>, name: string) =>
  (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith(name));

test('exchanges are counted by method, status and outcome, their bytes and their time summed', async () => {
  const metrics = openMetrics('edge-cache');
  metrics.exchange(record);
  metrics.exchange(record);
  metrics.exchange({ ...record, status: 404, outcome: 'client-left', ms: 62.5 });
  assert.deepEqual(await linesOf(metrics, 'trivet_http_requests_total'), [
    'trivet_http_requests_total{method="GET",status="200",outcome="done",tier="edge-cache"} 2',
    'trivet_http_requests_total{method="GET",status="404",outcome="client-left",tier="edge-cache"} 1',
  ]);
  assert.deepEqual(await linesOf(metrics, 'trivet_http_sent_bytes_total'), [
    'trivet_http_sent_bytes_total{tier="edge-cache"} 300',
  ]);
  const buckets = await linesOf(metrics, 'trivet_http_request_duration_seconds');
  assert.ok(buckets.includes('trivet_http_request_duration_seconds_bucket{le="0.005",tier="edge-cache"} 2'));
  assert.ok(buckets.includes('trivet_http_request_duration_seconds_sum{tier="edge-cache"} 0.0703125'));
});

test('labels have few values, whatever clients send', async () => {
  const metrics = openMetrics('edge-cache');
  for (const method of ['-', 'M-SEARCH', 'LINK', 'get']) metrics.exchange({ ...record, method });
  assert.deepEqual(await linesOf(metrics, 'trivet_http_requests_total'), [
    'trivet_http_requests_total{method="other",status="200",outcome="done",tier="edge-cache"} 4',
  ]);
  assert.doesNotMatch(await metrics.registry.metrics(), /secret|192\.0\.2/);
});

test('faults are counted by reason and blame', async () => {
  const metrics = openMetrics('edge-cache');
  metrics.exchange({ ...record, status: 503, fault: new Fault('refused', 'x') });
  metrics.exchange({ ...record, status: 400, fault: new Fault('bad-host', 'x') });
  assert.deepEqual(await linesOf(metrics, 'trivet_faults_total'), [
    'trivet_faults_total{reason="refused",blame="upstream",tier="edge-cache"} 1',
    'trivet_faults_total{reason="bad-host",blame="client",tier="edge-cache"} 1',
  ]);
});

test('gauges and counters are read when they are asked for', async () => {
  const metrics = openMetrics('edge-cache');
  let value = 0;
  let reads = 0;
  const read = () => {
    reads += 1;
    return value;
  };
  metrics.gauge('trivet_things', 'Things.', read);
  metrics.counter('trivet_events_total', 'Events.', read);
  assert.equal(reads, 0);
  for (const told of [5, 7, 7]) {
    value = told;
    assert.deepEqual(await linesOf(metrics, 'trivet_things'), [`trivet_things{tier="edge-cache"} ${told}`]);
    assert.deepEqual(await linesOf(metrics, 'trivet_events_total'), [`trivet_events_total{tier="edge-cache"} ${told}`]);
  }
});

test('each tier of one process has numbers of its own, with those of the process beside them', async () => {
  const one = openMetrics('edge-cache');
  openMetrics('app-backend').exchange(record);
  assert.deepEqual(await linesOf(one, 'trivet_http_requests_total'), []);
  assert.equal((await linesOf(one, 'process_resident_memory_bytes{')).length, 1);
});
