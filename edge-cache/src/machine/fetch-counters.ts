import type { Fault, Reason } from '@trivet/kit/semantics/fault.ts';
import { type Fields, field, has } from '@trivet/kit/semantics/fields.ts';

/** What was asked of the origin, and how its answers were framed (Varnish: `fetch_*`, `backend_*`). */
export type FetchCounters = {
  requests: number;
  /** Answers to HEAD: without a body. */
  head: number;
  length: number;
  chunked: number;
  /** Until the connection ends. */
  eof: number;
  /** Announced as 0 bytes. */
  none: number;
  /** Passed on to clients. */
  interim: number;
  noContent: number;
  notModified: number;
  /** Broke, before or behind the head. */
  failed: number;
  /** Of these: no connection could be had, … */
  unreachable: number;
  /** … all connections were in use and the queue full, … */
  busy: number;
  /** … no address of the origin was fit to be asked. */
  unhealthy: number;
};

export function newFetchCounters(): FetchCounters {
  return {
    requests: 0,
    head: 0,
    length: 0,
    chunked: 0,
    eof: 0,
    none: 0,
    interim: 0,
    noContent: 0,
    notModified: 0,
    failed: 0,
    unreachable: 0,
    busy: 0,
    unhealthy: 0,
  };
}

type Arrived = { readonly method: string; readonly status: number; readonly fields: Fields };

/** The head of an answer is here; `fields` as they came from the wire. */
export function countArrival(counters: FetchCounters, arrived: Arrived): void {
  counters[framing(arrived)] += 1;
}

// How the body is delimited, RFC 9112 §6.3.
function framing({ method, status, fields }: Arrived): Exclude<keyof FetchCounters, 'requests' | 'failed' | 'busy'> {
  if (method === 'HEAD') return 'head';
  if (status === 304) return 'notModified';
  if (status === 204) return 'noContent';
  if (has(fields, 'transfer-encoding')) return 'chunked';
  const length = field(fields, 'content-length');
  if (length === undefined) return 'eof';
  return length === '0' ? 'none' : 'length';
}

const sorts: ReadonlyMap<Reason, 'unreachable' | 'busy' | 'unhealthy'> = new Map([
  ['refused', 'unreachable'],
  ['unreachable', 'unreachable'],
  ['dns', 'unreachable'],
  ['timeout-connect', 'unreachable'],
  ['queue-full', 'busy'],
  ['queue-late', 'busy'],
  ['unavailable', 'unhealthy'],
]);

/** A fetch broke; one that nobody wanted any more did not. */
export function countFailure(counters: FetchCounters, { blame, reason }: Fault): void {
  if (blame !== 'upstream') return;
  counters.failed += 1;
  const sort = sorts.get(reason);
  if (sort !== undefined) counters[sort] += 1;
}
