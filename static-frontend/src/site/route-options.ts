/** What a route of `site.ts` can say. */
import type { GuardOptions } from './guard-options.ts';
import type { ProxyOptions } from './proxy-options.ts';

/** Fields that a route puts on its answers, by name. Those about caching stay off errors. */
export type RouteHeaders = Readonly<Record<string, string>>;

/** Which paths a route or a rewrite is for: `path` or `pattern`, one of the two. */
export type Matching = {
  /** What the path begins with, in whole segments: `/a` is `/a` and `/a/b`, never `/ab`; `/a/` is what lies below it. */
  readonly path?: string;
  /** The path itself and nothing below it. */
  readonly exact?: boolean;
  /** Matched against the whole decoded, normalised path; `$1`, `$<name>` stand for its groups in `redirect` and `to`. */
  readonly pattern?: RegExp;
};

type AnyRoute = Matching &
  GuardOptions & {
    /** Put on what this tier answers, and on the app's answers where those are silent. */
    readonly headers?: RouteHeaders;
    /** Changes the fields of every answer of the route, the app's too, in this order. */
    readonly response?: ResponseRules;
  };

/** Changes to an answer's fields; names are case-insensitive. Fields that frame a message are nobody's to change. */
export type ResponseRules = {
  readonly remove?: readonly string[];
  /** In place of what is there. */
  readonly set?: RouteHeaders;
  /** Beside what is there. */
  readonly add?: RouteHeaders;
};

/** The path has moved. What follows `path`, and the query, move along when both ends carry a slash. */
export type RedirectRoute = AnyRoute & {
  readonly redirect: string;
  readonly status?: 301 | 302 | 303 | 307 | 308;
};

/** One status for all of it, with this tier's page: `{ path: '/internal/', returns: 404 }`; 444 closes without a word. */
export type StatusRoute = AnyRoute & { readonly returns: number };

/** The path is the app's; no file is looked for. */
export type ProxyRoute = AnyRoute & ProxyOptions & { readonly proxy: string };

/** What answers when no file does: an upstream, one file for every path (a single-page application), a status. Else: 404. */
export type Otherwise =
  | (ProxyOptions & { readonly proxy: string })
  | { readonly file: string }
  | { readonly returns: number };

/** The path names a file below `files`, a folder inside FRONT_ROOT; the whole path counts, as with nginx's `root`. */
export type FilesRoute = AnyRoute & {
  readonly files: string;
  /** Names tried in a folder; default: index.html. */
  readonly index?: readonly string[];
  /** Names tried in order in place of the path, `{path}` standing for it: `['{path}', '{path}.html']`. */
  readonly try?: readonly string[];
  /** What is in a folder without index, as HTML or as JSON by `Accept`; off by default. */
  readonly listing?: boolean;
  readonly otherwise?: Otherwise;
};

export type Route = RedirectRoute | StatusRoute | ProxyRoute | FilesRoute;

/** The path is read as another one before the routes are asked; the app gets the other one, too. */
export type Rewrite = Matching & {
  /**
   * For `path`: what stands in its place, percent-encoded. For `pattern`: the whole path, with `$1`, `$<name>`. The client's
   * arguments follow; behind those of `to`, if it has some; a question mark at its end drops them.
   */
  readonly to: string;
  /** No further rewrites are tried behind this one. Without it all are, from the first, ten times at most (500). */
  readonly last?: boolean;
};
