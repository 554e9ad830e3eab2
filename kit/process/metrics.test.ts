import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AggregatorRegistry, Counter, Histogram, Registry } from 'prom-client';
import { Fault } from '../semantics/fault.ts';
import { durationBounds, slotOf } from './exchange-counts.ts';
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

test('families of numbers are those that there are when they are asked for', async () => {
  const metrics = openMetrics('edge-cache');
  const there = new Map([['a', 1]]);
  const read = () => [...there].map(([thing, value]) => [{ thing }, value] as const);
  metrics.gauges('trivet_things', 'Things.', ['thing'], read);
  metrics.counters('trivet_events_total', 'Events.', ['thing'], read);
  for (const [thing, value] of [
    ['b', 2],
    ['a', 3],
  ] as const) {
    there.clear();
    there.set(thing, value);
    const lines = await linesOf(metrics, 'trivet_things');
    assert.deepEqual(lines, [`trivet_things{thing="${thing}",tier="edge-cache"} ${value}`]);
    const counted = await linesOf(metrics, 'trivet_events_total');
    assert.deepEqual(counted, [`trivet_events_total{thing="${thing}",tier="edge-cache"} ${value}`]);
  }
});

test('each tier of one process has numbers of its own, with those of the process beside them', async () => {
  const one = openMetrics('edge-cache');
  openMetrics('app-backend').exchange(record);
  assert.deepEqual(await linesOf(one, 'trivet_http_requests_total'), []);
  assert.equal((await linesOf(one, 'process_resident_memory_bytes{')).length, 1);
});

const finished = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'PURGE', 'other'),
  status: fc.oneof(fc.constantFrom(100, 200, 304, 404, 499, 503, 999), fc.integer({ min: 100, max: 999 })),
  outcome: fc.constantFrom('done', 'client-left', 'broken'),
  ms: fc.oneof(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.constantFrom(...durationBounds.map((s) => s * 1000))),
  bytes: fc.nat({ max: 1e9 }),
});
type Finished = { -readonly [K in 'method' | 'status' | 'outcome' | 'ms' | 'bytes']: ExchangeRecord[K] };

const named = ['trivet_http_requests_total', 'trivet_http_request_duration_seconds', 'trivet_http_sent_bytes_total'];

/** The registry that prom-client itself makes of these exchanges. */
function fedDirectly(exchanges: readonly Finished[]): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ tier: 'edge-cache' });
  const registers = [registry];
  const [requestsName = '', secondsName = '', bytesName = ''] = named;
  const requests = new Counter({
    name: requestsName,
    help: 'Exchanges that are over, by method, status and outcome.',
    labelNames: ['method', 'status', 'outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: secondsName,
    help: 'Time from the request head to the end of the response.',
    buckets: [...durationBounds],
    registers,
  });
  const bytes = new Counter({ name: bytesName, help: 'Bytes sent to clients.', registers });
  for (const { method, status, outcome, ms, bytes: sent } of exchanges) {
    requests.inc({ method, status, outcome });
    seconds.observe(ms / 1000);
    bytes.inc(sent);
  }
  return registry;
}

/** The rows of one metric as they travel between processes. */
async function rowsOf(registry: Registry, name: string) {
  const metric = (await registry.getMetricsAsJSON()).find((one) => one.name === name);
  return { ...metric, values: metric?.values.map(({ exemplar: _, ...row }: Record<string, unknown>) => row) };
}

async function assertSame(registry: Registry, expected: Registry): Promise<void> {
  for (const name of named) {
    assert.equal(await registry.getSingleMetricAsString(name), await expected.getSingleMetricAsString(name));
    assert.deepEqual(await rowsOf(registry, name), await rowsOf(expected, name));
  }
}

test('for any exchanges the exposition is what prom-client makes of them, text and JSON, at every scrape', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(finished, { maxLength: 60 }), fc.boolean(), async (exchanges, hasRecords) => {
      const metrics = openMetrics('edge-cache');
      const tell = (one: Finished) =>
        hasRecords
          ? metrics.exchange({ ...record, ...one })
          : metrics.count(slotOf(one.method, one.status, one.outcome), one.ms, one.bytes);
      exchanges.slice(0, 20).forEach(tell);
      await assertSame(metrics.registry, fedDirectly(exchanges.slice(0, 20)));
      exchanges.slice(20).forEach(tell);
      await assertSame(metrics.registry, fedDirectly(exchanges));
    }),
    { numRuns: 60 },
  );
});

test('the numbers of several processes can be summed', async () => {
  const processes = [openMetrics('edge-cache'), openMetrics('edge-cache')];
  for (const metrics of processes) {
    metrics.count(slotOf('GET', 200, 'done'), 3, 10);
    metrics.count(slotOf('GET', 404, 'done'), 300, 5);
  }
  const told = await Promise.all(processes.map(({ registry }) => registry.getMetricsAsJSON()));
  const sum = AggregatorRegistry.aggregate(told);
  const text = await sum.metrics();
  for (const line of [
    'trivet_http_requests_total{method="GET",status="200",outcome="done",tier="edge-cache"} 2',
    'trivet_http_request_duration_seconds_bucket{le="0.005",tier="edge-cache"} 2',
    'trivet_http_request_duration_seconds_count{tier="edge-cache"} 4',
    'trivet_http_request_duration_seconds_sum{tier="edge-cache"} 0.606',
    'trivet_http_sent_bytes_total{tier="edge-cache"} 30',
  ]) {
    assert.ok(text.split('\n').includes(line), line);
  }
});

test('a status that no answer can have takes no row of its own', async () => {
  const metrics = openMetrics('edge-cache');
  for (const status of [0, 99, 1000, -5, 1e9, 999]) metrics.exchange({ ...record, status });
  assert.deepEqual(await linesOf(metrics, 'trivet_http_requests_total'), [
    'trivet_http_requests_total{method="GET",status="999",outcome="done",tier="edge-cache"} 6',
  ]);
});
