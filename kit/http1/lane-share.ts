import type { FastLane } from './fast-lane.ts';
import type { Guest } from './guest.ts';
import type { Scratch } from './lane-writer.ts';
import type { Limits } from './node-server.ts';
import type { StandIn } from './stand-in.ts';

/** What all lanes of a listener have in common. */
export type LaneShare = {
  /** Guarded: it does not throw. */
  readonly fastLane: FastLane;
  readonly limits: Limits;
  readonly scratch: Scratch;
  trusted(address: string): boolean;
  /** See `half-closed.ts`. */
  readonly answersHalfClosed: boolean;
  isDraining(): boolean;
  /** Does a connection close on which nothing is asked? */
  endsIdle(): boolean;
  /** From here on the slow lane knows this connection. */
  admit(standIn: StandIn, guest: Guest): void;
  /** A head that does not come to its end. */
  onHeadTimeout(standIn: StandIn): void;
  /** The limit of requests on a connection is reached, and their last answer is written. */
  onLast(standIn: StandIn): void;
  /** The end of a head, as node:http writes it: `Date` where there is none, `Connection`, `Keep-Alive`, the empty line. */
  tail(hasDate: boolean, isLast: boolean): Buffer;
  /** After how long a connection is closed on which nothing is asked, before its first request and between two. */
  readonly newMs: number;
  readonly idleMs: number;
};
