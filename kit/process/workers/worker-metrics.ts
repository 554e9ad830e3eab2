import { AggregatorRegistry, type Registry } from 'prom-client';

/** The metrics of one process, as `getMetricsAsJSON` of prom-client gives them. */
export type Metrics = readonly { readonly name: string; readonly type: unknown }[];

/**
 * The metrics of all workers as those of one process. What a worker had counted when it was last asked goes on counting
 * after its end: a counter that falls would look like a restart of the whole tier.
 */
export class WorkerMetrics {
  readonly #last = new Map<number, Metrics>();
  #ended: Metrics[] = [];

  /** What a worker said, by its pid. */
  note(pid: number, metrics: Metrics): void {
    this.#last.set(pid, metrics);
  }

  /** It has ended: only what it counted stays. */
  gone(pid: number): void {
    const counted = this.#last.get(pid)?.filter(({ type }) => type === 'counter' || type === 'histogram');
    this.#last.delete(pid);
    if (counted !== undefined) this.#ended.push(counted);
  }

  /** The text for Prometheus; `own` are the metrics of the primary process. */
  async text(own: Registry): Promise<string> {
    const primary: Metrics = await own.getMetricsAsJSON();
    if (this.#ended.length > 1) this.#ended = [await together(this.#ended).getMetricsAsJSON()];
    return await together([primary, ...this.#last.values(), ...this.#ended]).metrics();
  }
}

function together(lists: readonly Metrics[]): Registry {
  return AggregatorRegistry.aggregate([...lists]);
}
