import type { Route, Site } from './define-site.ts';

/** What a site does, a line for each rewrite and each route, in order; for people. */
export function routesInShort({ rewrites = [], routes }: Pick<Site, 'rewrites' | 'routes'>): string[] {
  return [
    ...rewrites.map(
      (rewrite) => `${matching(rewrite)} is read as ${rewrite.to}${rewrite.last === true ? ', last' : ''}`,
    ),
    ...routes.map((route) => `${matching(route)}${guards(route)}: ${destination(route)}`),
  ];
}

function matching({ path, exact, pattern }: Pick<Route, 'path' | 'exact' | 'pattern'>): string {
  return path === undefined ? String(pattern) : `${exact === true ? '= ' : ''}${path}`;
}

function guards(route: Route): string {
  const names = (['access', 'limits', 'basicAuth', 'authRequest'] as const).filter((name) => route[name] !== undefined);
  return names.length === 0 ? '' : ` (${names.join(', ')})`;
}

function destination(route: Route): string {
  if ('redirect' in route) return `redirect ${route.status ?? 301} ${route.redirect}`;
  if ('proxy' in route) return `proxy ${route.proxy}`;
  if ('returns' in route) return `returns ${route.returns}`;
  const { files, otherwise } = route;
  if (otherwise === undefined) return `files ${files}`;
  const kind = (['proxy', 'file', 'returns'] as const).find((name) => name in otherwise);
  return `files ${files}, otherwise ${kind} ${Object.entries(otherwise).find(([name]) => name === kind)?.[1]}`;
}
