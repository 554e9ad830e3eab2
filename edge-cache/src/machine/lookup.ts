import { field } from '@trivet/kit/semantics/fields.ts';
import type { CacheOutcome } from '../policy/cache-status.ts';
import { type Finding, finding } from '../policy/finding.ts';
import type { Fragment } from '../policy/parts.ts';
import { ttlAt } from '../policy/reuse.ts';
import { unpackFields } from '../store/packed-fields.ts';
import type { Entry } from '../store/store.ts';
import { dropBanned, standing } from './banner.ts';
import type { Edge } from './edge.ts';
import type { Exchange, Turn } from './exchange.ts';
import { refreshBehind } from './fetch.ts';
import { contentOfEntry } from './head-fields.ts';
import type { Question } from './question.ts';
import { answersFor } from './search-aliases.ts';

type Hit = Extract<CacheOutcome, { hit: true }>;

/** Looks for a stored answer. */
export async function lookup(x: Exchange, edge: Edge): Promise<Turn> {
  const now = edge.clock();
  const found = find(x, edge, now, (entry) => dropBanned(edge, entry));
  switch (found.do) {
    case 'deliver':
      return { step: 'deliver', answer: { from: 'store', entry: found.entry, outcome: hit(found, now) } };
    case 'deliver-and-refresh':
      refreshBehind(x, edge, found.entry);
      return { step: 'deliver', answer: { from: 'store', entry: found.entry, outcome: hit(found, now) } };
    case 'deliver-parts': {
      const { assembly } = found;
      const ttl = Math.min(...assembly.slices.map(({ entry }) => ttlAt(entry.entry.life, now)));
      return { step: 'deliver', answer: { from: 'parts', ...assembly, gap: undefined, outcome: { hit: true, ttl } } };
    }
    case 'fetch':
      if (found.why === 'past-keep') edge.counters.expired += 1;
      return missed(x, edge, found, now);
    case 'synth':
      return { step: 'synth', page: { as: 'bare', status: found.status, why: found.why } };
  }
}

/** What `Cache-Status` says of a stored response that is given as it is. */
export function hit({ entry, why }: Extract<Finding<Entry>, { entry: Entry }>, now: number): Hit {
  return { hit: true, ttl: ttlAt(entry.life, now), detail: why === 'fresh' ? undefined : why };
}

type Looking = Question & { readonly ignoresParts?: boolean };

/**
 * What the stored responses are good for: those of its key, else those that answer for other queries than their own. Those
 * that are banned are left out, and told to `onBanned`.
 */
export function find(x: Looking, edge: Edge, now: number, onBanned?: (entry: Entry) => void): Finding<Entry> {
  const looking = { x, edge, now, onBanned };
  const found = among(edge.store.peek(x.key), looking);
  return isMiss(found) ? (aliased(looking) ?? found) : found;
}

function isMiss(found: Finding<Entry>): boolean {
  return found.do === 'synth' || (found.do === 'fetch' && found.stale === undefined && found.fwd === 'uri-miss');
}

// Only what is fresh: what would have to be renewed is better fetched under the name that it was asked for by.
function aliased(looking: Circumstances): Finding<Entry> | undefined {
  const { x, edge } = looking;
  for (const key of edge.aliases.keysFor(x.resource)) {
    const entries = edge.store.peek(key).filter((entry) => answersFor(entry, x.resource));
    const found = among(entries, looking);
    if (found.do === 'deliver') return found;
  }
  return undefined;
}

/** For which request, and when. */
export type Circumstances = {
  readonly x: Looking;
  readonly edge: Edge;
  readonly now: number;
  readonly onBanned?: ((entry: Entry) => void) | undefined;
};

/** What these stored responses are good for. */
export function among(entries: readonly Entry[], { x, edge, now, onBanned }: Circumstances): Finding<Entry> {
  return finding<Entry>({
    entries: standing(entries, { x, edge, onBanned }),
    request: x.fields,
    directives: x.directives,
    now,
    fragment: x.method === 'GET' && !x.ignoresParts ? fragment : undefined,
    content: contentOfEntry,
    isFailing: (entry) => edge.backOff.isActive(entry, now) || !edge.upstream.isHealthy(x.backend),
  });
}

function fragment({ part, sent }: Entry): Fragment {
  if (part === undefined) throw new TypeError('a whole response is no fragment');
  const fields = unpackFields(sent);
  return { part, etag: field(fields, 'etag'), lastModified: field(fields, 'last-modified') };
}

function missed(
  x: Exchange,
  edge: Edge,
  { stale, fwd, fill }: Extract<Finding<Entry>, { do: 'fetch' }>,
  now: number,
): Turn {
  const mark = stale === undefined && fill === undefined ? edge.uncacheable.recall(x.lane, now) : undefined;
  if (mark !== undefined) x.isAlone = true;
  // What is not stored anyway need not be fetched whole for the sake of a part of it, or of a 304.
  if (mark !== undefined && x.isConditional) {
    edge.counters.uncacheablePasses += 1;
    return { step: 'pass', fwd, why: mark.why };
  }
  if (mark !== undefined) edge.counters.uncacheableMisses += 1;
  return { step: 'fetch', stale, fwd, fill };
}
