/**
 * What a tier does for the fast lane: it answers a plain request from memory, at once, or takes it to answer it by and by,
 * or says that it does neither and the slow lane does. It has no rule of its own: the same pure decisions, the same
 * counters, the same log as in the slow lane.
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
  readonly body: readonly Uint8Array[];
  /** Does the connection close behind it, whatever was said? */
  readonly isLast?: boolean;
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

/**
 * The head of an answer that is made by and by. `sized`: it has a Content-Length; `chunked`: it has none, and the lane says
 * so and cuts the body into chunks, one for each block; `none`: an answer to HEAD, or a 204 or 304.
 */
export type ReplyHead = Pick<FastAnswer, 'status' | 'head' | 'hasDate' | 'isLast'> & {
  readonly framing: 'sized' | 'chunked' | 'none';
};

/** How an answer by and by ended; `status` is 499 where there was no head yet, `bytes` is what was written, taken or not. */
export type ReplyEnd = Omit<Given, 'outcome'> & Pick<ExchangeRecord, 'status' | 'outcome'>;

/** What an answer by and by is written into. What is done to one that is over has no effect. */
export interface Reply {
  readonly isOver: boolean;
  /** Bytes that are written and that the system has not taken. */
  readonly waiting: number;
  /** Once; goes out with the first block, or with the end. */
  head(head: ReplyHead): void;
  /** Sends an interim head (1xx: status line and fields), ahead of the answer's own. */
  inform(head: string): void;
  /** Goes out with what else is written in this turn of the loop; the block must stay as it is until `ready`. */
  write(block: Uint8Array): void;
  /** Sends what was written; resolves once the system has taken it, or the reply is over. Undefined: it has. */
  ready(): Promise<void> | undefined;
  /** Sends what was written, be it a head alone. */
  flush(): void;
  /** `last`: the last block. */
  end(last?: Uint8Array): void;
  /** Breaks the transfer: the connection is cut, so that nobody takes what is out for a whole answer. */
  destroy(): void;
}

/** A plain request that may be taken. */
export interface Seat {
  /** The number of the connection, on which a byte that is written now is the next that the client reads; else -1. */
  readonly clearFd: number;
  /** From now on it is the taker's to answer; at most once. `onOver` is called once, however the exchange ends. */
  take(onOver: (end: ReplyEnd) => void): Reply;
}

export interface FastLane {
  /**
   * The answer to a request of the plain case: GET or HEAD, HTTP/1.1, origin-form, one valid Host, no body, no Range, no
   * Expect, no Upgrade. Synchronous. Undefined: the slow lane is asked, and nothing was counted or changed by asking here.
   */
  answer(inbound: Inbound): FastAnswer | undefined;
  /**
   * Asked where `answer` has none: makes one at once, or takes the seat and says `later` (it may be answered by then), or
   * leaves it to the slow lane like that.
   */
  serve?(inbound: Inbound, seat: Seat): FastAnswer | 'later' | undefined;
  /** The exchange is over: its counters, its log line. Not told of what was taken. */
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
    ...(fastLane.serve && {
      serve(inbound, seat) {
        try {
          return fastLane.serve?.(inbound, seat);
        } catch (error) {
          onFailure(error);
          return undefined;
        }
      },
    }),
    onAnswered(inbound, answer, given) {
      try {
        fastLane.onAnswered(inbound, answer, given);
      } catch (error) {
        onFailure(error);
      }
    },
  };
}
