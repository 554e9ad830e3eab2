/**
 * The counts of finished exchanges as plain numbers in flat arrays. prom-client asks for them when it is scraped; until
 * then an exchange costs a few additions and no object. What the numbers are called is the business of the metrics.
 */
import type { ExchangeRecord } from './exchange-record.ts';

export type Outcome = ExchangeRecord['outcome'];

/** The methods that have a row of their own; labels must have few values, and clients send what they like. */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PURGE', 'other'] as const;
const outcomes: readonly Outcome[] = ['done', 'client-left', 'broken'];
// What `node:http` lets a handler send: three digits.
const LEAST_STATUS = 100;
const STATUSES = 900;

/** Upper bounds of the buckets of durations, in seconds. */
export const durationBounds: readonly number[] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60];

const methodIndex: ReadonlyMap<string, number> = new Map(methods.map((method, index) => [method, index]));
const OTHER = methods.length - 1;

/**
 * The number under which exchanges of this method, status and outcome are counted: small, and the same for good, so that
 * who answers the same thing often may keep it. A status that is not of three digits is counted as 999.
 */
export function slotOf(method: string, status: number, outcome: Outcome): number {
  const row = (methodIndex.get(method) ?? OTHER) * outcomes.length + outcomeIndex(outcome);
  const column = status - LEAST_STATUS;
  return row * STATUSES + (column >= 0 && column < STATUSES ? column : STATUSES - 1);
}

function outcomeIndex(outcome: Outcome): number {
  if (outcome === 'done') return 0;
  return outcome === 'client-left' ? 1 : 2;
}

export type SlotLabels = { readonly method: string; readonly status: number; readonly outcome: Outcome };

function labelsOf(slot: number): SlotLabels {
  const row = Math.floor(slot / STATUSES);
  return {
    method: methods[Math.floor(row / outcomes.length)] ?? 'other',
    status: (slot % STATUSES) + LEAST_STATUS,
    outcome: outcomes[row % outcomes.length] ?? 'broken',
  };
}

// Places in the array of sums; doubles in an array are changed in place, those in an object may be made anew.
const SECONDS = 0;
const BYTES = 1;

/** The counts of one tier since its start. */
export class ExchangeCounts {
  readonly #counts = new Float64Array(methods.length * outcomes.length * STATUSES);
  /** Slots that are in use, in the order in which they came to be. */
  readonly #used: number[] = [];
  /** By bucket, each without those below it; the last one has no bound. */
  readonly #buckets = new Float64Array(durationBounds.length + 1);
  readonly #sums = new Float64Array(2);

  /** One exchange is over: `slot` of `slotOf`, milliseconds, bytes that were sent. Allocates nothing. */
  count(slot: number, ms: number, bytes: number): void {
    const before = this.#counts[slot] ?? 0;
    if (before === 0) this.#used.push(slot);
    this.#counts[slot] = before + 1;
    const seconds = ms / 1000;
    let bucket = 0;
    while (bucket < durationBounds.length && seconds > (durationBounds[bucket] ?? 0)) bucket += 1;
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#sums[SECONDS] = (this.#sums[SECONDS] ?? 0) + seconds;
    this.#sums[BYTES] = (this.#sums[BYTES] ?? 0) + bytes;
  }

  /** Bytes that were sent. */
  get bytes(): number {
    return this.#sums[BYTES] ?? 0;
  }

  /** The sum of all durations. */
  get seconds(): number {
    return this.#sums[SECONDS] ?? 0;
  }

  /** How many there were of each kind, in the order in which the kinds came up. */
  *requests(): Generator<readonly [labels: SlotLabels, count: number]> {
    for (const slot of this.#used) yield [labelsOf(slot), this.#counts[slot] ?? 0];
  }

  /** How many took no longer than each bound, and last how many there were. */
  cumulative(): number[] {
    let sum = 0;
    return Array.from(this.#buckets, (count) => {
      sum += count;
      return sum;
    });
  }
}
