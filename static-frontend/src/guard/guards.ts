/** What guards each route, made ready when the site is loaded. Routes that nothing guards are not in it. */
import { StartProblem } from '@trivet/kit/process/load-file.ts';
import type { Log } from '@trivet/kit/process/log.ts';
import type { Site } from '../define-site.ts';
import type { Limits } from '../limits/limits.ts';
import type { AuthRequestOptions } from '../site/guard-options.ts';
import type { Route } from '../site/route-options.ts';
import { accessList } from './access.ts';
import type { BasicAuth } from './basic-auth.ts';
import { PasswordCheck } from './password-check.ts';
import { openUserList, type UserList, type UserListOptions } from './user-list.ts';

export type Guard = {
  /** Does it let in only those whom it knows? Then what it guards is not for caches that serve all. */
  readonly isPrivate: boolean;
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

const nobody: UserList = { users: () => Promise.resolve(new Map()) };

// All that are wrong are named, not the first alone.
async function openUserLists(
  { routes }: Site,
  options: Omit<UserListOptions, 'where'>,
): Promise<readonly (UserList | undefined)[]> {
  const opening = routes.map(async ({ basicAuth }, at) => {
    if (basicAuth === undefined) return undefined;
    return await openUserList(basicAuth.users, { ...options, where: `routes[${at}].basicAuth.users` });
  });
  const outcomes = await Promise.allSettled(opening);
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
  const problems = refused.filter((reason) => reason instanceof StartProblem);
  if (problems.length < refused.length) throw refused.find((reason) => !(reason instanceof StartProblem));
  if (problems.length > 0) {
    throw new StartProblem(problems.map(({ message }) => message).join('; '), {
      problems: problems.map(({ message }) => message),
      files: new Map(problems.flatMap(({ files }) => [...files])),
    });
  }
  return outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : undefined));
}

// Who is merely kept out has no secret to find.
function isForFew({ access, basicAuth, authRequest }: Route): boolean {
  return basicAuth !== undefined || authRequest !== undefined || access?.allow !== undefined;
}

/** Changes nothing, so that a site may still be refused. @throws StartProblem when a file of users cannot be used. */
export async function openGuards(site: Site, options: GuardsOptions): Promise<Guards> {
  const { limits, log, clock = () => performance.now() } = options;
  const check = new PasswordCheck({ clock });
  const guards = new Map<Route | undefined, Guard>();
  const lists = await openUserLists(site, { log, clock });
  for (const [at, route] of site.routes.entries()) {
    const { access, basicAuth, authRequest } = route;
    const names = route.limits ?? [];
    const isGuarded = [access, basicAuth, authRequest].some((guard) => guard !== undefined);
    if (!isGuarded && names.length === 0) continue;
    guards.set(route, {
      isPrivate: isForFew(route),
      access: access && accessList(access),
      limits: names.length === 0 ? undefined : { names, all: limits },
      basicAuth: basicAuth && { realm: basicAuth.realm, list: lists[at] ?? nobody, check },
      authRequest,
    });
  }
  return guards;
}
