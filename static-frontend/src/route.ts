/** Which route answers a path, and where it leads: pure, asked once per request with the normalised path. */
import type { RoutedPath } from '@trivet/kit/files/asked-path.ts';
import { encodePath } from '@trivet/kit/semantics/path.ts';
import type { FilesRoute, Matching, Otherwise, ProxyOptions, Route, RouteHeaders } from './define-site.ts';
import { onThisHost } from './on-this-host.ts';

/** Where a request goes, by which route. */
export type Destination = { readonly route: Route | undefined; readonly headers: RouteHeaders } & (
  | { readonly to: 'redirect'; readonly status: number; readonly location: string }
  | { readonly to: 'files'; readonly files: FilesPlace }
  | { readonly to: 'proxy'; readonly ask: Asking }
  | { readonly to: 'status'; readonly status: number }
  | { readonly to: 'nowhere' }
);

/** A folder of files and what answers when none does. */
export type FilesPlace = {
  /** What the paths of the route begin with. */
  readonly base: string | undefined;
  readonly folder: string;
  readonly index: readonly string[];
  readonly try: readonly string[] | undefined;
  readonly listing: boolean;
  readonly otherwise: Otherwise | undefined;
};

/** An upstream, and how it is asked. */
export type Asking = ProxyOptions & {
  readonly proxy: string;
  /** What of the path `to` stands for. */
  readonly base: string | undefined;
};

const none: RouteHeaders = {};

/** The destination of a path: of the first route that matches. */
export function route(routes: readonly Route[], asked: RoutedPath): Destination {
  const match = routes.find((candidate) => matches(candidate, asked.path));
  if (match === undefined) return { to: 'nowhere', route: undefined, headers: none };
  const common = { route: match, headers: match.headers ?? none };
  if ('redirect' in match) {
    const location = withQuery(moved(match, match.redirect, asked), asked.query);
    return { to: 'redirect', status: match.status ?? 301, location, ...common };
  }
  if ('proxy' in match) return { to: 'proxy', ask: askingOf(match, match.path), ...common };
  if ('returns' in match) return { to: 'status', status: match.returns, ...common };
  return { to: 'files', files: filesPlace(match), ...common };
}

const askings = new WeakMap<ProxyOptions, Asking>();

/** How the upstream of a route, or the one behind its files, is asked: the same object each time. */
export function askingOf(options: ProxyOptions & { readonly proxy: string }, base: string | undefined): Asking {
  const known = askings.get(options);
  if (known !== undefined && known.base === base) return known;
  const asking = { ...options, base };
  askings.set(options, asking);
  return asking;
}

/** `location` with the query that was asked, unless it has one of its own. */
export function withQuery(location: string, query: string | undefined): string {
  return query === undefined || location.includes('?') ? location : `${location}?${query}`;
}

const onlyIndex = ['index.html'];

function filesPlace({ path, files, index, try: names, listing = false, otherwise }: FilesRoute): FilesPlace {
  return { base: path, folder: files, index: index ?? onlyIndex, try: names, listing, otherwise };
}

/** Is a normalised path one of those that a route or a rewrite is for? */
export function matches({ path: prefix, exact, pattern }: Matching, path: string): boolean {
  if (prefix === undefined) return pattern?.test(path) === true;
  if (exact === true) return path === prefix;
  if (!path.startsWith(prefix)) return false;
  return prefix.endsWith('/') || path.length === prefix.length || path[prefix.length] === '/';
}

function moved({ path: prefix, pattern }: Matching, target: string, { path, rawPath }: RoutedPath): string {
  if (prefix === undefined) return pattern === undefined ? target : fill(target, pattern, path);
  if (!prefix.endsWith('/') || !target.endsWith('/')) return target;
  // Raw where raw and normal form say the same, so that %2F stays %2F. Slashes that would be merged, dot segments and
  // backslashes are not copied: behind a target of '/' they make `//evil.example`, another site.
  const isAsWritten = rawPath.startsWith(prefix) && !/\/[/.]|\\|%2e/i.test(rawPath);
  return target + (isAsWritten ? rawPath.slice(prefix.length) : encodePath(path.slice(prefix.length)));
}

// What a group matched is decoded; in a field it is not.
function fill(target: string, pattern: RegExp, path: string): string {
  const found = pattern.exec(path);
  if (found === null) return target;
  const filled = target.replace(/\$(?:(\d)|<(\w+)>|\$)/g, (text, digit, name) => {
    if (text === '$$') return '$';
    return encodePath((digit === undefined ? found.groups?.[name] : found[Number(digit)]) ?? '');
  });
  // A group that begins with a slash, behind the slash of a target.
  return onThisHost(filled);
}
