/** What can be wrong with a site. The file is the user's and may be plain JavaScript: nothing about its shape is taken for granted. */
import { duration, origins } from '@trivet/kit/process/units.ts';
import { isToken } from '@trivet/kit/semantics/list.ts';

type Loose = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => string | undefined;

/** Every problem of a site, each with the place it is at; empty when the site may be used. */
export function siteProblems(site: unknown): string[] {
  if (!isRecord(site)) return ['a site is an object with routes'];
  const upstreams = isRecord(site.upstreams) ? site.upstreams : {};
  const names = ['app', ...Object.keys(upstreams)];
  const routes = Array.isArray(site.routes) ? site.routes : [];
  return [
    ...unknownKeys('the site', site, ['routes', 'upstreams', 'errorPages']),
    ...(routes.length > 0 ? [] : ['routes: at least one route is needed']),
    ...routes.flatMap((route, at) => routeProblems(`routes[${at}]`, route, names)),
    ...Object.entries(upstreams).flatMap(([name, upstream]) => upstreamProblems(`upstreams.${name}`, upstream)),
    ...errorPageProblems(site.errorPages),
  ];
}

const kinds = {
  redirect: ['path', 'headers', 'redirect', 'status'],
  proxy: ['path', 'headers', 'proxy', 'buffering'],
  files: ['path', 'headers', 'files', 'index', 'otherwise'],
} as const;

function routeProblems(where: string, route: unknown, names: readonly string[]): string[] {
  if (!isRecord(route)) return [`${where}: a route is an object`];
  const kind = (['redirect', 'proxy', 'files'] as const).find((name) => route[name] !== undefined);
  if (kind === undefined) return [`${where}: a route needs one of redirect, proxy, files`];
  const upstream = oneOf(names, 'upstream');
  const checks: Readonly<Record<string, Check>> = {
    path: pathProblem,
    redirect: redirectProblem,
    status: oneOf([301, 302, 303, 307, 308], 'redirect status'),
    proxy: upstream,
    buffering: oneOf(['off'], 'buffering'),
    files: insideProblem,
    index: indexProblem,
    otherwise: (value) => otherwiseProblem(value, upstream),
    headers: headersProblem,
  };
  const needed = ['path', kind];
  const found = kinds[kind].map((key) => {
    if (route[key] === undefined && !needed.includes(key)) return undefined;
    const problem = checks[key]?.(route[key]);
    return problem && `${where}.${key}: ${problem}`;
  });
  return [
    ...unknownKeys(`${where} (${kind})`, route, kinds[kind]),
    ...found.filter((problem) => problem !== undefined),
  ];
}

const pathProblem: Check = (path) => {
  if (typeof path !== 'string' || !path.startsWith('/')) return `${show(path)} does not begin with '/'`;
  // Compared with normalised paths, which have none of these: such a route would never match, or not as written.
  if (/[%?#\\]|\/\/|(^|\/)\.\.?(\/|$)/.test(path)) return `${show(path)} is not a plain, decoded path`;
  return undefined;
};

const redirectProblem: Check = (target) => {
  const isPath = typeof target === 'string' && /^\/(?![/\\])/.test(target);
  const isUrl = typeof target === 'string' && /^https?:\/\/[^/]/.test(target) && URL.canParse(target);
  if (!isPath && !isUrl) return `${show(target)} is neither a path nor an http(s) URL`;
  return /[^\x21-\x7e]/.test(target) ? `${show(target)} must be percent-encoded` : undefined;
};

const insideProblem: Check = (path) => {
  const isInside = typeof path === 'string' && path !== '' && !/^[/\\]|\\|\0|(^|\/)\.\.(\/|$)/.test(path);
  return isInside ? undefined : `${show(path)} is not a relative path inside FRONT_ROOT`;
};

const indexProblem: Check = (names) => {
  const isList = Array.isArray(names) && names.every((name) => typeof name === 'string' && /^[^/\\\0]+$/.test(name));
  return isList ? undefined : `${show(names)} is not a list of file names`;
};

function otherwiseProblem(otherwise: unknown, upstream: Check): string | undefined {
  if (!isRecord(otherwise) || Object.keys(otherwise).length !== 1) return 'is { proxy: NAME } or { file: PATH }';
  if (otherwise.proxy !== undefined) return upstream(otherwise.proxy);
  return otherwise.file === undefined ? 'is { proxy: NAME } or { file: PATH }' : insideProblem(otherwise.file);
}

// What frames a message or belongs to one connection is not a route's to set.
const reserved =
  /^(connection|keep-alive|content-(length|range|encoding)|transfer-encoding|date|upgrade|trailer|via|x-request-id)$/i;

const headersProblem: Check = (headers) => {
  if (!isRecord(headers)) return 'is an object of names and values';
  for (const [name, value] of Object.entries(headers)) {
    if (!isToken(name) || reserved.test(name)) return `${show(name)} cannot be set by a route`;
    if (typeof value !== 'string' || /[^\t\x20-\x7e]/.test(value))
      return `${name}: ${show(value)} is not a field value`;
  }
  return undefined;
};

function upstreamProblems(where: string, upstream: unknown): string[] {
  if (!isRecord(upstream)) return [`${where}: an upstream is an object`];
  const checks: Readonly<Record<string, Check>> = {
    balance: oneOf(['round-robin', 'least-connections'], 'balance'),
    maxFails: countProblem,
    failTimeout: (value) => (duration.safeParse(value).success ? undefined : `${show(value)} is not a duration as 10s`),
    retries: countProblem,
  };
  const found = Object.entries(checks).flatMap(([key, check]) => {
    const problem = upstream[key] === undefined ? undefined : check(upstream[key]);
    return problem === undefined ? [] : [`${where}.${key}: ${problem}`];
  });
  const isApp = where === 'upstreams.app';
  return [
    ...unknownKeys(where, upstream, ['addresses', ...Object.keys(checks)]),
    ...addressProblems(where, upstream.addresses, isApp),
    ...found,
  ];
}

const countProblem: Check = (value) =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? undefined : `${show(value)} is not a whole number`;

function addressProblems(where: string, addresses: unknown, isApp: boolean): string[] {
  if (addresses === undefined) return isApp ? [] : [`${where}: needs addresses (only app has FRONT_UPSTREAM)`];
  if (typeof addresses !== 'string') return [`${where}.addresses: is a comma list of http://HOST:PORT and unix:PATH`];
  const parsed = origins.safeParse(addresses);
  return parsed.success ? [] : parsed.error.issues.map((issue) => `${where}.addresses: ${issue.message}`);
}

function errorPageProblems(pages: unknown): string[] {
  if (pages === undefined) return [];
  if (!isRecord(pages)) return ['errorPages: is an object of statuses and files'];
  return Object.entries(pages).flatMap(([status, file]) => {
    if (!/^[45]\d\d$/.test(status)) return [`errorPages.${status}: is not an error status`];
    const problem = insideProblem(file);
    return problem === undefined ? [] : [`errorPages.${status}: ${problem}`];
  });
}

function unknownKeys(where: string, record: Loose, known: readonly string[]): string[] {
  return Object.keys(record)
    .filter((key) => !known.includes(key))
    .map((key) => `${where}: there is no ${JSON.stringify(key)} (known: ${known.join(', ')})`);
}

function oneOf(choices: readonly unknown[], what: string): Check {
  return (value) =>
    choices.includes(value) ? undefined : `${show(value)} is no ${what} (known: ${choices.join(', ')})`;
}

function isRecord(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
