import type { Fault } from '../semantics/fault.ts';
import type { Fields } from '../semantics/fields.ts';

/** Of an exchange whose log asks for it. */
export type ExchangeHeads = {
  readonly request: Fields;
  /** As sent; empty where nothing was. */
  readonly response: Fields;
  /** Without the head and the framing of chunks. */
  readonly bodyBytes: number;
};

/** What is known of one exchange (a request and its answer) when it is over: one log line, one row of metrics. */
export type ExchangeRecord = {
  readonly id: string;
  readonly client: string;
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly version: string;
  /** As sent, or 499 when the client left before a head was out (nginx's number). */
  readonly status: number;
  /** Bytes of head and body written to the client's socket. */
  readonly bytes: number;
  readonly ms: number;
  readonly outcome: 'done' | 'client-left' | 'broken';
  /** Counted, and told in a line of another kind: one of a crowd. */
  readonly isToldElsewhere?: boolean | undefined;
  readonly referer?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly fault?: Fault | undefined;
  /** The steps that were taken, in order. */
  readonly trail?: readonly string[] | undefined;
  readonly why?: string | undefined;
  readonly cache?: string | undefined;
  /** Why the next hop was asked (RFC 9211 §2.2). */
  readonly fwd?: string | undefined;
  /** Of a stored answer: seconds of freshness left. */
  readonly ttl?: number | undefined;
  /** From the request to the head of the answer; milliseconds. */
  readonly ttfbMs?: number | undefined;
  /** Other answers that are part of this one. */
  readonly fragments?: number | undefined;
  /** Only where the format of the log has use for it (`AccessLog.needsHeads`). */
  readonly heads?: ExchangeHeads | undefined;
};

/** What a tier may add to the record of its exchange. */
export type ExchangeNote = Partial<
  Pick<ExchangeRecord, 'fault' | 'trail' | 'why' | 'cache' | 'fwd' | 'ttl' | 'ttfbMs' | 'fragments'>
>;
