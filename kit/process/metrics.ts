import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Tier } from '../semantics/fault.ts';
import type { ExchangeRecord } from './exchange-record.ts';

/** The numbers of one tier, scraped from `/metrics`. Labels have few values: never a URL, never a client. */
export type Metrics = {
  readonly registry: Registry;
  exchange(record: ExchangeRecord): void;
  /** A number that is read when Prometheus asks. */
  gauge(name: string, help: string, read: () => number): void;
  /** A count that is kept elsewhere as a plain integer, read when Prometheus asks. */
  counter(name: string, help: string, read: () => number): void;
};

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PURGE']);

/** Opens the registry of a tier, with the process's own numbers (memory, CPU, event loop) in it. */
export function openMetrics(tier: Tier): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ tier });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const requests = new Counter({
    name: 'trivet_http_requests_total',
    help: 'Exchanges that are over, by method, status and outcome.',
    labelNames: ['method', 'status', 'outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: 'trivet_http_request_duration_seconds',
    help: 'Time from the request head to the end of the response.',
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60],
    registers,
  });
  const bytes = new Counter({ name: 'trivet_http_sent_bytes_total', help: 'Bytes sent to clients.', registers });
  const faults = new Counter({
    name: 'trivet_faults_total',
    help: 'What broke, by reason code and blame.',
    labelNames: ['reason', 'blame'],
    registers,
  });
  return {
    registry,
    exchange(record) {
      const method = methods.has(record.method) ? record.method : 'other';
      requests.inc({ method, status: record.status, outcome: record.outcome });
      seconds.observe(record.ms / 1000);
      bytes.inc(record.bytes);
      if (record.fault) faults.inc({ reason: record.fault.reason, blame: record.fault.blame });
    },
    gauge(name, help, read) {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    },
    counter(name, help, read) {
      new Counter({
        name,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(read());
        },
      });
    },
  };
}
