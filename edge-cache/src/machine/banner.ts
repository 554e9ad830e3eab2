/** Bans as they come in, and what they mean for what is stored and on its way. */
import type { Fields } from '@trivet/kit/semantics/fields.ts';
import type { Ban } from '../policy/ban-expression.ts';
import { select } from '../policy/finding.ts';
import type { Draft, Entry } from '../store/store.ts';
import type { Addition, ListedBan } from './ban-list.ts';
import { banSubject } from './ban-subject.ts';
import type { Edge } from './edge.ts';
import type { Withdrawable } from './flights.ts';
import { contentOfEntry } from './head-fields.ts';
import type { Question } from './question.ts';

/** Puts a ban in force, for what is stored and for all fetches on their way; `told`: as it is in other processes. */
export function addBan(edge: Edge, ban: Ban, told?: { readonly id: number; readonly addedAt: number }): Addition {
  const addition = edge.bans.add(ban, told?.addedAt ?? edge.clock(), told?.id);
  if (addition.verdict === 'full') return addition;
  for (const flight of edge.flights.all()) withdrawBanned(edge, flight, addition.listed);
  edge.lurker.wake();
  return addition;
}

type Looking = { readonly x: Question; readonly edge: Edge; readonly onBanned?: ((entry: Entry) => void) | undefined };

/**
 * Stored responses without what is banned for a request: that is told to `onBanned`. Only what could be selected is
 * tested; the other variants when they are, or by the lurker.
 */
export function standing(stored: readonly Entry[], { x, edge, onBanned }: Looking): readonly Entry[] {
  if (edge.bans.size === 0) return stored;
  const isBanned = (entry: Entry) => {
    const isHit = edge.bans.hitting(entry, x.fields) !== undefined;
    if (isHit) onBanned?.(entry);
    return isHit;
  };
  let entries = stored.filter((entry) => entry.part === undefined || !isBanned(entry));
  for (;;) {
    const chosen = select(entries, x.fields, contentOfEntry);
    if (chosen === undefined || !isBanned(chosen)) return entries;
    entries = entries.filter((entry) => entry !== chosen);
  }
}

/** Forgets what is banned. */
export function dropBanned({ store, counters }: Pick<Edge, 'store' | 'counters'>, entry: Entry): void {
  if (store.drop(entry)) counters.banned += 1;
}

/** The bans that keep a stored response from answering this request, oldest first; looking changes nothing. */
export function bansApplying(edge: Pick<Edge, 'bans'>, entry: Entry, request: Fields) {
  return edge.bans.applying(entry, request).map(({ id, ban, addedAt }) => ({
    id,
    expression: ban.text,
    added: new Date(addedAt).toISOString(),
  }));
}

/**
 * What a fetch is for is known at once, its head only when it is here. A ban that asks for a field of requests withdraws
 * what it could be meant for: the next request may be one of those.
 */
function withdrawBanned(edge: Edge, { order, withdrawal }: Withdrawable, listed: ListedBan): void {
  const { resource, request, stale } = order;
  const { bans } = edge;
  const mayBeMeant = (draft: Draft) => bans.matches(listed, banSubject(draft), undefined) !== false;
  const meant = bans.matches(listed, { ...resource, head: undefined }, undefined);
  if (meant === true) withdrawal.withdraw();
  if (meant === 'unknown') withdrawal.withdrawIf(mayBeMeant);
  // What it would renew must neither come back by a 304 nor stand in when the origin fails.
  if (stale === undefined || !mayBeMeant(stale)) return;
  withdrawal.withdraw();
  const stored = edge.store.peek(stale.key).find(({ variant }) => variant === stale.variant);
  if (stored !== undefined && bans.hitting(stored, request.fields) !== undefined) dropBanned(edge, stored);
}
