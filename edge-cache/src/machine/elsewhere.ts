/**
 * What is to be forgotten in every process of the edge: told by the one that was asked, carried out by each. It is plain
 * data, so that it can be told; each withdraws its own fetches that began before.
 */
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { readBan } from '../policy/ban-order.ts';
import type { PurgeOrder } from '../policy/purge.ts';
import { addBan } from './banner.ts';
import type { Edge } from './edge.ts';
import { type Outdating, outdate } from './invalidate.ts';
import { carryOut, type Purged } from './purger.ts';

export type Elsewhere =
  | { readonly do: 'purge'; readonly orders: readonly PurgeOrder[] }
  | { readonly do: 'ban'; readonly expression: string; readonly id: number; readonly addedAt: number }
  | ({ readonly do: 'outdate' } & Outdating);

/** What a ban came to in one process. */
export type BanTold =
  | { readonly verdict: 'added'; readonly superseded: boolean; readonly inForce: number }
  | { readonly verdict: 'full'; readonly why: string };

/** Carries out what another process was asked. Throws on what no process of this version tells. */
export function carryOutTold(edge: Edge, told: unknown): unknown {
  const what = told as Elsewhere;
  switch (what.do) {
    case 'purge':
      edge.purgeGate.note();
      return what.orders.map((order): Purged => carryOut(edge, order));
    case 'ban':
      edge.purgeGate.note();
      return ban(edge, what);
    case 'outdate':
      return outdate(edge, what);
  }
  throw new TypeError(`nobody tells ${JSON.stringify(told)}`);
}

function ban(edge: Edge, { expression, id, addedAt }: Elsewhere & { do: 'ban' }): BanTold {
  const order = readBan({ expression });
  if ('error' in order) throw new TypeError(order.error);
  const addition = addBan(edge, order.ban, { id, addedAt });
  if (addition.verdict === 'full') return addition;
  return { verdict: 'added', superseded: addition.superseded, inForce: edge.bans.size };
}

/** Purges in all other processes, and says how much that took. @throws Fault when not all have confirmed it */
export async function purgeElsewhere({ siblings }: Edge, order: PurgeOrder): Promise<number> {
  if (siblings === undefined) return 0;
  const what: Elsewhere = { do: 'purge', orders: [order] };
  const { answers, missing } = await siblings.tell(what);
  if (missing.length > 0) throw new Fault('not-everywhere', 'not all workers have confirmed the purge in time');
  return answers.flat().reduce<number>((sum, answer) => sum + (answer as Purged).purged, 0);
}

/** Makes outdated in all processes what is so here, and what one of them knows to be in a group with it. */
export async function outdateElsewhere(edge: Edge, outdating: Outdating): Promise<void> {
  const own = outdate(edge, outdating);
  const first: Elsewhere = { do: 'outdate', ...outdating, groups: own };
  const found = await toldTo(edge, first);
  const groups = [...new Set(found)].filter((group) => !own.includes(group));
  if (groups.length === 0) return;
  const rest: Outdating = { keys: [], host: outdating.host, groups };
  outdate(edge, rest);
  await toldTo(edge, { do: 'outdate', ...rest });
}

// The origin has done what it was asked: its answer goes on, and who has not confirmed is in the log.
async function toldTo({ siblings, log }: Edge, what: Elsewhere): Promise<string[]> {
  if (siblings === undefined) return [];
  const { answers, missing } = await siblings.tell(what);
  if (missing.length > 0) log.error({ what, missing }, 'not all workers have confirmed what is outdated');
  return answers.flat().filter((group) => typeof group === 'string');
}
