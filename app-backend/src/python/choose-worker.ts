/** What is known of a worker when a request has to be given to one. */
export type Candidate = {
  /** Slots with a request, and without. */
  readonly busy: number;
  readonly idle: number;
  /** It gets nothing any more. */
  readonly isRetired: boolean;
  /** When it was last given a request: any number that grows. */
  readonly usedAt: number;
};

/**
 * The worker with the fewest requests of those that have a free slot; of equals the one that had a request last, whose
 * caches are warm. Pure.
 */
export function chooseWorker<C extends Candidate>(workers: Iterable<C>): C | undefined {
  let best: C | undefined;
  for (const worker of workers) {
    if (worker.isRetired || worker.idle === 0) continue;
    if (best === undefined || isBetter(worker, best)) best = worker;
  }
  return best;
}

function isBetter(one: Candidate, other: Candidate): boolean {
  return one.busy === other.busy ? one.usedAt > other.usedAt : one.busy < other.busy;
}
