import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import type { Outlet } from '@trivet/kit/http1/outlet.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import type { CacheOutcome, Forward } from '../policy/cache-status.ts';
import type { Held } from '../policy/finding.ts';
import type { Assembly } from '../policy/parts.ts';
import type { Reception } from '../policy/receive.ts';
import type { Rules } from '../rules.ts';
import type { Entry } from '../store/store.ts';
import type { Streamed } from './asker.ts';
import type { Nesting } from './esi/nesting.ts';
import { Question } from './question.ts';

export type StepName = 'receive' | 'lookup' | 'fetch' | 'pass' | 'purge' | 'deliver' | 'synth';

/** What is to be fetched: in place of `stale`, or as the piece that `fill` lacks. */
export type Wanted = {
  readonly stale: Entry | undefined;
  readonly fwd: Forward;
  readonly fill?: Assembly<Held<Entry>> | undefined;
};

/** What is done next, and with what. */
export type Turn =
  | { readonly step: 'receive' }
  | { readonly step: 'lookup' }
  | ({ readonly step: 'fetch' } & Wanted)
  | { readonly step: 'pass'; readonly fwd: Forward; readonly why: string | undefined }
  | { readonly step: 'purge'; readonly soft: boolean }
  | { readonly step: 'deliver'; readonly answer: Answer }
  | { readonly step: 'synth'; readonly page: Synthesis }
  | { readonly step: 'done' };

/** What is delivered: a stored response, or one that has just begun to come. */
export type Answer =
  | { readonly from: 'store'; readonly entry: Entry; readonly outcome: CacheOutcome }
  /** Parts of it that are stored, and perhaps the one between them that is not and has just begun to come. */
  | ({ readonly from: 'parts'; readonly gap: Streamed | undefined; readonly outcome: CacheOutcome } & Assembly<
      Held<Entry>
    >)
  | { readonly from: 'origin'; readonly streamed: Streamed; readonly outcome: CacheOutcome };

/** An answer that the edge makes itself. */
export type Synthesis =
  | { readonly as: 'fault'; readonly fault: Fault; readonly fwd?: Forward }
  | (Extract<Reception, { do: 'synth' }> & { readonly as: 'page' })
  /** No page: the one that asked is a machine. */
  | { readonly as: 'bare'; readonly status: number; readonly why: string };

/** One request, its answer, and the way between them. */
export class Exchange extends Question<Inbound> {
  readonly response: Outlet;
  readonly trail: StepName[] = [];
  /** Of a fragment: where in its page it stands. */
  nesting: Nesting | undefined;
  /** No other fetch has had an answer for it: it makes its own. */
  isAlone = false;
  /** Stored parts were of no use to it. */
  ignoresParts = false;
  /** It waited for another fetch as long as it may. */
  hasWaited = false;
  /** Until when it may wait for the fetches of others, milliseconds since the epoch; set when it begins to. */
  patienceUntil: number | undefined;
  /** How often it was sent back to look again. */
  restarts = 0;

  constructor(inbound: Inbound, response: Outlet, rules: Rules, honoursDirectives: boolean) {
    super(inbound, rules, honoursDirectives);
    this.response = response;
  }

  override get esiLevel(): number {
    return this.nesting?.depth ?? 0;
  }

  get isOver(): boolean {
    return this.response.destroyed || this.response.writableEnded;
  }
}

/** After so many answers that were meant for others, a request fetches for itself alone. */
const MOST_SHARED_TRIES = 3;
const MOST_TRIES = 8;

/** What there was is no answer for this request. `isAlone`: nor will the next fetch for another be one. */
export function lookAgain(x: Exchange, isAlone: boolean): Turn {
  x.restarts += 1;
  if (isAlone || x.restarts >= MOST_SHARED_TRIES) x.isAlone = true;
  if (x.restarts < MOST_TRIES) return { step: 'lookup' };
  throw new Fault('internal', `no answer of its own after ${MOST_TRIES} tries`);
}
