/** The path without slash of what is guarded with it: pure. */
import type { RoutedPath } from '@trivet/kit/files/asked-path.ts';
import type { Route } from '../define-site.ts';
import type { Front } from '../front.ts';

/**
 * Is `/admin` asked for where only some may have `/admin/` of an app, and no route before that one takes it? Many apps
 * answer both alike, so it must not get there by another route. nginx redirects to the path with the slash, guard or no guard.
 */
export function lacksGuardedSlash(
  { guards, site }: Pick<Front, 'guards' | 'site'>,
  { path }: RoutedPath,
  chosen: Route | undefined,
): boolean {
  if (guards.size === 0 || path.endsWith('/')) return false;
  for (const route of site.routes) {
    if (route === chosen) return false;
    if (route.path?.length === path.length + 1 && route.path.startsWith(path) && guardsAnApp(route)) return true;
  }
  return false;
}

// A limit keeps nobody out.
function guardsAnApp(route: Route): boolean {
  const isGuarded = (route.access ?? route.basicAuth ?? route.authRequest) !== undefined;
  const { otherwise = {} } = 'files' in route ? route : {};
  return isGuarded && ('proxy' in route || 'proxy' in otherwise);
}
