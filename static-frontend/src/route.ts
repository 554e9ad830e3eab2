/** Which route answers a path, and where it leads: pure, asked once per request with the normalised path. */
import type { RoutedPath } from './asked-path.ts';
import type { FilesRoute, Otherwise, Route, RouteHeaders } from './define-site.ts';

export type Destination =
  | { readonly to: 'redirect'; readonly status: number; readonly location: string; readonly headers: RouteHeaders }
  | { readonly to: 'files'; readonly files: FilesPlace; readonly headers: RouteHeaders }
  | { readonly to: 'proxy'; readonly upstream: string; readonly headers: RouteHeaders }
  | { readonly to: 'nowhere'; readonly headers: RouteHeaders };

/** A folder of files and what answers when none does. */
export type FilesPlace = {
  readonly folder: string;
  readonly index: readonly string[];
  readonly otherwise: Otherwise | undefined;
};

const none: RouteHeaders = {};

/** The destination of a path: of the first route that matches. */
export function route(routes: readonly Route[], asked: RoutedPath): Destination {
  const match = routes.find((candidate) => matches(candidate.path, asked.path));
  if (match === undefined) return { to: 'nowhere', headers: none };
  const headers = match.headers ?? none;
  if ('redirect' in match) {
    const location = withQuery(moved(match.path, match.redirect, asked), asked.query);
    return { to: 'redirect', status: match.status ?? 301, location, headers };
  }
  if ('proxy' in match) return { to: 'proxy', upstream: match.proxy, headers };
  return { to: 'files', files: filesPlace(match), headers };
}

/** A path again as it may stand in a field: every octet that is not plain is percent-encoded. RFC 3986 §2.1. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** `location` with the query that was asked, unless it has one of its own. */
export function withQuery(location: string, query: string | undefined): string {
  return query === undefined || location.includes('?') ? location : `${location}?${query}`;
}

const onlyIndex = ['index.html'];

function filesPlace(match: FilesRoute): FilesPlace {
  return { folder: match.files, index: match.index ?? onlyIndex, otherwise: match.otherwise };
}

function matches(prefix: string, path: string): boolean {
  if (!path.startsWith(prefix)) return false;
  return prefix.endsWith('/') || path.length === prefix.length || path[prefix.length] === '/';
}

function moved(prefix: string, target: string, { path, rawPath }: RoutedPath): string {
  if (!prefix.endsWith('/') || !target.endsWith('/')) return target;
  // Raw where raw and normal form say the same, so that %2F stays %2F. Slashes that would be merged, dot segments and
  // backslashes are not copied: behind a target of '/' they make `//evil.example`, another site.
  const isAsWritten = rawPath.startsWith(prefix) && !/\/[/.]|\\|%2e/i.test(rawPath);
  return target + (isAsWritten ? rawPath.slice(prefix.length) : encodePath(path.slice(prefix.length)));
}
