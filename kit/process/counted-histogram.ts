import { Histogram, type Registry } from 'prom-client';

/** Where the numbers are kept. */
export type HistogramSource = {
  /** How many were no greater than each bound, and last how many there were. */
  cumulative(): readonly number[];
  sum(): number;
};

type Options = {
  readonly name: string;
  readonly help: string;
  readonly bounds: readonly number[];
  readonly registers: Registry[];
};

/**
 * A histogram without labels whose numbers are kept elsewhere and read when Prometheus asks; what it observes itself is not
 * told. prom-client has no way to set the numbers of a histogram.
 */
export class CountedHistogram extends Histogram {
  readonly #options: Options;
  readonly #source: HistogramSource;

  constructor(options: Options, source: HistogramSource) {
    const { name, help, bounds, registers } = options;
    super({ name, help, buckets: [...bounds], registers });
    this.#options = options;
    this.#source = source;
  }

  /** What prom-client makes its text of, and its JSON. */
  async getForPromString(): Promise<object> {
    const { name, help, bounds } = this.#options;
    const cumulative = this.#source.cumulative();
    const row = (suffix: string, labels: Readonly<Record<string, string | number>>, value: number) => ({
      labels,
      sharedLabels: {},
      value,
      metricName: `${name}_${suffix}`,
    });
    const count = cumulative.at(-1) ?? 0;
    const values = [
      ...bounds.map((le, i) => row('bucket', { le }, cumulative[i] ?? 0)),
      row('bucket', { le: '+Inf' }, count),
      row('sum', {}, this.#source.sum()),
      row('count', {}, count),
    ];
    return { name, help, type: 'histogram', values, aggregator: 'sum' };
  }
}
