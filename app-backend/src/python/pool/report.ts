/** What `/stats` and `/metrics` tell of Python workers and of the requests that wait for them. */
import { CountedHistogram } from '@trivet/kit/process/counted-histogram.ts';
import type { Metrics } from '@trivet/kit/process/metrics.ts';
import type { SlotSource } from '../seam.ts';
import type { PythonPool } from './pool.ts';
import type { PythonMember } from './python-member.ts';

export type Reported = {
  readonly pool: Pick<PythonPool, 'members' | 'stats' | 'ends'>;
  readonly slots: SlotSource;
  /** Slots of each worker. */
  readonly threads: number;
};

/** For `/stats`. */
export function statsOf({ pool, slots, threads }: Reported): object {
  const { busy, idle, queued, mostQueued, full, late } = slots.numbers;
  return {
    workers: pool.members.map((member) => rowOf(member, threads)),
    ...pool.stats,
    slots: { busy, idle },
    queue: { length: queued, most: mostQueued, refused: full, late },
  };
}

function rowOf(member: PythonMember, threads: number) {
  const { place: worker, pid, generation, served: requests, rssBytes, livedMs } = member;
  const inFlight = member.requests;
  const ageSeconds = Math.round(livedMs / 1000);
  const slots = { busy: inFlight.length, of: threads };
  return { worker, pid, state: stateOf(member), ageSeconds, requests, rssBytes, generation, slots, inFlight };
}

function stateOf({ state, requests }: PythonMember): string {
  if (state !== 'ready') return state;
  return requests.length > 0 ? 'busy' : 'idle';
}

/** Registers the numbers with those of the tier. */
export function measure({ pool, slots }: Reported, metrics: Metrics): void {
  const { numbers } = slots;
  metrics.gauge('trivet_app_slots_busy', 'Slots of workers that have a request.', () => slots.numbers.busy);
  metrics.gauge('trivet_app_slots_idle', 'Slots of workers that wait for a request.', () => slots.numbers.idle);
  metrics.gauge('trivet_app_queue_length', 'Requests that wait for a slot.', () => slots.numbers.queued);
  metrics.counter('trivet_app_queue_full_total', 'Requests refused because too many waited.', () => slots.numbers.full);
  metrics.counter('trivet_app_queue_late_total', 'Requests that waited for too long.', () => slots.numbers.late);
  metrics.gauges('trivet_app_workers', 'Processes that run the application, by state.', ['state'], () =>
    Object.entries(countsOf(pool.members)).map(([state, count]) => [{ state }, count] as const),
  );
  metrics.counters('trivet_worker_ends_total', 'Workers that ended, by reason.', ['reason'], () =>
    Object.entries(pool.ends).map(([reason, count]) => [{ reason }, count] as const),
  );
  new CountedHistogram(
    {
      name: 'trivet_app_queue_wait_seconds',
      help: 'Time that requests waited for a slot.',
      bounds: numbers.queueWait.bounds,
      registers: [metrics.registry],
    },
    {
      cumulative: () => slots.numbers.queueWait.cumulative(),
      sum: () => slots.numbers.queueWait.sum(),
    },
  );
}

function countsOf(members: readonly PythonMember[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = { starting: 0, ready: 0, leaving: 0 };
  for (const { state } of members) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
