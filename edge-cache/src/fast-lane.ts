/**
 * The fast lane: a hit that is given as it is stored, at once, from memory. Nothing is decided here: the request is the
 * same `Question`, what is stored is judged by the same `among`, and counted by the same `remember` as in the slow lane.
 * Whatever would take more than that (a hook of the policy, a ban to be tested, a body to be changed, a fetch) is the
 * slow lane's, and finds nothing touched.
 */
import { STATUS_CODES } from 'node:http';
import { recordOf } from '@trivet/kit/http1/exchange.ts';
import type { FastAnswer, FastLane, Given } from '@trivet/kit/http1/fast-lane.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import type { ExchangeRecord } from '@trivet/kit/process/exchange-record.ts';
import { serverTiming } from '@trivet/kit/semantics/server-timing.ts';
import { noteOf, remember } from './machine/conclude.ts';
import { type Edge, honours } from './machine/edge.ts';
import { formFor, hasBody } from './machine/form-for.ts';
import { among, hit } from './machine/lookup.ts';
import { Question } from './machine/question.ts';
import { mayLookUp, received } from './machine/receive.ts';
import { hasLength, shaped } from './machine/shape.ts';
import { isTaken } from './machine/takers.ts';
import type { CacheOutcome } from './policy/cache-status.ts';
import { HAS_RANGE, traitsOf } from './policy/request-traits.ts';
import { ageAt } from './policy/reuse.ts';
import type { Loan } from './store/body.ts';
import { packFields, unpackFields } from './store/packed-fields.ts';
import type { Entry } from './store/store.ts';

/** The steps of the slow lane that come to the same. */
const trail = Object.freeze(['receive', 'lookup', 'deliver']);
const noBody: readonly Buffer[] = Object.freeze([]);

type Asking = Question<Inbound> & { readonly trail: readonly string[] };

class FastQuestion extends Question<Inbound> {
  readonly trail = trail;
}

/** A stored response on its way to a client; it is borrowed until it is given back. */
export class Hit implements FastAnswer {
  readonly status: number;
  readonly head: string;
  readonly hasDate = true;
  readonly body: readonly Buffer[];
  /** Host and target, as the top URLs are counted. */
  readonly url: string;
  readonly outcome: CacheOutcome;
  /** From the request to the head. */
  readonly headMs: number;
  readonly #loan: Loan;

  constructor(loan: Loan, given: Omit<Hit, 'hasDate' | 'giveBack'>) {
    this.status = given.status;
    this.head = given.head;
    this.body = given.body;
    this.url = given.url;
    this.outcome = given.outcome;
    this.headMs = given.headMs;
    this.#loan = loan;
  }

  giveBack(): void {
    this.#loan.giveBack();
  }
}

/** Hears of a hit that is over; the record of it (`hitRecord`) is made where somebody wants one. */
export type Conclude = (inbound: Inbound, hit: Hit, given: Given) => void;

/** The edge's side of the fast lane. */
export function fastLane(edge: Edge, conclude: Conclude): FastLane {
  return {
    answer: (inbound) => answer(inbound, edge),
    // Log, metrics and watch hear of a hit here and nowhere else.
    onAnswered(inbound, hit, given) {
      if (hit instanceof Hit) conclude(inbound, hit, given);
    },
  };
}

/** What the log says of a hit; the same as of one in the slow lane. */
export function hitRecord(inbound: Inbound, { status, outcome, headMs }: Hit, given: Given): ExchangeRecord {
  return recordOf(inbound, { status, ...given }, { trail, ...noteOf(outcome, headMs) });
}

function answer(inbound: Inbound, edge: Edge): FastAnswer | undefined {
  const { rules } = edge;
  if (rules.hasReceive || rules.hasKey || rules.editsDelivery) return undefined;
  const traits = traitsOf(inbound.fields);
  if ((traits & HAS_RANGE) !== 0 || inbound.body !== undefined || inbound.version !== '1.1') return undefined;
  const x = new FastQuestion(inbound, rules, honours(edge, inbound, traits), traits);
  const verdict = received(x, edge, { hasBody: false, isUpgrade: false });
  if (verdict.do !== 'lookup' || !mayLookUp(x.method)) return undefined;
  const now = edge.clock();
  const found = ready(x, edge, now);
  return found && given(x, edge, found, now);
}

type Ready = { readonly entry: Entry; readonly outcome: CacheOutcome };

/** What is stored under the request's own key and may be given as it is, with nothing else to be done. */
function ready(x: Asking, edge: Edge, now: number): Ready | undefined {
  const entries = edge.store.peek(x.key);
  if (edge.bans.size > 0 && !entries.every((entry) => edge.bans.isDoneWith(entry))) return undefined;
  // Whether the origin of a stale one is well is asked of the policy's hook first.
  if (x.rules.editsFetch && entries.some(({ life }) => now >= life.freshUntil)) return undefined;
  const found = among(entries, { x, edge, now });
  const isReady =
    (found.do === 'deliver' && found.why === 'fresh') ||
    (found.do === 'deliver-and-refresh' && edge.flights.isReplacing(found.entry));
  return isReady && isTaken(x, found.entry) ? { entry: found.entry, outcome: hit(found, now) } : undefined;
}

function given(x: Asking, edge: Edge, { entry, outcome }: Ready, now: number): FastAnswer | undefined {
  const form = formOf(x, entry);
  if (form === undefined) return undefined;
  const loan = edge.store.borrow(entry);
  if (loan === undefined) return undefined;
  const { status, stored } = form;
  const headMs = performance.now() - x.inbound.receivedAt;
  edge.counters.requests += 1;
  const said = `Age: ${ageAt(entry.life, now)}\r\nCache-Status: ${remember(x, edge, status, outcome)}\r\n`;
  return new Hit(loan, {
    status,
    head: statusLine(status) + stored + said + ownFields(x.inbound, edge, headMs),
    body: form.hasBody ? loan.pieces : noBody,
    url: urlOf(x),
    outcome,
    headMs,
  });
}

// Mostly the key, which is at hand.
function urlOf({ inbound: { host, target }, resource, key }: Asking): string {
  return resource.host === host && resource.path === target ? key : host + target;
}

type Form = { readonly status: number; readonly stored: string; readonly hasBody: boolean };

/** The stored fields in the form that the client asked for; undefined for what is neither the whole nor a 304. */
function formOf(x: Asking, { status, sent, bodyLength, life }: Entry): Form | undefined {
  const length = hasLength(status) ? `Content-Length: ${bodyLength}\r\n` : '';
  const whole = { status, stored: sent + length, hasBody: bodyLength > 0 && hasBody(x, { as: 'whole' }) };
  if (!x.isConditional) return whole;
  const fields = unpackFields(sent);
  const form = formFor(x, { status, fields, length: bodyLength, born: life.born });
  if (form.as === 'whole') return whole;
  if (form.as !== 'not-modified') return undefined;
  const shape = shaped(form, { status, fields }, bodyLength);
  return { status: shape.status, stored: packFields(shape.fields), hasBody: false };
}

function ownFields({ id }: Inbound, edge: Edge, ms: number): string {
  return `X-Request-Id: ${id}\r\n${edge.serverTiming ? `Server-Timing: ${serverTiming('edge', ms)}\r\n` : ''}`;
}

const statusLines: string[] = [];

function statusLine(status: number): string {
  statusLines[status] ??= `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`;
  return statusLines[status];
}
