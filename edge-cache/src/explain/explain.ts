/**
 * What would become of a request, and why: from the pure decisions alone, and from what really happened last. The origin
 * is not asked.
 */
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { entries, type Fields, has, lines } from '@trivet/kit/semantics/fields.ts';
import { splitQuery } from '@trivet/kit/semantics/target.ts';
import type { Express, Request } from 'express';
import { type Edge, honours } from '../machine/edge.ts';
import { find } from '../machine/lookup.ts';
import type { LastArrival } from '../machine/outcome-memory.ts';
import { type Asked, Question } from '../machine/question.ts';
import { mayLookUp, received } from '../machine/receive.ts';
import { answersFor } from '../machine/search-aliases.ts';
import { admission } from '../policy/admission.ts';
import { type Finding, select } from '../policy/finding.ts';
import { inWords } from '../policy/reasons.ts';
import type { Reception } from '../policy/receive.ts';
import { ordersOf } from '../policy/targeted.ts';
import { freshnessSays } from '../policy/terms.ts';
import { type Entry, placeOf } from '../store/store.ts';
import type { Admitted, Explained, LookedUp } from './explained.ts';
import { type Query, readQuery } from './query.ts';
import { story } from './story.ts';
import { adviceFor, described, instantsOf } from './variants.ts';

const MOST_HOSTS = 10;

/** Mounts `GET /explain`, in JSON or, for `format=text` and `Accept: text/plain`, to be read. */
export function explainRoute(app: Express, edge: Edge): void {
  app.get('/explain', (request, response) => {
    const query = readQuery(new URL(request.originalUrl, 'http://admin').searchParams);
    if ('error' in query) return void response.status(400).json(query);
    const told = explain(edge, query);
    if ('error' in told) response.status(500).json(told);
    else if (wantsText(request, query)) response.type('text/plain').send(story(told));
    else response.json(told);
  });
}

function wantsText(request: Request, { format }: Query): boolean {
  return format === undefined ? request.accepts(['json', 'text/plain']) === 'text/plain' : format === 'text';
}

/** A hook of the policy failed, and would fail for the client too, who would get a 503. */
export type Failure = { readonly error: string; readonly cause: string };

/** Walks the decisions for a request that is made up. */
export function explain(edge: Edge, query: Query): Explained | Failure {
  const { asked } = query;
  try {
    return explained(new Question(asked, edge.rules, honours(edge, asked)), edge, query);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { error: error.message, cause: String(error.cause) };
  }
}

function explained(question: Question, edge: Edge, { asked, response }: Query): Explained {
  const now = edge.clock();
  const verdict = received(question, edge, { hasBody: false, isUpgrade: false });
  const { key, lane } = question;
  const stored = [...edge.store.peek(key), ...aliased(question, edge)];
  const describing = { question, edge, now };
  const variants = stored.map((entry) => described(entry, describing));
  const standing = stored.filter((_, index) => variants[index]?.bans.length === 0);
  const found = find(question, edge, now);
  const chosen = chosenBy(found) ?? select(standing, question.fields);
  const isLookedUp = verdict.do === 'lookup' && mayLookUp(question.method);
  const mark = edge.uncacheable.recall(lane, now);
  return {
    at: new Date(now).toISOString(),
    request: requestPart(question, asked, edge),
    reception: { ...told(verdict, isLookedUp), by: ownVerdict(question) ? 'policy' : 'built-in' },
    key,
    ...(asked.host === '' ? { hosts: hostsOf(edge, question.resource.path) } : {}),
    keyParts: keyParts(question, asked),
    ...(isLookedUp ? { lookup: lookedUp(found, placeOfChosen(chosen, standing, stored)) } : {}),
    variants,
    fetchUnderWay: edge.flights.isUnderWay(key),
    uncacheable: mark === undefined ? null : { ...said(mark.why), secondsLeft: Math.ceil((mark.until - now) / 1000) },
    ...(response === undefined ? {} : { would: would(question, edge, response, now) }),
    ...lastParts(edge, key),
  };
}

function said(why: string): { readonly why: string; readonly says: string } {
  return { why, says: inWords(why) };
}

function ownVerdict({ rules, view }: Question): boolean {
  return rules.hasReceive && rules.receive(view) !== undefined;
}

function told(verdict: Reception, isLookedUp: boolean): Omit<Explained['reception'], 'by'> {
  if (verdict.do === 'lookup' && !isLookedUp) return { do: 'pass', ...said('method') };
  switch (verdict.do) {
    case 'lookup':
      return { do: 'lookup', why: 'lookup', says: 'the store is asked' };
    case 'purge':
      return { do: 'purge', why: 'purge', says: `its variants are purged${verdict.soft ? ', softly' : ''}` };
    case 'synth':
      return { do: 'synth', status: verdict.status, ...said(verdict.why) };
    case 'pass':
    case 'pipe':
      return { do: verdict.do, ...said(verdict.why) };
  }
}

function requestPart(question: Question, asked: Asked, edge: Edge): Explained['request'] {
  const { method, scheme, client, fields } = asked;
  const given = [...lines(fields, 'cache-control'), ...lines(fields, 'pragma')];
  const isHonoured = honours(edge, asked);
  return {
    ...{ method, scheme, client, ...question.resource },
    fields: linesOf(question.fields),
    withheld: linesOf(fields).filter((line) => !linesOf(question.fields).includes(line)),
    directives: { given, honoured: isHonoured, why: honourSays(edge, given, isHonoured) },
  };
}

function honourSays({ clientDirectives }: Edge, given: readonly string[], isHonoured: boolean): string {
  if (given.length === 0) return 'the request has none';
  if (clientDirectives !== 'trusted') return `EDGE_CLIENT_DIRECTIVES=${clientDirectives}`;
  return `EDGE_CLIENT_DIRECTIVES=trusted, and the client is ${isHonoured ? '' : 'not '}in EDGE_PURGE_FROM`;
}

function linesOf(fields: Fields): string[] {
  return Array.from(entries(fields), ([name, value]) => `${name}: ${value}`);
}

function keyParts({ key, resource }: Question, { target }: Asked): Explained['keyParts'] {
  const members = (path: string) => (splitQuery(path).query ?? '').split('&').filter((member) => member !== '');
  const kept = members(resource.path);
  const removed = members(target).filter((member) => {
    const at = kept.indexOf(member);
    if (at >= 0) kept.splice(at, 1);
    return at < 0;
  });
  const isOwn = key !== resource.host + resource.path;
  return { by: isOwn ? 'policy' : 'built-in', ...resource, askedFor: target, removed };
}

/** A path alone is no key: whose could be meant? */
function hostsOf({ store }: Edge, path: string): string[] {
  const hosts = new Set<string>();
  for (const entry of store.entries()) {
    const place = placeOf(entry);
    if (place.path === path) hosts.add(place.host);
    if (hosts.size === MOST_HOSTS) break;
  }
  return [...hosts];
}

/** What was stored for another query, and says that it answers for this one too (No-Vary-Search). */
function aliased({ key, resource }: Question, { store, aliases }: Edge): Entry[] {
  const others = aliases.keysFor(resource).filter((other) => other !== key);
  return others.flatMap((other) => store.peek(other)).filter((entry) => answersFor(entry, resource));
}

function chosenBy(found: Finding<Entry>): Entry | undefined {
  if ('entry' in found) return found.entry;
  return 'stale' in found ? found.stale : undefined;
}

function placeOfChosen(chosen: Entry | undefined, standing: readonly Entry[], stored: readonly Entry[]): number | null {
  return chosen !== undefined && standing.includes(chosen) ? stored.indexOf(chosen) : null;
}

function lookedUp(found: Finding<Entry>, selected: number | null): LookedUp {
  return {
    do: found.do,
    ...said(found.why),
    ...('fwd' in found ? { fwd: found.fwd } : {}),
    selected,
  };
}

function would(
  question: Question,
  edge: Edge,
  response: { readonly status: number; readonly fields: Fields },
  now: number,
): Admitted {
  const { method, fields, directives } = question;
  const timing = { requestedAt: now, respondedAt: now };
  const candidate = { request: { method, fields, directives }, response, timing };
  const advice = adviceFor(question, response.status, response.fields);
  const verdict = admission(candidate, edge.admission, advice);
  if (verdict.verdict === 'pass') return { verdict: 'pass', ...said(verdict.why) };
  const { why, life, tags, vary, sharing } = verdict;
  const lasting = freshnessSays({ why, ms: life.freshUntil - life.born }, ordersOf(response.fields));
  const set = has(response.fields, 'set-cookie') && verdict.stripsCookies ? ' (without Set-Cookie)' : '';
  const says = `${lasting}${set}`;
  return { verdict: 'store', why, says, instants: instantsOf(life, now), tags, vary, sharing };
}

function lastParts(edge: Edge, key: string): Pick<Explained, 'last' | 'lastArrival'> {
  const last = edge.outcomes.of(key);
  const arrival = edge.outcomes.arrivalOf(key);
  return {
    last: last === undefined ? null : { ...last, at: new Date(last.at).toISOString() },
    lastArrival: arrival === undefined ? null : toldArrival(arrival),
  };
}

function toldArrival(arrival: LastArrival): NonNullable<Explained['lastArrival']> {
  const says = arrival.verdict === 'store' ? storedSays(arrival) : inWords(arrival.why);
  return { ...arrival, at: new Date(arrival.at).toISOString(), says };
}

function storedSays({ why, isStored }: LastArrival): string {
  if (isStored) return `its lifetime came from: ${why}`;
  return 'it may be stored but is not: it is still coming, broke off, found no room or was purged on its way';
}
