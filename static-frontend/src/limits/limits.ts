/**
 * The limits of the site, by name. They outlive it: a site that is loaded anew finds under the same name who has come of
 * late. Owns the counting; what is said to a request that is refused is the guard's.
 */
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import type { LimitOptions } from '../site/guard-options.ts';
import { Limit, type LimitCounts, type LimitVerdict } from './limit.ts';
import { limitKey } from './limit-key.ts';

type In = Extract<LimitVerdict, { verdict: 'in' }>;
type Refusal = Extract<LimitVerdict, { verdict: 'refuse' }> & { readonly name: string };

export type Asked = { readonly verdict: 'in'; readonly stay: Stay; readonly dry: readonly Refusal[] } | Refusal;

/** A request that has come in. */
export type Stay = {
  /** How long it has to wait for its turn; milliseconds. */
  readonly waitMs: number;
  /** It left while it waited. */
  abandon(): void;
  /** It is over, its answer with it. To be called once. */
  leave(): void;
};

type Judged = { readonly name: string; readonly limit: Limit; readonly key: string; readonly found: LimitVerdict };

export class Limits {
  readonly #clock: () => number;
  readonly #limits = new Map<string, Limit>();

  /** `clock`: milliseconds from any start, never backwards. */
  constructor(options: Readonly<Record<string, LimitOptions>> = {}, clock: () => number = () => performance.now()) {
    this.#clock = clock;
    this.reconfigure(options);
  }

  /** The limits from now on. What stays by name keeps its state; who is here under one that goes may finish. */
  reconfigure(options: Readonly<Record<string, LimitOptions>>): void {
    for (const name of this.#limits.keys()) if (!Object.hasOwn(options, name)) this.#limits.delete(name);
    for (const [name, one] of Object.entries(options)) {
      const limit = this.#limits.get(name);
      if (limit === undefined) this.#limits.set(name, new Limit(one));
      else limit.reconfigure(one, this.#clock());
    }
  }

  /** May a request come in, by all of these limits? Who is refused by one of them costs the others nothing. */
  ask(names: readonly string[], inbound: Pick<Inbound, 'client' | 'fields'>): Asked {
    const now = this.#clock();
    const judged = names.flatMap((name) => this.#judge(name, inbound, now));
    const refusals: Refusal[] = [];
    for (const { name, limit, found } of judged) {
      if (found.verdict !== 'refuse') continue;
      limit.refuse(found.why);
      if (limit.options.dryRun !== true) return { ...found, name };
      refusals.push({ ...found, name });
    }
    const entered = judged.flatMap((one) => enter(one, now));
    return { verdict: 'in', stay: stayOf(entered), dry: refusals };
  }

  /** For `/stats`. */
  stats(): Readonly<Record<string, object>> {
    return Object.fromEntries([...this.#limits].map(([name, limit]) => [name, limit.stats()]));
  }

  /** For `/metrics`: each count with the name of its limit. */
  *counts(): Generator<readonly [labels: { readonly limit: string; readonly verdict: string }, count: number]> {
    for (const [limit, { counts }] of this.#limits) {
      for (const [verdict, count] of Object.entries(counts satisfies LimitCounts)) yield [{ limit, verdict }, count];
    }
  }

  // A site of before may name one that has gone.
  #judge(name: string, inbound: Pick<Inbound, 'client' | 'fields'>, now: number): Judged[] {
    const limit = this.#limits.get(name);
    if (limit === undefined) return [];
    const key = limitKey(limit.options.by ?? 'client', inbound);
    return [{ name, limit, key, found: limit.judge(key, now) }];
  }
}

type Entered = { readonly limit: Limit; readonly key: string; readonly found: In };

// A dry run that would have refused counts nobody as come in; nginx's does not either.
function enter({ limit, key, found }: Judged, now: number): Entered[] {
  if (found.verdict === 'refuse') return [];
  const isDry = limit.options.dryRun === true;
  const entering = isDry ? { ...found, waitMs: 0 } : found;
  limit.enter(key, entering, now);
  return [{ limit, key, found: entering }];
}

function stayOf(entered: readonly Entered[]): Stay {
  return {
    waitMs: entered.reduce((most, { found }) => Math.max(most, found.waitMs), 0),
    abandon() {
      for (const { limit, key } of entered) limit.abandon(key);
    },
    leave() {
      for (const { limit, key } of entered) limit.leave(key);
    },
  };
}
