import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type Metrics, WorkerMetrics } from './worker-metrics.ts';

/** What one process counts. */
async function said(n: number): Promise<Metrics> {
  const registers = [new Registry()];
  new Counter({ name: 'c_total', help: 'c', labelNames: ['kind'], registers }).inc({ kind: 'a' }, n);
  new Counter({ name: 'same_total', help: 's', registers, aggregator: 'max' }).inc(n);
  new Gauge({ name: 'g', help: 'g', registers }).set(n);
  new Histogram({ name: 'h', help: 'h', buckets: [1, 10], registers }).observe(n);
  return JSON.parse(JSON.stringify(await registers[0]?.getMetricsAsJSON()));
}

const lines = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

test('counters, gauges and histograms are added up; what each counts for all is not', async () => {
  const metrics = new WorkerMetrics();
  metrics.note(1, await said(2));
  metrics.note(2, await said(5));
  assert.deepEqual(lines(await metrics.text(new Registry())), [
    'c_total{kind="a"} 7',
    'same_total 5',
    'g 7',
    'h_bucket{le="1"} 0',
    'h_bucket{le="10"} 2',
    'h_bucket{le="+Inf"} 2',
    'h_sum 7',
    'h_count 2',
  ]);
});

test('what a worker has counted goes on counting after its end, what it held does not', async () => {
  const metrics = new WorkerMetrics();
  for (const pid of [1, 2, 3]) {
    metrics.note(pid, await said(2));
    metrics.gone(pid);
    await metrics.text(new Registry());
  }
  metrics.gone(4);
  metrics.note(5, await said(1));
  assert.deepEqual(lines(await metrics.text(new Registry())).slice(0, 3), [
    'c_total{kind="a"} 7',
    'same_total 2',
    'g 1',
  ]);
});
