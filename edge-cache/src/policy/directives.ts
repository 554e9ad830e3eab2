import { type Fields, field } from '@trivet/kit/semantics/fields.ts';
import { splitList, trimSpace, unquote } from '@trivet/kit/semantics/list.ts';

/**
 * What a Cache-Control field says (RFC 9111 §5.2). Times are seconds. A time that is no number is 0: invalid freshness
 * information is to be taken as stale (RFC 9111 §4.2.1), never as absent, or a heuristic would take its place.
 */
export type Directives = {
  readonly noStore: boolean;
  /** Without field names: the whole response is to be validated before every use. */
  readonly noCache: boolean;
  /** The fields that `no-cache="…"` keeps from being reused, in lower case. */
  readonly noCacheFields: readonly string[];
  readonly isPrivate: boolean;
  /** The fields that `private="…"` keeps from being stored, in lower case. */
  readonly privateFields: readonly string[];
  readonly isPublic: boolean;
  readonly mustRevalidate: boolean;
  readonly proxyRevalidate: boolean;
  readonly mustUnderstand: boolean;
  readonly onlyIfCached: boolean;
  readonly maxAge: number | undefined;
  readonly sMaxage: number | undefined;
  readonly staleWhileRevalidate: number | undefined;
  readonly staleIfError: number | undefined;
  readonly minFresh: number | undefined;
  /** Infinity for `max-stale` without an argument. */
  readonly maxStale: number | undefined;
};

type Draft = { -readonly [K in keyof Directives]: Directives[K] };
type FlagName = 'noStore' | 'isPublic' | 'mustRevalidate' | 'proxyRevalidate' | 'mustUnderstand' | 'onlyIfCached';
type TimeName = 'maxAge' | 'sMaxage' | 'staleWhileRevalidate' | 'staleIfError' | 'minFresh' | 'maxStale';

const flags: ReadonlyMap<string, FlagName> = new Map([
  ['no-store', 'noStore'],
  ['public', 'isPublic'],
  ['must-revalidate', 'mustRevalidate'],
  ['proxy-revalidate', 'proxyRevalidate'],
  ['must-understand', 'mustUnderstand'],
  ['only-if-cached', 'onlyIfCached'],
]);

const times: ReadonlyMap<string, TimeName> = new Map([
  ['max-age', 'maxAge'],
  ['s-maxage', 'sMaxage'],
  ['stale-while-revalidate', 'staleWhileRevalidate'],
  ['stale-if-error', 'staleIfError'],
  ['min-fresh', 'minFresh'],
  ['max-stale', 'maxStale'],
]);

/** What a cache says that is told nothing. */
export const noDirectives: Directives = Object.freeze(empty());

// RFC 9111 §1.2.2: what is larger is taken as this.
const MOST_SECONDS = 2_147_483_648;

/** The directives of a message's `name` field, all its lines together; RFC 9111 §5.2. */
export function directivesOf(fields: Fields, name = 'cache-control'): Directives {
  const value = field(fields, name);
  return value === undefined ? noDirectives : parseDirectives(splitList(value));
}

/** Reads the members of a Cache-Control list. Of two alike the first counts, RFC 9111 §4.2.1. Never throws. */
export function parseDirectives(members: readonly string[]): Directives {
  const draft = empty();
  for (const member of members) {
    const equals = member.indexOf('=');
    const before = equals < 0 ? member : member.slice(0, equals);
    const name = trimSpace(before);
    // No space may stand around the '=': a time that has one is no number, a list of fields that has one is none.
    const argument = equals < 0 || name !== before ? undefined : member.slice(equals + 1);
    note(draft, name.toLowerCase(), argument);
  }
  return draft;
}

/** `Pragma: no-cache` where there is no Cache-Control, RFC 9111 §5.4. */
export function requestDirectives(fields: Fields): Directives {
  const asked = directivesOf(fields);
  if (asked !== noDirectives) return asked;
  const pragma = field(fields, 'pragma');
  const hasNoCache = pragma !== undefined && splitList(pragma.toLowerCase()).includes('no-cache');
  return hasNoCache ? { ...noDirectives, noCache: true } : noDirectives;
}

/** Delta-seconds, RFC 9111 §1.2.2; undefined when the text is no number of seconds. */
export function deltaSeconds(text: string): number | undefined {
  return /^\d+$/.test(text) ? Math.min(Number(text), MOST_SECONDS) : undefined;
}

function empty(): Draft {
  return {
    noStore: false,
    noCache: false,
    noCacheFields: [],
    isPrivate: false,
    privateFields: [],
    isPublic: false,
    mustRevalidate: false,
    proxyRevalidate: false,
    mustUnderstand: false,
    onlyIfCached: false,
    maxAge: undefined,
    sMaxage: undefined,
    staleWhileRevalidate: undefined,
    staleIfError: undefined,
    minFresh: undefined,
    maxStale: undefined,
  };
}

function note(draft: Draft, name: string, argument: string | undefined): void {
  const flag = flags.get(name);
  if (flag !== undefined) draft[flag] = true;
  const time = times.get(name);
  if (time !== undefined) draft[time] ??= timeOf(time, argument);
  if (name === 'no-cache') {
    const names = fieldNames(argument);
    if (names === undefined) draft.noCache = true;
    else draft.noCacheFields = [...draft.noCacheFields, ...names];
  }
  if (name === 'private') {
    const names = fieldNames(argument);
    if (names === undefined) draft.isPrivate = true;
    else draft.privateFields = [...draft.privateFields, ...names];
  }
}

function timeOf(name: TimeName, argument: string | undefined): number {
  if (name === 'maxStale' && argument === undefined) return Number.POSITIVE_INFINITY;
  return deltaSeconds(unquote(argument ?? '')) ?? 0;
}

// Only the quoted form qualifies (RFC 9111 §5.2.2.4); what else there is, is taken as the directive that restricts most.
function fieldNames(argument: string | undefined): string[] | undefined {
  if (argument === undefined || argument[0] !== '"' || !argument.endsWith('"')) return undefined;
  const names = splitList(unquote(argument).toLowerCase());
  return names.length > 0 ? names : undefined;
}
