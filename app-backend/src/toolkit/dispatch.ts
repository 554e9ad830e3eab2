import { shiftPathInfo } from '../uri.ts';
import type { Application, Environ } from '../wsgi.ts';

/**
 * One application out of several, chosen by the longest prefix that the path lies under. A prefix that ends in a slash is a
 * mount: it moves to SCRIPT_NAME, and the application behind it sees a path of its own. Others see the path as it came.
 */
export function dispatch(routes: Readonly<Record<string, Application>>, otherwise: Application): Application {
  const longestFirst = Object.entries(routes).sort(([a], [b]) => b.length - a.length);
  return (environ, startResponse) => {
    const path = environ.PATH_INFO;
    const [prefix = '', application = otherwise] = longestFirst.find(([route]) => isUnder(route, path)) ?? [];
    return application(prefix.endsWith('/') ? shifted(environ, prefix) : environ, startResponse);
  };
}

function isUnder(route: string, path: string): boolean {
  return route.endsWith('/') ? path.startsWith(route) : path === route || path.startsWith(`${route}/`);
}

function shifted(environ: Environ, prefix: string): Environ {
  const mounted: Environ = Object.assign(Object.create(null), environ);
  for (let segments = prefix.split('/').length - 2; segments > 0; segments--) shiftPathInfo(mounted);
  return mounted;
}
