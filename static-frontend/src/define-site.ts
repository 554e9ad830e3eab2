/**
 * The language of `site.ts`: which part of the namespace is files, which is the app's, which has moved, and who may come
 * in. Everything that is wrong with a site is named at once, when the file is loaded, so that no request meets it.
 */
import type { LimitOptions } from './site/guard-options.ts';
import type { Rewrite, Route } from './site/route-options.ts';
import type { UpstreamOptions } from './site/upstream-options.ts';
import { siteProblems } from './site-problems.ts';

export type * from './site/guard-options.ts';
export type * from './site/proxy-options.ts';
export type * from './site/route-options.ts';
export type * from './site/upstream-options.ts';

export type Site = {
  /** Before the routes, in this order. */
  readonly rewrites?: readonly Rewrite[];
  /** The first route that matches decides. */
  readonly routes: readonly Route[];
  /** Upstreams beside `app`, which is always there. */
  readonly upstreams?: Readonly<Record<string, UpstreamOptions>>;
  /** By the names that routes use. */
  readonly limits?: Readonly<Record<string, LimitOptions>>;
  /** Pages for errors that this tier makes itself, by status: files in FRONT_ROOT. */
  readonly errorPages?: Readonly<Record<number, string>>;
};

/** Everything that is wrong with a site, in one message. */
export class SiteProblem extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('; '));
    this.name = 'SiteProblem';
    this.problems = problems;
  }
}

/** Checks a site and gives it back. @throws SiteProblem naming all that is wrong. */
export function defineSite(site: Site): Site {
  const problems = siteProblems(site);
  if (problems.length > 0) throw new SiteProblem(problems);
  return site;
}

/** The upstreams that routes may name. */
export function upstreamNames(site: Site): string[] {
  return [...new Set(['app', ...Object.keys(site.upstreams ?? {})])];
}
