import { canonicalHost } from '@trivet/kit/semantics/host.ts';
import { splitQuery } from '@trivet/kit/semantics/target.ts';
import { trackingParameters } from './tracking-parameters.ts';

/**
 * What a request is for: the key under which answers to it are stored is `host` and `path` together, without a scheme
 * (RFC 9111 §4), unless a policy makes its own. `path` is path and query after the policy's rules, and is what the
 * origin is asked for: what is not in the key must not reach the origin either, or one visitor could have an answer
 * stored for all others.
 */
export type Resource = { readonly host: string; readonly path: string };

/** Which parameters of a query count. Names may begin or end with `*`. */
export type QueryRules = {
  /** Removes a list that is kept with this edge: `tracking` is what campaigns and advertisers add to links. */
  readonly preset?: 'tracking';
  readonly remove?: readonly string[];
  readonly keep?: readonly string[];
  readonly sort?: boolean;
};

export type QueryFilter = (query: string) => string;

/** Makes the rules ready; undefined when there are none, so that targets stay as they are. */
export function queryFilter({ preset, remove, keep, sort }: QueryRules): QueryFilter | undefined {
  if (preset === undefined && remove === undefined && keep === undefined && !sort) return undefined;
  const isRemoved = nameMatcher([...(preset === 'tracking' ? trackingParameters : []), ...(remove ?? [])]);
  const isKept = keep === undefined ? () => true : nameMatcher(keep);
  return (query) => {
    const members = query.split('&').filter((member) => {
      const name = nameOf(member);
      return member !== '' && isKept(name) && !isRemoved(name);
    });
    // By name alone: the order of several values of one parameter means something.
    if (sort) members.sort((a, b) => compare(nameOf(a), nameOf(b)));
    return members.join('&');
  };
}

/** What a target on a host asks for. */
export function resourceOf(host: string, target: string, filter: QueryFilter | undefined): Resource {
  return { host: canonicalHost(host), path: filter === undefined ? target : filtered(target, filter) };
}

function filtered(target: string, filter: QueryFilter): string {
  const { path, query } = splitQuery(target);
  if (query === undefined) return path;
  const rest = filter(query);
  return rest === '' ? path : `${path}?${rest}`;
}

/** Which names one of the patterns matches; a `*` in a pattern stands for any characters. */
export function nameMatcher(patterns: readonly string[]): (name: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const wild = patterns
    .filter((pattern) => pattern.includes('*'))
    .map((pattern) => {
      const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
      return new RegExp(`^${parts.join('.*')}$`);
    });
  return (name) => exact.has(name) || wild.some((pattern) => pattern.test(name));
}

function nameOf(member: string): string {
  const equals = member.indexOf('=');
  const name = equals < 0 ? member : member.slice(0, equals);
  // `utm%5Fsource` is `utm_source` to every application.
  if (!name.includes('%')) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
