/** Everything that can be wrong with a site, each problem with the place it is at. */
import { insideRoot, isRecord, unknownKeys } from './site/check.ts';
import { limitProblems } from './site/guard-problems.ts';
import { rewriteProblems, routeProblems } from './site/route-problems.ts';
import { upstreamProblems } from './site/upstream-problems.ts';

/** Every problem of a site; empty when it may be used. */
export function siteProblems(site: unknown): string[] {
  if (!isRecord(site)) return ['a site is an object with routes'];
  const upstreams = isRecord(site.upstreams) ? site.upstreams : {};
  const limits = isRecord(site.limits) ? site.limits : {};
  const known = { upstreams: ['app', ...Object.keys(upstreams)], limits: Object.keys(limits) };
  const routes: unknown[] = Array.isArray(site.routes) ? [...site.routes] : [];
  return [
    ...unknownKeys('the site', site, ['rewrites', 'routes', 'upstreams', 'limits', 'errorPages']),
    ...(site.rewrites === undefined || Array.isArray(site.rewrites) ? [] : ['rewrites: is a list']),
    ...(Array.isArray(site.rewrites) ? [...site.rewrites] : []).flatMap((rewrite, at) =>
      rewriteProblems(`rewrites[${at}]`, rewrite),
    ),
    ...(routes.length > 0 ? [] : ['routes: at least one route is needed']),
    ...routes.flatMap((route, at) => routeProblems(`routes[${at}]`, route, known)),
    ...Object.entries(upstreams).flatMap(([name, upstream]) =>
      upstreamProblems(`upstreams.${name}`, upstream, name === 'app'),
    ),
    ...Object.entries(limits).flatMap(([name, limit]) => limitProblems(`limits.${name}`, limit)),
    ...errorPageProblems(site.errorPages),
  ];
}

function errorPageProblems(pages: unknown): string[] {
  if (pages === undefined) return [];
  if (!isRecord(pages)) return ['errorPages: is an object of statuses and files'];
  return Object.entries(pages).flatMap(([status, file]) => {
    if (!/^[45]\d\d$/.test(status)) return [`errorPages.${status}: is not an error status`];
    const problem = insideRoot(file);
    return problem === undefined ? [] : [`errorPages.${status}: ${problem}`];
  });
}
