import { type Resource, resourceOf } from '../policy/key.ts';
import { soften } from '../policy/lifetime.ts';
import type { PurgeOrder, Selector } from '../policy/purge.ts';
import { type Entry, placeOf, redrafted } from '../store/store.ts';
import type { Edge } from './edge.ts';
import { answersFor } from './search-aliases.ts';

/**
 * Purges, and says how many stored responses that were. Fetches on their way are meant too: what they bring was made
 * before the purge, or may have been.
 */
export function purge(edge: Edge, { selector, soft, dryRun }: PurgeOrder): number {
  const meant = canonical(edge, selector);
  const entries = [...selected(edge, meant)];
  if (dryRun) return entries.length;
  withdraw(edge, meant);
  const now = edge.clock();
  for (const entry of entries) {
    if (soft) edge.store.refresh(entry, redrafted(entry, { life: soften(entry.life, now) }));
    else edge.store.drop(entry);
  }
  edge.counters.purged += entries.length;
  return entries.length;
}

// A URL is given as clients see it; stored is what the policy's query rules leave of it.
function canonical(edge: Edge, selector: Selector): Selector {
  if (selector.by !== 'url') return selector;
  const { path } = resourceOf('', selector.path, edge.rules.queryFilter);
  return { ...selector, path };
}

function selected(edge: Edge, selector: Selector): Iterable<Entry> {
  switch (selector.by) {
    case 'url':
      // Under the built-in keys there is one place to look; a policy's own keys may be anything.
      return selector.host !== undefined && !edge.rules.hasKey
        ? atUrl(edge, { host: selector.host, path: selector.path })
        : matching(edge, selector);
    case 'tags':
      return new Set(selector.tags.flatMap((tag) => [...edge.store.tagged(tag)]));
    case 'prefix':
    case 'all':
      return matching(edge, selector);
  }
}

// What answers for this URL, though it was fetched under another, is meant too.
function atUrl({ store, aliases }: Edge, resource: Resource): Iterable<Entry> {
  const others = aliases.keysFor(resource).flatMap((key) => store.peek(key));
  const entries = others.filter((entry) => answersFor(entry, resource));
  return new Set([...store.peek(resource.host + resource.path), ...entries]);
}

function* matching(edge: Edge, selector: Selector): Iterable<Entry> {
  for (const entry of edge.store.entries()) {
    if (matches(selector, placeOf(entry))) yield entry;
  }
}

function withdraw({ flights }: Edge, selector: Selector): void {
  if (selector.by === 'tags') flights.withdrawTags(selector.tags);
  else flights.withdraw(({ resource }) => matches(selector, resource));
}

function matches(selector: Selector, { host, path }: { readonly host: string; readonly path: string }): boolean {
  switch (selector.by) {
    case 'all':
      return true;
    case 'url':
      return (selector.host === undefined || selector.host === host) && selector.path === path;
    case 'prefix':
      return (selector.host === undefined || selector.host === host) && path.startsWith(selector.path);
    case 'tags':
      return false;
  }
}
