/** What the load generator is asked, and what it answers; both cross a process boundary as JSON. */
import type { Targets } from './targets.ts';

export type LoadJob = {
  readonly port: number;
  readonly targets: Targets;
  /** A further field of every request: `If-None-Match: "a"`. */
  readonly field?: string;
  /** Each request is a POST with so many bytes. */
  readonly uploadBytes?: number;
  readonly requests: number;
  readonly connections: number;
  readonly expected: { readonly status: number; readonly bodyBytes?: number };
  /** Every request on a connection of its own. */
  readonly isClosing?: boolean;
  /** Requests under way at once on each connection (1). */
  readonly depth?: number;
  /** Then it stops, with what has been answered so far. */
  readonly deadlineMs: number;
};

export type LoadResult = {
  /** Requests that got exactly what was expected. */
  readonly answered: number;
  /** The others, by what became of them. */
  readonly wrong: Readonly<Record<string, number>>;
  readonly connectionsOpened: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of those that were answered as expected. */
  readonly longestMs: number;
};
