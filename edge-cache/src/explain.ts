/** What would become of a request, and why: from the pure decisions alone, and from what really happened last. */
import { type Fields, field } from '@trivet/kit/semantics/fields.ts';
import { isToken } from '@trivet/kit/semantics/list.ts';
import { parseTarget } from '@trivet/kit/semantics/target.ts';
import { type Edge, honours } from './machine/edge.ts';
import { storedFields } from './machine/head-fields.ts';
import { find } from './machine/lookup.ts';
import { type Asked, Question } from './machine/question.ts';
import { received } from './machine/receive.ts';
import { select } from './policy/finding.ts';
import { ageAt, reuse, ttlAt } from './policy/reuse.ts';
import type { Entry } from './store/store.ts';

export type Explanation = { readonly error: string } | Readonly<Record<string, unknown>>;

/** Answers `GET /explain?url=…&header=Name: value&method=…&client=…`. */
export function explain(edge: Edge, query: URLSearchParams): Explanation {
  const asked = readAsked(query);
  if (typeof asked === 'string') return { error: asked };
  const isHonoured = honours(edge, asked);
  try {
    return explained(new Question(asked, edge.rules, isHonoured), edge, isHonoured);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function explained(question: Question, edge: Edge, honoursDirectives: boolean): Explanation {
  const reception = received(question, edge, { hasBody: false, isUpgrade: false });
  const now = edge.clock();
  const { key, lane, resource } = question;
  const last = edge.outcomes.of(key);
  const entries = edge.store.peek(key);
  const mark = edge.uncacheable.recall(lane, now);
  return {
    request: { method: question.method, ...resource, honoursDirectives },
    reception,
    key,
    ...(reception.do === 'lookup' ? { lookup: lookedUp(question, edge, now) } : {}),
    stored: entries.map((entry) => described(entry, now)),
    fetchUnderWay: edge.flights.isUnderWay(key),
    uncacheable: mark === undefined ? null : { why: mark.why, secondsLeft: Math.ceil((mark.until - now) / 1000) },
    last: last === undefined ? null : { ...last, at: new Date(last.at).toISOString() },
  };
}

function lookedUp(question: Question, edge: Edge, now: number): object {
  const found = find(question, edge, now);
  const selected = select(edge.store.peek(question.key), question.fields);
  const chosen = selected === undefined ? null : described(selected, now);
  return { do: found.do, why: found.why, ...('fwd' in found ? { fwd: found.fwd } : {}), selected: chosen };
}

function described(entry: Entry, now: number): object {
  const { life, status, vary, variant, tags, bodyLength } = entry;
  const fields = storedFields(entry);
  const until = (instant: number) => Math.ceil((instant - now) / 1000);
  return {
    status,
    ageSeconds: ageAt(life, now),
    ttlSeconds: ttlAt(life, now),
    graceSeconds: until(life.graceUntil),
    staleIfErrorSeconds: until(life.errorUntil),
    keepSeconds: until(life.keepUntil),
    now: reuse(life, now),
    vary,
    variant: variant === '' ? null : variant.trim().split('\n'),
    tags,
    bytes: bodyLength,
    etag: field(fields, 'etag') ?? null,
    cacheControl: field(fields, 'cache-control') ?? null,
  };
}

function readAsked(query: URLSearchParams): Asked | string {
  const method = query.get('method') ?? 'GET';
  if (!isToken(method)) return '"method" must be a method';
  const url = query.get('url');
  const target = url === null ? undefined : parseTarget('GET', url);
  if (target?.form !== 'absolute' && target?.form !== 'origin') return '"url" must be http://host/path or /path';
  const fields = readHeaders(query.getAll('header'));
  if (typeof fields === 'string') return fields;
  const host = target.form === 'absolute' ? target.authority : (field(fields, 'host') ?? '');
  const scheme = target.form === 'absolute' ? target.scheme : 'http';
  const client = query.get('client') ?? '127.0.0.1';
  return { method, target: target.path, host, scheme, version: '1.1', fields, client };
}

function readHeaders(given: readonly string[]): Fields | string {
  const fields: string[] = [];
  for (const line of given) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    if (!isToken(name)) return `"header" must be "Name: value", not ${JSON.stringify(line)}`;
    fields.push(name, line.slice(colon + 1).trim());
  }
  return fields;
}
