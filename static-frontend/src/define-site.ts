/**
 * The language of `site.ts`: which part of the namespace is files, which is the app's, which has moved. Everything that
 * is wrong with a site is named at once, when the file is loaded, so that no request meets it.
 */
import { siteProblems } from './site-problems.ts';

/** Fields that a route puts on its answers, by name. Those about caching stay off errors. */
export type RouteHeaders = Readonly<Record<string, string>>;

type AnyRoute = {
  /** What the path begins with, in whole segments: `/a` is `/a` and `/a/b`, never `/ab`; `/a/` is what lies below it. */
  readonly path: string;
  readonly headers?: RouteHeaders;
};

/** The path has moved. What follows `path`, and the query, move along when both ends carry a slash. */
export type RedirectRoute = AnyRoute & {
  readonly redirect: string;
  readonly status?: 301 | 302 | 303 | 307 | 308;
};

/** The path is the app's; no file is looked for. Answers stream whether or not `buffering: 'off'` says so. */
export type ProxyRoute = AnyRoute & { readonly proxy: string; readonly buffering?: 'off' };

/** What answers when no file does: an upstream, or one file for every path (a single-page application). Else: 404. */
export type Otherwise = { readonly proxy: string } | { readonly file: string };

/** The path names a file below `files`, a folder inside FRONT_ROOT; the whole path counts, as with nginx's `root`. */
export type FilesRoute = AnyRoute & {
  readonly files: string;
  /** Names tried in a folder; default: index.html. */
  readonly index?: readonly string[];
  readonly otherwise?: Otherwise;
};

export type Route = RedirectRoute | ProxyRoute | FilesRoute;

/** An upstream by name. Without `addresses` it is FRONT_UPSTREAM. */
export type UpstreamOptions = {
  /** `http://HOST:PORT`, `unix:PATH`; several with commas. */
  readonly addresses?: string;
  /** Whom to ask first; `round-robin` is what is done. */
  readonly balance?: 'round-robin' | 'least-connections';
  /** How many failures in a row within `failTimeout` take an address out for as long. */
  readonly maxFails?: number;
  readonly failTimeout?: string;
  /** How often a GET or HEAD is repeated that died on a reused connection before a byte of its answer. */
  readonly retries?: number;
};

export type Site = {
  /** The first route whose path matches decides. */
  readonly routes: readonly Route[];
  /** Upstreams beside `app`, which is always there. */
  readonly upstreams?: Readonly<Record<string, UpstreamOptions>>;
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

/** What a site asks of its upstreams and does not get: addresses are asked in turn, after a failure last for a second. */
export function notInForce(site: Site): string[] {
  return Object.entries(site.upstreams ?? {}).flatMap(([name, { balance, maxFails, failTimeout, retries }]) => [
    ...(balance === 'least-connections' ? [`upstreams.${name}.balance: least-connections`] : []),
    ...(maxFails === undefined ? [] : [`upstreams.${name}.maxFails: ${maxFails}`]),
    ...(failTimeout === undefined ? [] : [`upstreams.${name}.failTimeout: ${failTimeout}`]),
    ...(retries === undefined || retries === 1 ? [] : [`upstreams.${name}.retries: ${retries}`]),
  ]);
}

/** The upstreams that routes may name. */
export function upstreamNames(site: Site): string[] {
  return [...new Set(['app', ...Object.keys(site.upstreams ?? {})])];
}
