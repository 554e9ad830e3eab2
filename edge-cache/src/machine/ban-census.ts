/** Counts over all that is stored, in pieces: nobody’s request waits for the whole of it. */
import { setImmediate } from 'node:timers/promises';
import type { Ban } from '../policy/ban-expression.ts';
import { banMatches } from '../policy/ban-match.ts';
import type { Entry } from '../store/store.ts';
import type { ListedBan } from './ban-list.ts';
import { banSubject } from './ban-subject.ts';
import type { Edge } from './edge.ts';

export type BanPreview = {
  /** Stored responses that the ban would take. */
  readonly matching: number;
  /** Those that it would take for some requests, and for others not. */
  readonly dependingOnRequest: number;
};

const ENTRIES_AT_A_TIME = 500;

/** What a ban would do if it were given now. */
export async function previewBan({ store, clock }: Pick<Edge, 'store' | 'clock'>, ban: Ban): Promise<BanPreview> {
  let matching = 0;
  let dependingOnRequest = 0;
  const now = clock();
  await inPieces(store.entries(), (entry) => {
    const verdict = banMatches(ban, banSubject(entry), undefined, now);
    if (verdict === true) matching += 1;
    if (verdict === 'unknown') dependingOnRequest += 1;
  });
  return { matching, dependingOnRequest };
}

/** How many stored responses each of these bans may still be meant for, by its number. */
export async function untested(
  { store }: Pick<Edge, 'store'>,
  bans: readonly ListedBan[],
): Promise<Map<number, number>> {
  const open = bans.filter(({ ended }) => ended === undefined);
  const counts = new Map<number, number>();
  if (open.length === 0) return counts;
  // By the newest ban that entries are done with: few are different, however many entries there are.
  const tested = new Map<number, number>();
  const since = new Map<number, number>();
  await inPieces(store.entries(), (entry) => {
    tested.set(entry.testedBan, (tested.get(entry.testedBan) ?? 0) + 1);
    since.set(entry.sinceBan, (since.get(entry.sinceBan) ?? 0) + 1);
  });
  for (const { id, ban } of open) counts.set(id, before(ban.needsRequest ? since : tested, id));
  return counts;
}

function before(entriesByBan: ReadonlyMap<number, number>, id: number): number {
  let sum = 0;
  for (const [done, entries] of entriesByBan) if (done < id) sum += entries;
  return sum;
}

async function inPieces(entries: Iterable<Entry>, visit: (entry: Entry) => void): Promise<void> {
  let visited = 0;
  for (const entry of entries) {
    visit(entry);
    visited += 1;
    if (visited % ENTRIES_AT_A_TIME === 0) await setImmediate();
  }
}
