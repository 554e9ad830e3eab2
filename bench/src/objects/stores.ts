/** Servers with many small objects in their stores: started, and filled. */
import type { Tools } from '../measure.ts';
import { varnishWith } from '../peers/varnish.ts';
import { tellCollections } from '../processes/collections.ts';
import type { Constant } from '../servers/constant-answer.ts';
import { type Asking, ask, type Running, type Stage, startSide } from '../side.ts';
import { edgeWith } from '../tiers.ts';

/** Every object: small, so that a million of them fit. */
export const constant = { cacheControl: 'max-age=86400', bodyBytes: 128 } as const satisfies Constant;
/** Before the number of an object. */
export const prefix = '/object/';

/** A million of these objects and what they cost beside fit in, in either store. */
const storeMegabytes = 2_048;
const fillDeadlineMs = 600_000;
/** Requests under way at once on each connection while a store is filled and nothing is measured. */
const fillDepth = 8;

const edgeSettings = { EDGE_STORE_MEMORY: `${storeMegabytes}MB` };

/** Ours, or the peer. Ours tells of its collections. */
export const starts = {
  edge: (stage: Stage) => startSide(edgeWith('edge-cache', edgeSettings, { nodeFlags: [tellCollections] }), stage),
  varnish: (stage: Stage) => startSide(varnishWith('Varnish', `malloc,${storeMegabytes}m`), stage),
} as const;

/** A range of object numbers, the last excluded. */
export type Range = readonly [from: number, to: number];

/** Each object of the range once, one request at a time on each connection. */
export function storing([from, to]: Range, connections: number): Asking {
  return {
    targets: { rule: 'distinct', prefix, from },
    requests: to - from,
    connections,
    expected: { status: 200, bodyBytes: constant.bodyBytes },
    deadlineMs: fillDeadlineMs,
  };
}

/** Stores a range quickly; a server that does not answer it all is missing from then on. */
export async function fill(side: Running, range: Range, { generator }: Tools): Promise<void> {
  const asking = { ...storing(range, 16), depth: fillDepth };
  const result = await ask(side, asking, generator);
  if (result === undefined || result.answered === asking.requests) return;
  side.missing = `${side.name} answered ${result.answered} of ${asking.requests} while its store was filled`;
}

/** The same server, with rounds of its own for another kind of load. */
export function anew(side: Running): Running {
  return { ...side, rounds: [], wrong: {} };
}
