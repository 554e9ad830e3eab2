import { AggregatorRegistry, type Registry } from 'prom-client';
import type { Crew } from './crew.ts';
import { tellingOf } from './fan-out.ts';

/** The metrics of one process, as `getMetricsAsJSON` of prom-client gives them. */
export type Metrics = readonly { readonly name: string; readonly type: unknown }[];

/**
 * The metrics of all workers as those of one process. What a worker had counted when it was last asked goes on counting
 * after its end: a counter that falls would look like a restart of the whole tier.
 */
export class WorkerMetrics {
  readonly #last = new Map<number, Metrics>();
  /** Of those that have ended; another list for each change, so that a text under way neither misses one nor loses it. */
  #ended: readonly Metrics[] = [];

  /** Asks all workers that serve for what they have counted. */
  async ask(crew: Pick<Crew, 'hands'>): Promise<void> {
    for (const { hand, told } of await tellingOf(crew.hands, '/metrics.json')) {
      // One that ended meanwhile has been added up already.
      if (crew.hands.some(({ pid }) => pid === hand.pid)) this.note(hand.pid, told as Metrics);
    }
  }

  /** What a worker said, by its pid. */
  note(pid: number, metrics: Metrics): void {
    this.#last.set(pid, metrics);
  }

  /** It has ended: only what it counted stays. */
  gone(pid: number): void {
    const counted = this.#last.get(pid)?.filter(({ type }) => type === 'counter' || type === 'histogram');
    this.#last.delete(pid);
    if (counted !== undefined) this.#ended = [...this.#ended, counted];
  }

  /** The text for Prometheus; `own` are the metrics of the primary process. */
  async text(own: Registry): Promise<string> {
    const ended = this.#ended;
    const living = [...this.#last.values()];
    const primary: Metrics = await own.getMetricsAsJSON();
    const sum = ended.length > 1 ? [await together(ended).getMetricsAsJSON()] : ended;
    if (this.#ended === ended) this.#ended = sum;
    return await together([primary, ...living, ...sum]).metrics();
  }
}

function together(lists: readonly Metrics[]): Registry {
  return AggregatorRegistry.aggregate([...lists]);
}
