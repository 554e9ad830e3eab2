import type { ServerResponse } from 'node:http';
import type { ExchangeRecord } from '../process/exchange-record.ts';
import type { Listening } from '../process/listening.ts';
import type { Log } from '../process/log.ts';
import type { Tier } from '../semantics/fault.ts';
import type { FastLane } from './fast-lane.ts';
import type { Inbound } from './inbound.ts';
import type { Limits } from './node-server.ts';
import type { LetsThrough } from './odd-fields.ts';
import type { UpgradeHandler } from './upgrade.ts';

/** Answers one request. A rejection becomes an error page, or a broken transfer once the head is out. */
export type Handler = (inbound: Inbound, response: ServerResponse) => void | Promise<void>;
export type ListenOptions = {
  readonly tier: Tier;
  readonly listen: Listening;
  readonly limits: Limits;
  trusted(address: string): boolean;
  /** Do trusted peers say by a PROXY header for whom they come, on every connection? */
  readonly proxyProtocol?: boolean;
  /** Which request fields of odd names are not dropped; without it none is. */
  readonly oddFields?: LetsThrough;
  /** Is a client that has ended its side of the connection (FIN) answered? See `half-closed.ts`; by default it has left. */
  readonly answersHalfClosed?: boolean;
  readonly onRequest: Handler;
  readonly onUpgrade?: UpgradeHandler;
  /** What can be answered at once, from memory; without it every request goes the slow way. */
  readonly fastLane?: FastLane | undefined;
  /** Draining has begun: tunnels and other endless answers should end. */
  onDrain?(): void;
  /** Are the heads wanted in the record of each exchange? Then all of them go the slow way. */
  readonly needsHeads?: boolean;
  onExchange(record: ExchangeRecord): void;
  readonly log: Log;
};
