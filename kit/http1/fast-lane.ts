/**
 * What a tier does for the fast lane: it answers a plain request from memory, at once, or says that it does not and the
 * slow lane does. It has no rule of its own: the same pure decisions, the same counters, the same log as in the slow lane.
 */
import type { ExchangeRecord } from '../process/exchange-record.ts';
import type { Inbound } from './inbound.ts';

/** A whole answer that lies in memory. */
export type FastAnswer = {
  readonly status: number;
  /**
   * Status line and fields, CRLF behind each, ready to be written (latin1). `Connection`, `Keep-Alive`, the empty line,
   * and a `Date` where it has none, are the connection's to add: as node:http does.
   */
  readonly head: string;
  readonly hasDate: boolean;
  /** In order; empty for HEAD and 304. They are not copied where they are large. */
  readonly body: readonly Buffer[];
  /** Called once when no write of the body is pending any more, and before `onAnswered`. */
  giveBack?(): void;
};

/** How giving an answer went. */
export type Given = {
  /** Head and body as far as they were written; bytes. */
  readonly bytes: number;
  /** From the request's head to the system's having taken all of the answer. */
  readonly ms: number;
  readonly outcome: Exclude<ExchangeRecord['outcome'], 'broken'>;
};

export interface FastLane {
  /**
   * The answer to a request of the plain case: GET or HEAD, HTTP/1.1, origin-form, one valid Host, no body, no Range, no
   * Expect, no Upgrade. Synchronous. Undefined: the slow lane is asked, and nothing was counted or changed by asking here.
   */
  answer(inbound: Inbound): FastAnswer | undefined;
  /** The exchange is over: its counters, its log line. */
  onAnswered(inbound: Inbound, answer: FastAnswer, given: Given): void;
}

/** The same lane, but it never throws: `onFailure` is told, and what was to be answered is the slow lane's. */
export function guarded(fastLane: FastLane, onFailure: (error: unknown) => void): FastLane {
  return {
    answer(inbound) {
      try {
        return fastLane.answer(inbound);
      } catch (error) {
        onFailure(error);
        return undefined;
      }
    },
    onAnswered(inbound, answer, given) {
      try {
        fastLane.onAnswered(inbound, answer, given);
      } catch (error) {
        onFailure(error);
      }
    },
  };
}
