import type { Log } from '@trivet/kit/process/log.ts';
import type { Siblings } from '@trivet/kit/process/workers/siblings.ts';
import type { Backends } from '../backends.ts';
import { SPEAKS_OF_CACHES, traitsOf } from '../policy/request-traits.ts';
import type { Rules } from '../rules.ts';
import type { Watch } from '../watch/watch.ts';
import type { BanList } from './ban-list.ts';
import type { EsiRules } from './esi/nesting.ts';
import type { Exchange } from './exchange.ts';
import type { Crew } from './flight-order.ts';
import type { Flights } from './flights.ts';
import type { Lurker } from './lurker.ts';
import type { PurgeGate } from './purge-gate.ts';
import type { Asked } from './question.ts';

/** What every step works with. */
export type Edge = Crew & {
  readonly upstream: Pick<Backends, 'send' | 'isHealthy'>;
  /** In force for exchanges that begin now; a reload puts others in their place. */
  rules: Rules;
  readonly flights: Flights;
  readonly purgeGate: PurgeGate;
  /** The other processes of this edge, where it is several. */
  readonly siblings: Pick<Siblings, 'tell'> | undefined;
  readonly watch: Watch;
  readonly bans: BanList;
  readonly lurker: Lurker;
  readonly log: Log;
  readonly esi: EsiRules;
  /** Walks an exchange from its first step to its last: the fragments of pages are asked for by it. */
  answer(x: Exchange): Promise<void>;
  readonly clientDirectives: 'trusted' | 'honour' | 'ignore';
  /** May this client purge, and are its directives believed? */
  readonly purgeFrom: (address: string) => boolean;
  readonly serverTiming: boolean;
};

/** Are this client's Cache-Control and Pragma honoured? Where it sends none (its `traits` tell) there is nothing to ask. */
export function honours(
  { clientDirectives, purgeFrom }: Pick<Edge, 'clientDirectives' | 'purgeFrom'>,
  { fields, client }: Pick<Asked, 'fields' | 'client'>,
  traits = traitsOf(fields),
): boolean {
  if ((traits & SPEAKS_OF_CACHES) === 0) return true;
  switch (clientDirectives) {
    case 'honour':
      return true;
    case 'ignore':
      return false;
    case 'trusted':
      return purgeFrom(client);
  }
}
