/** What guards each route, made ready when the site is loaded. Routes that nothing guards are not in it. */
import type { Log } from '@trivet/kit/process/log.ts';
import type { Site } from '../define-site.ts';
import type { Limits } from '../limits/limits.ts';
import type { AuthRequestOptions } from '../site/guard-options.ts';
import type { Route } from '../site/route-options.ts';
import { accessList } from './access.ts';
import type { BasicAuth } from './basic-auth.ts';
import { PasswordCheck } from './password-check.ts';
import { openUserList } from './user-list.ts';

export type Guard = {
  readonly access: ((client: string) => boolean) | undefined;
  readonly limits: { readonly names: readonly string[]; readonly all: Limits } | undefined;
  readonly basicAuth: BasicAuth | undefined;
  readonly authRequest: AuthRequestOptions | undefined;
};

/** By the routes of one site. */
export type Guards = ReadonlyMap<Route | undefined, Guard>;

export type GuardsOptions = {
  /** Those of the tier, which outlive a site. */
  readonly limits: Limits;
  readonly log: Log;
  /** Milliseconds from any start, never backwards. */
  readonly clock?: () => number;
};

/** Changes nothing, so that a site may still be refused. @throws StartProblem when a file of users cannot be used. */
export async function openGuards(site: Site, options: GuardsOptions): Promise<Guards> {
  const { limits, log, clock = () => performance.now() } = options;
  const check = new PasswordCheck({ clock });
  const guards = new Map<Route | undefined, Guard>();
  for (const [at, route] of site.routes.entries()) {
    const { access, basicAuth, authRequest } = route;
    const names = route.limits ?? [];
    if (!access && !basicAuth && !authRequest && names.length === 0) continue;
    const where = `routes[${at}].basicAuth.users`;
    guards.set(route, {
      access: access && accessList(access),
      limits: names.length === 0 ? undefined : { names, all: limits },
      basicAuth: basicAuth && {
        realm: basicAuth.realm,
        list: await openUserList(basicAuth.users, { log, clock, where }),
        check,
      },
      authRequest,
    });
  }
  return guards;
}
