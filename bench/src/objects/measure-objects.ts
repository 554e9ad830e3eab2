/**
 * Does it matter how much is stored? Two servers of each kind, one with a thousand objects and one with many, are up at
 * once and asked in turn; targets are drawn evenly from all that is stored. While hits are measured the origin is gone:
 * what is answered comes out of the store.
 */
import { rmSync } from 'node:fs';
import { files } from '../files.ts';
import { type Plan, startOrigin, type Tools } from '../measure.ts';
import { quickShare } from '../pairs.ts';
import { type Collections, collectionsIn } from '../processes/collections.ts';
import { residentBytes } from '../processes/resident-set.ts';
import { type Asking, ask, askRound, type Running, type Side } from '../side.ts';
import { anew, constant, fill, prefix, type Range, starts, storing } from './stores.ts';

/** Objects in the smaller stores. */
export const few = 1_000;
/** Of the requests of the mixed load: new objects, which are stored. */
export const newShare = 0.05;
/** Of the objects: stored under measurement, the others as quickly as it goes. */
const measuredShare = 0.2;

/** A server with a thousand objects, and one with many. */
export type Stores<S = Side> = { readonly few: S; readonly many: S };
/** The last objects as they were stored one after the other, and what all of them take. */
export type Filling = {
  /** Of which objects. */
  readonly range: Range;
  readonly last: Side;
  /** Resident memory (bytes) with a thousand objects stored, and with all of them. */
  readonly residentBefore: number;
  readonly residentAfter: number;
  /** While all but the first thousand were stored. */
  readonly collections: Collections;
};

/** What was seen of one kind of server. */
export type KindFigures = {
  readonly filling: Filling;
  /** Hits with new objects among them. */
  readonly mixed: Stores;
  /** Hits, spread over all that is stored. */
  readonly hits: Stores;
};
export type ObjectFigures = {
  readonly objects: number;
  readonly edge: KindFigures;
  readonly varnish: KindFigures;
  /** Of the edges, while there were new objects among the hits. */
  readonly mixedCollections: Stores<Collections>;
};

/** Runs it to its end; a server that does not start, or does not store all, is missing from what comes after. */
export async function measureObjects(plan: Plan, objects: number, tools: Tools): Promise<ObjectFigures> {
  const { pinning } = tools;
  await using own = new AsyncDisposableStack();
  const folder = own.adopt(files(), (path) => rmSync(path, { recursive: true, force: true }));
  const origin = own.use(await startOrigin(constant, folder, pinning));
  const stage = { place: { folder, originPort: origin.port }, own, pinning };
  const edge = { few: await starts.edge(stage), many: await starts.edge(stage) };
  const varnish = { few: await starts.varnish(stage), many: await starts.varnish(stage) };
  const load = { plan, objects, tools };
  const filling = { edge: await fillStores(edge, load), varnish: await fillStores(varnish, load) };
  const since = { few: collectionsOf(edge.few), many: collectionsOf(edge.many) };
  const mixed = await inTurn({ edge, varnish }, { ...load, newShare });
  const mixedCollections = { few: since.few(), many: since.many() };
  await origin[Symbol.asyncDispose]();
  const quick = { ...plan, requests: plan.requests * quickShare };
  const hits = await inTurn({ edge, varnish }, { ...load, plan: quick, newShare: 0 });
  return {
    objects,
    edge: { filling: filling.edge, mixed: mixed.edge, hits: hits.edge },
    varnish: { filling: filling.varnish, mixed: mixed.varnish, hits: hits.varnish },
    mixedCollections,
  };
}

type Both<S> = { readonly edge: Stores<S>; readonly varnish: Stores<S> };
type Load = { readonly plan: Plan; readonly objects: number; readonly tools: Tools };

async function fillStores(stores: Stores<Running>, { plan, objects, tools }: Load): Promise<Filling> {
  const { many } = stores;
  for (const side of [stores.few, many]) {
    await fill(side, [0, few], tools);
    const warmUp = Math.max(plan.warmUp, plan.requests);
    await ask(side, spread({ ...plan, requests: warmUp }, { count: few, seed: 0 }), tools.generator);
  }
  const residentBefore = residentOf(many);
  const collections = collectionsOf(many);
  const middle = Math.max(few, Math.floor(objects * (1 - measuredShare)));
  await fill(many, [few, middle], tools);
  const last = anew(many);
  const range: Range = [middle, objects];
  await askRound(last, storing(range, plan.connections), tools.generator);
  if (Object.keys(last.wrong).length > 0) many.missing ??= `${many.name} did not store all that it was meant to`;
  return { range, last, residentBefore, residentAfter: residentOf(many), collections: collections() };
}

/** What the collector of a server does from now until the answer is called. */
function collectionsOf({ server }: Running): () => Collections {
  const before = server?.output().length ?? 0;
  return () => collectionsIn(server?.output().slice(before) ?? '');
}

const residentOf = ({ server }: Running): number => (server ? (residentBytes([server.pid])[0] ?? 0) : 0);

/** Rounds of the same load for all stores, one server after the other in each round. */
async function inTurn(all: Both<Running>, load: Load & { readonly newShare: number }): Promise<Both<Side>> {
  const { plan, objects, tools, newShare } = load;
  const phase = { edge: anewBoth(all.edge), varnish: anewBoth(all.varnish) };
  for (let round = 0; round <= plan.rounds; round++) {
    // The first is to warm up. No seed comes twice, so that what is new in one round is so in the next.
    const measured = round === 0 ? ask : askRound;
    const seed = 1 + round;
    for (const stores of [phase.edge, phase.varnish]) {
      await measured(stores.few, spread(plan, { count: few, seed, newShare }), tools.generator);
      await measured(stores.many, spread(plan, { count: objects, seed, newShare }), tools.generator);
    }
  }
  return phase;
}

const anewBoth = (stores: Stores<Running>): Stores<Running> => ({ few: anew(stores.few), many: anew(stores.many) });

type Spread = { readonly count: number; readonly seed: number; readonly newShare?: number };

function spread({ requests, connections }: Plan, which: Spread): Asking {
  return {
    targets: { rule: 'spread', prefix, ...which },
    requests,
    connections,
    expected: { status: 200, bodyBytes: constant.bodyBytes },
    deadlineMs: 60_000,
  };
}
