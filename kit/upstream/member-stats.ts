/** The row of a member, for statistics and metrics. */
import { formatAddress } from '../process/units.ts';
import type { Standing } from './balance.ts';
import type { ProbeReport } from './condition.ts';
import type { AddressRule } from './options.ts';

/** A member as numbers, for statistics and metrics. Times are milliseconds. */
export type MemberStats = {
  /** As configured. */
  readonly address: string;
  /** Where the name leads; absent where the address is none. */
  readonly endpoint?: string;
  /** Since the name's addresses were found. */
  readonly dnsAgeMs?: number;
  readonly inFlight: number;
  /** For the name to be looked up: of one that is `unresolved` alone; who waits for a connection does so in the group. */
  readonly waiting?: number;
  readonly connections: number;
  /** `leaving`: its address is gone, and it finishes what it has. `unresolved`: a name without an address. */
  readonly standing: Exclude<Standing, 'ejected-busy'> | 'leaving' | 'unresolved' | 'down';
  /** As it was told. */
  readonly weight?: number;
  readonly backup?: true;
  readonly down?: true;
  /** How long its answers took to begin of late, for the balance `peak-ewma`. */
  readonly ewmaMs?: number;
  readonly failures: number;
  readonly ejectedForMs: number;
  readonly probe?: ProbeReport;
};

/** What an upstream counts of all its members together, since it was opened. */
export type GroupStats = {
  /** Requests that wait for a connection of any member. */
  readonly waiting: number;
  /** How many ever did so at once. */
  readonly mostWaiting: number;
  /** All that came. */
  readonly requests: number;
  /** Given to another member, since the one before took no connection. */
  readonly redials: number;
  /** Sent again, since the reused connection was closed before a byte of the answer. */
  readonly replays: number;
  /** Sent again for another reason: these are what `retries` and `retryBudget` limit. */
  readonly retries: number;
  /** Not sent again, since the budget was spent. */
  readonly unaffordable: number;
};

/** The row of a name without an address. */
export function unresolved(rule: AddressRule, waiting: number): MemberStats {
  const nothing = { inFlight: 0, connections: 0, failures: 0, ejectedForMs: 0 };
  const standing = rule.down ? 'down' : 'unresolved';
  return { address: formatAddress(rule), standing, waiting, ...nothing, ...toldOf(rule) };
}

/** What an address was told, for its row. */
export function toldOf({ weight, backup, down }: AddressRule): Pick<MemberStats, 'weight' | 'backup' | 'down'> {
  return {
    ...(weight === undefined ? {} : { weight }),
    ...(backup ? { backup } : {}),
    ...(down ? { down } : {}),
  };
}
