import type { Address } from '../process/units.ts';
import type { FastLane } from './fast-lane.ts';
import type { Scratch } from './lane-writer.ts';
import type { Limits } from './node-server.ts';
import type { StandIn } from './stand-in.ts';

/** What all lanes of a listener have in common. */
export type LaneShare = {
  readonly fastLane: FastLane;
  readonly limits: Limits;
  readonly kind: Address['kind'];
  readonly scratch: Scratch;
  trusted(address: string): boolean;
  isDraining(): boolean;
  /** From here on the slow lane knows this connection. */
  admit(standIn: StandIn): void;
  /** A head that does not come to its end. */
  onHeadTimeout(standIn: StandIn): void;
  onFailure(error: unknown): void;
  /** `Date` as a line, for answers that have none. */
  dateLine(): string;
  /** After how long an idle connection is closed; 0: never. */
  readonly idleMs: number;
  /** `Connection`, `Keep-Alive` and the empty line. */
  readonly keepAliveLines: string;
};
