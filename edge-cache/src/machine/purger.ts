import { type Resource, resourceOf } from '../policy/key.ts';
import { soften } from '../policy/lifetime.ts';
import type { Located, PurgeOrder, Selector } from '../policy/purge.ts';
import { type Entry, placeOf, redrafted } from '../store/store.ts';
import type { Edge } from './edge.ts';
import { answersFor } from './search-aliases.ts';

type Place = { readonly host: string; readonly path: string };

/** What a purge took; `fetches` only of a dry run: how many on their way would not be stored. */
export type Purged = { readonly purged: number; readonly fetches?: number };

/** Follows an order, and says what came of it. */
export function carryOut(edge: Edge, order: PurgeOrder): Purged {
  const purged = purge(edge, order);
  return order.dryRun ? { purged, fetches: fetchesMeant(edge, canonical(edge, order.selector)) } : { purged };
}

/**
 * Purges, and says how many stored responses that were. Fetches on their way are meant too: what they bring was made
 * before the purge, or may have been.
 */
export function purge(edge: Edge, { selector, soft, dryRun }: PurgeOrder): number {
  const meant = canonical(edge, selector);
  const entries = [...selected(edge, meant)];
  if (dryRun) return entries.length;
  edge.counters.purges += 1;
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
  if (selector.by === 'any') return { by: 'any', of: selector.of.map((one) => canonicalPlace(edge, one)) };
  return selector.by === 'url' ? canonicalPlace(edge, selector) : selector;
}

function canonicalPlace(edge: Edge, located: Located): Located {
  if (located.by !== 'url') return located;
  return { ...located, path: resourceOf('', located.path, edge.rules.queryFilter).path };
}

function selected(edge: Edge, selector: Selector): Iterable<Entry> {
  switch (selector.by) {
    case 'url':
    case 'prefix':
      return located(edge, [selector]);
    case 'any':
      return located(edge, selector.of);
    case 'tags':
      return new Set(selector.tags.flatMap((tag) => [...edge.store.tagged(tag)]));
    case 'all':
      return edge.store.entries();
  }
}

/** Under the built-in keys there is one place to look for a URL; a policy's own keys may be anything. */
function located(edge: Edge, places: readonly Located[]): Iterable<Entry> {
  const hasOnePlace = ({ by, host }: Located) => by === 'url' && host !== undefined && !edge.rules.hasHadKey;
  const found = new Set<Entry>();
  for (const { host, path } of places.filter(hasOnePlace)) {
    for (const entry of atUrl(edge, { host: host ?? '', path })) found.add(entry);
  }
  const rest = places.filter((place) => !hasOnePlace(place));
  if (rest.length === 0) return found;
  const isMeant = matcher(rest);
  for (const entry of edge.store.entries()) if (isMeant(placeOf(entry))) found.add(entry);
  return found;
}

// What answers for this URL, though it was fetched under another, is meant too.
function atUrl({ store, aliases }: Edge, resource: Resource): Entry[] {
  const others = aliases.keysFor(resource).flatMap((key) => store.peek(key));
  return [...store.peek(resource.host + resource.path), ...others.filter((entry) => answersFor(entry, resource))];
}

function withdraw({ flights }: Edge, selector: Selector): void {
  if (selector.by === 'tags') return flights.withdrawTags(selector.tags);
  const isMeant = matcher(placesOf(selector));
  flights.withdraw(({ resource }) => isMeant(resource));
}

/** Those whose head is not here may yet turn out to carry a tag: only what is known is counted. */
function fetchesMeant({ flights }: Edge, selector: Selector): number {
  if (selector.by === 'tags') {
    const tags = new Set(selector.tags);
    return flights.count(({ draft }) => draft?.tags.some((tag) => tags.has(tag)) === true);
  }
  const isMeant = matcher(placesOf(selector));
  return flights.count(({ order }) => isMeant(order.resource));
}

function placesOf(selector: Exclude<Selector, { by: 'tags' }>): readonly Located[] {
  switch (selector.by) {
    case 'url':
    case 'prefix':
      return [selector];
    case 'any':
      return selector.of;
    case 'all':
      return [{ by: 'prefix', host: undefined, path: '' }];
  }
}

/** Asks thousands of URLs of a response with two look-ups; prefixes one by one. */
function matcher(places: readonly Located[]): (place: Place) => boolean {
  const urls = new Set<string>();
  const anywhere = new Set<string>();
  const prefixes: Located[] = [];
  for (const place of places) {
    if (place.by === 'prefix') prefixes.push(place);
    else if (place.host === undefined) anywhere.add(place.path);
    else urls.add(place.host + place.path);
  }
  const begins = ({ host, path }: Place) =>
    prefixes.some((prefix) => (prefix.host === undefined || prefix.host === host) && path.startsWith(prefix.path));
  return (place) => anywhere.has(place.path) || urls.has(place.host + place.path) || begins(place);
}
