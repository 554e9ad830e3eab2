import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

test('a worker that ends while another is still being asked is not counted twice', async () => {
  await using own = new AsyncDisposableStack();
  const folder = own.use(await mkdtempDisposable(join(tmpdir(), 'trivet-metrics-')));
  const metrics = new WorkerMetrics();
  let hands = [1, 2].map((number) => ({ number, pid: number, admin: join(folder.path, `${number}.sock`) }));
  const crew = {
    get hands() {
      return hands;
    },
  };
  const counted = JSON.stringify(await said(2));
  const first = Promise.withResolvers<void>();
  let round = 0;
  for (const { pid, admin } of hands) {
    const server = createServer(async (_, response) => {
      const answer = () => response.setHeader('content-type', 'application/json').end(counted);
      if (pid === 1) return void answer().once('close', () => first.resolve());
      await first.promise;
      round += 1;
      // It has answered, and ends before all have.
      if (round === 2) hands = hands.slice(1);
      if (round === 2) metrics.gone(1);
      answer();
    });
    own.use(server.listen(admin));
    await once(server, 'listening');
  }
  const total = async () => {
    await metrics.ask(crew);
    return lines(await metrics.text(new Registry()))[0];
  };
  assert.deepEqual([await total(), await total(), await total()], Array(3).fill('c_total{kind="a"} 4'));
});

test('a worker that ends at whatever moment a text is made is neither lost nor counted twice', async () => {
  const counted = await said(2);
  for (let moment = 0; moment < 40; moment++) {
    const metrics = new WorkerMetrics();
    for (const pid of [1, 2, 3]) metrics.note(pid, counted);
    for (const pid of [1, 2]) metrics.gone(pid);
    const texts = [metrics.text(new Registry()), metrics.text(new Registry())];
    for (let i = 0; i < moment; i++) await Promise.resolve();
    metrics.gone(3);
    const each = await Promise.all(texts);
    each.push(await metrics.text(new Registry()));
    assert.deepEqual(
      each.map((text) => lines(text)[0]),
      Array(3).fill('c_total{kind="a"} 6'),
      `at moment ${moment}`,
    );
  }
});
