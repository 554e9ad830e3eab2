import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Tier } from '../semantics/fault.ts';
import { CountedHistogram } from './counted-histogram.ts';
import { durationBounds, ExchangeCounts, slotOf } from './exchange-counts.ts';
import type { ExchangeRecord } from './exchange-record.ts';

/** Of workers that count the same thing, each of them, the largest number is the right one. */
export type Across = 'sum' | 'max';

/** The numbers of one tier, scraped from `/metrics`. Labels have few values: never a URL, never a client. */
export type Metrics = {
  readonly registry: Registry;
  exchange(record: ExchangeRecord): void;
  /** The same for one that has no record and no fault: `slot` of `slotOf`, milliseconds, bytes sent. Allocates nothing. */
  count(slot: number, ms: number, bytes: number): void;
  /** A number that is read when Prometheus asks; `across`: what several workers come to. */
  gauge(name: string, help: string, read: () => number, across?: Across): void;
  /** The same for a family of numbers; `labels` are the names of what tells them apart. */
  gauges(name: string, help: string, labels: readonly string[], read: () => Iterable<Labelled>): void;
  /** A count that is kept elsewhere as a plain integer, read when Prometheus asks. */
  counter(name: string, help: string, read: () => number, across?: Across): void;
  /** The same for a family of counts; `labels` are the names of what tells them apart. */
  counters(name: string, help: string, labels: readonly string[], read: () => Iterable<Labelled>): void;
};

export type Labelled = readonly [labels: Readonly<Record<string, string>>, value: number];

/** Opens the registry of a tier, with the process's own numbers (memory, CPU, event loop) in it. */
export function openMetrics(tier: Tier): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ tier });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counts = new ExchangeCounts();
  measureExchanges(counts, registers);
  const faults = new Counter({
    name: 'trivet_faults_total',
    help: 'What broke, by reason code and blame.',
    labelNames: ['reason', 'blame'],
    registers,
  });
  return {
    registry,
    exchange(record) {
      counts.count(slotOf(record.method, record.status, record.outcome), record.ms, record.bytes);
      if (record.fault) faults.inc({ reason: record.fault.reason, blame: record.fault.blame });
    },
    count(slot, ms, bytes) {
      counts.count(slot, ms, bytes);
    },
    gauge(name, help, read, aggregator = 'sum') {
      new Gauge({
        aggregator,
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    },
    gauges(name, help, labelNames, read) {
      new Gauge({
        name,
        help,
        registers,
        labelNames: [...labelNames],
        collect() {
          this.reset();
          for (const [labels, value] of read()) this.set({ ...labels }, value);
        },
      });
    },
    counter(name, help, read, aggregator = 'sum') {
      new Counter({
        aggregator,
        name,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(read());
        },
      });
    },
    counters(name, help, labelNames, read) {
      new Counter({
        name,
        help,
        labelNames: [...labelNames],
        registers,
        collect() {
          this.reset();
          for (const [labels, count] of read()) this.inc({ ...labels }, count);
        },
      });
    },
  };
}

function measureExchanges(counts: ExchangeCounts, registers: Registry[]): void {
  new Counter({
    name: 'trivet_http_requests_total',
    help: 'Exchanges that are over, by method, status and outcome.',
    labelNames: ['method', 'status', 'outcome'],
    registers,
    collect() {
      this.reset();
      for (const [labels, count] of counts.requests()) this.inc(labels, count);
    },
  });
  new CountedHistogram(
    {
      name: 'trivet_http_request_duration_seconds',
      help: 'Time from the request head to the end of the response.',
      bounds: durationBounds,
      registers,
    },
    { cumulative: () => counts.cumulative(), sum: () => counts.seconds },
  );
  new Counter({
    name: 'trivet_http_sent_bytes_total',
    help: 'Bytes sent to clients.',
    registers,
    collect() {
      this.reset();
      this.inc(counts.bytes);
    },
  });
}
