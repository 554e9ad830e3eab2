import { type Fields, field } from '@trivet/kit/semantics/fields.ts';
import { bansApplying } from '../machine/banner.ts';
import type { Edge } from '../machine/edge.ts';
import { storedFields } from '../machine/head-fields.ts';
import type { Question } from '../machine/question.ts';
import type { Advice } from '../policy/admission.ts';
import type { Lifetime } from '../policy/lifetime.ts';
import { contentOf, isNegotiable, suits } from '../policy/negotiated.ts';
import { inWords } from '../policy/reasons.ts';
import { ageAt, reuse, ttlAt } from '../policy/reuse.ts';
import { type Terms, termsOf } from '../policy/terms.ts';
import { variantOf } from '../policy/vary.ts';
import { responseView } from '../policy/views.ts';
import type { Entry } from '../store/store.ts';

/** One field that selects a variant; null where it was, or is, not sent. */
export type Selecting = {
  readonly field: string;
  readonly stored: string | null;
  readonly request: string | null;
  readonly matches: boolean;
};

export type Instant = { readonly at: string; readonly inSeconds: number };

/** One stored response of the key. */
export type Variant = {
  readonly status: number;
  readonly url: string;
  readonly matches: boolean;
  readonly why: string;
  readonly selecting: readonly Selecting[];
  /** Where it lies in the whole, when it is a part only; both ends included. */
  readonly part: { readonly first: number; readonly last: number; readonly size: number } | null;
  readonly ageSeconds: number;
  readonly ttlSeconds: number;
  readonly instants: Readonly<Record<keyof Lifetime, Instant>>;
  readonly rules: Terms;
  readonly now: { readonly verdict: string; readonly why: string; readonly says: string };
  /** The origin failed to refresh it a moment ago, and is left alone. */
  readonly backOff: boolean;
  /** The bans that would keep it from being given out. */
  readonly bans: readonly { readonly id: number; readonly expression: string; readonly added: string }[];
  readonly tags: readonly string[];
  readonly esi: boolean;
  readonly bytes: number;
  readonly etag: string | null;
  readonly cacheControl: string | null;
};

export type Describing = {
  readonly question: Question;
  readonly edge: Edge;
  readonly now: number;
};

/** What a stored response is, whether this request would get it, and why. */
export function described(entry: Entry, { question, edge, now }: Describing): Variant {
  const { life, status, url, tags, bodyLength } = entry;
  const fields = storedFields(entry);
  const selecting = selectingFields(entry, question.fields);
  const differing = selecting.filter(({ matches }) => !matches);
  const isAsWelcome = isNegotiable(entry.vary) && suits(entry, question.fields, contentOf(fields));
  const verdict = reuse(life, now, question.directives);
  return {
    status,
    url,
    matches: differing.length === 0 || isAsWelcome,
    why: matchSays(selecting, differing, isAsWelcome),
    selecting,
    part: entry.part ?? null,
    esi: entry.isEsi,
    ageSeconds: ageAt(life, now),
    ttlSeconds: ttlAt(life, now),
    instants: instantsOf(life, now),
    rules: termsOf({ status, fields, life, advice: adviceFor(question, status, fields), defaults: edge.admission }),
    now: { ...verdict, says: inWords(verdict.why) },
    backOff: edge.backOff.isActive(entry, now),
    bans: bansApplying(edge, entry, question.fields),
    tags,
    bytes: bodyLength,
    etag: field(fields, 'etag') ?? null,
    cacheControl: field(fields, 'cache-control') ?? null,
  };
}

/** The instants of a lifetime, absolute and from now on. */
export function instantsOf(life: Lifetime, now: number): Variant['instants'] {
  const instant = (ms: number): Instant => ({ at: dateOf(ms), inSeconds: Math.round((ms - now) / 1000) });
  return {
    born: instant(life.born),
    freshUntil: instant(life.freshUntil),
    graceUntil: instant(life.graceUntil),
    errorUntil: instant(life.errorUntil),
    keepUntil: instant(life.keepUntil),
  };
}

const LATEST_MS = 8_640_000_000_000_000;

// A policy may say `ttl: 1e20`, which no calendar has.
function dateOf(ms: number): string {
  return new Date(Math.max(-LATEST_MS, Math.min(LATEST_MS, ms))).toISOString();
}

/** What the policy says of a response to this request. */
export function adviceFor(question: Question, status: number, fields: Fields): Advice {
  return question.rules.admit(responseView(status, fields), question.view);
}

function matchSays(selecting: readonly Selecting[], differing: readonly Selecting[], isAsWelcome: boolean): string {
  if (selecting.length === 0) return 'it varies by nothing';
  if (differing.length === 0) return `the request says the same in ${names(selecting)}`;
  if (isAsWelcome)
    return `no variant could be more welcome, though the request says something else in ${names(differing)}`;
  return `the request says something else in ${names(differing)}`;
}

function names(selecting: readonly Selecting[]): string {
  return selecting.map(({ field }) => field).join(', ');
}

function selectingFields({ vary, variant }: Entry, request: Fields): Selecting[] {
  const stored = valuesOf(variant);
  const asked = valuesOf(variantOf(vary, request));
  return vary.map((field) => {
    const [was, is] = [stored.get(field) ?? null, asked.get(field) ?? null];
    return { field, stored: was, request: is, matches: was === is };
  });
}

// See `variantOf`: a line per field, with a colon where the field was sent.
function valuesOf(variant: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of variant.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) values.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return values;
}
