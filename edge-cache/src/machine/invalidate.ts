import type { Fields } from '@trivet/kit/semantics/fields.ts';
import { builtIn } from '../policy/built-in.ts';
import { isSuccess, outdated } from '../policy/invalidation.ts';
import { resourceOf } from '../policy/key.ts';
import { groupsOf } from '../policy/tags.ts';
import { requestView } from '../policy/views.ts';
import { unpackFields } from '../store/packed-fields.ts';
import { type Draft, placeOf } from '../store/store.ts';
import type { Edge } from './edge.ts';
import type { Exchange } from './exchange.ts';

/** What the success of an unsafe method makes outdated, as plain data. */
export type Outdating = {
  readonly keys: readonly string[];
  /** Whose groups these are. */
  readonly host: string;
  readonly groups: readonly string[];
};

/**
 * Forgets what the success of an unsafe method has made outdated, fetches on their way included (RFC 9111 §4.4), and what
 * is in a group with that or is named in `Cache-Group-Invalidation` (RFC 9875 §2.2.1, §3).
 */
export function invalidate(x: Exchange, edge: Edge, status: number, fields: Fields): void {
  const outdating = outdatingOf(x, status, fields);
  if (outdating !== undefined) outdate(edge, outdating);
}

/** What an answer to this exchange makes outdated, if anything. */
export function outdatingOf(x: Exchange, status: number, fields: Fields): Outdating | undefined {
  const { method, host, target } = x.inbound;
  if (!isSuccess(method, status)) return undefined;
  const resources = outdated({ method, host, target, status, fields });
  return {
    keys: resources.map((resource) => keyOf(x, resource.host, resource.path)),
    host: x.resource.host,
    groups: groupsOf(fields, 'cache-group-invalidation'),
  };
}

/** Forgets it, and names all groups that went with it. */
export function outdate(edge: Edge, { keys, host, groups: named }: Outdating): string[] {
  const groups = new Set(named);
  for (const key of keys) {
    for (const entry of [...edge.store.peek(key)]) {
      for (const group of groupsOfEntry(entry)) groups.add(group);
      edge.store.drop(entry);
    }
    edge.flights.withdrawKey(key);
  }
  invalidateGroups(edge, host, groups);
  return [...groups];
}

// A group is of one origin; nor does one that goes for its group's sake take its other groups along (RFC 9875 §2.2.1).
function invalidateGroups(edge: Edge, host: string, groups: ReadonlySet<string>): void {
  if (groups.size === 0) return;
  for (const group of groups) {
    for (const entry of [...edge.store.tagged(group)]) {
      if (placeOf(entry).host === host && groupsOfEntry(entry).includes(group)) edge.store.drop(entry);
    }
  }
  edge.flights.withdrawAt(host, (draft) => groupsOfEntry(draft).some((group) => groups.has(group)));
}

function groupsOfEntry({ sent, tags }: Draft): string[] {
  return tags.length === 0 ? [] : groupsOf(unpackFields(sent), 'cache-groups');
}

/** The key under which a GET of this path by the same client would be looked up. */
export function keyOf({ rules, inbound, requestFields: fields }: Exchange, host: string, target: string): string {
  const resource = resourceOf(host, target, rules.queryFilter);
  const { scheme, client } = inbound;
  const own = rules.hasKey
    ? rules.key(requestView({ method: 'GET', target, host, scheme, client, fields }))
    : undefined;
  return own ?? builtIn.key(resource);
}
