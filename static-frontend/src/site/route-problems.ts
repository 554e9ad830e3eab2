/** What can be wrong with a route, a rewrite, and what stands where no file does. */
import { isToken } from '@trivet/kit/semantics/list.ts';
import { normalizePath } from '@trivet/kit/semantics/path.ts';
import { splitQuery } from '@trivet/kit/semantics/target.ts';
import {
  aFlag,
  type Check,
  type Checks,
  insideRoot,
  isRecord,
  list,
  object,
  oneOf,
  problemsOf,
  show,
  whole,
} from './check.ts';
import { guardChecks } from './guard-problems.ts';
import { proxyChecks } from './proxy-problems.ts';

/** The names that a route may use. */
export type Known = { readonly upstreams: readonly string[]; readonly limits: readonly string[] };

/** The problems of one route. */
export function routeProblems(where: string, route: unknown, known: Known): string[] {
  if (!isRecord(route)) return [`${where}: a route is an object`];
  const kind = (['redirect', 'proxy', 'files', 'returns'] as const).find((name) => route[name] !== undefined);
  if (kind === undefined) return [`${where}: a route needs one of redirect, proxy, files, returns`];
  const checks = { ...matching, ...common, ...guardChecks(known), ...kinds(known)[kind] };
  return [
    ...matchingProblems(where, route),
    ...swapProblems(where, route),
    ...problemsOf(`${where} (${kind})`, route, checks),
  ].map((problem) => problem.replace(`${where} (${kind}).`, `${where}.`));
}

/** The problems of one rewrite. */
export function rewriteProblems(where: string, rewrite: unknown): string[] {
  if (!isRecord(rewrite)) return [`${where}: a rewrite is an object`];
  return [
    ...matchingProblems(where, rewrite),
    ...problemsOf(where, rewrite, { ...matching, to: rewriteTarget, last: aFlag }, ['to']),
    ...gluing(where, rewrite),
  ];
}

function gluing(where: string, { path, exact, to }: Readonly<Record<string, unknown>>): string[] {
  if (typeof path !== 'string' || typeof to !== 'string' || exact === true || !path.endsWith('/')) return [];
  return /^[^?]*\/(?:\?|$)/.test(to)
    ? []
    : [`${where}.to: ${show(to)} needs a slash at its end, as ${show(path)} has one`];
}

const pathProblem: Check = (path) => {
  if (typeof path !== 'string' || !path.startsWith('/')) return `${show(path)} does not begin with '/'`;
  // Compared with normalised paths, which have none of these: such a route would never match, or not as written.
  if (/[%?#\\]|\/\/|(^|\/)\.\.?(\/|$)/.test(path)) return `${show(path)} is not a plain, decoded path`;
  return undefined;
};

const patternProblem: Check = (pattern) => {
  if (!(pattern instanceof RegExp)) return `${show(pattern)} is not a regular expression`;
  return /[gy]/.test(pattern.flags)
    ? `${show(pattern)} remembers where it stopped: without the flags g and y`
    : undefined;
};

const matching: Checks = { path: pathProblem, exact: aFlag, pattern: patternProblem };

function matchingProblems(where: string, given: Readonly<Record<string, unknown>>): string[] {
  if (given.path === undefined && given.pattern === undefined) return [`${where}.path: ${pathProblem(undefined)}`];
  if (given.path !== undefined && given.pattern !== undefined)
    return [`${where}: has a path and a pattern; one decides`];
  return given.exact !== undefined && given.pattern !== undefined ? [`${where}.exact: goes with path alone`] : [];
}

function swapProblems(where: string, { pattern, to, otherwise }: Readonly<Record<string, unknown>>): string[] {
  if (pattern === undefined) return [];
  const behind = isRecord(otherwise) && otherwise.to !== undefined ? [`${where}.otherwise.to`] : [];
  return [...(to === undefined ? [] : [`${where}.to`]), ...behind].map((place) => `${place}: goes with path alone`);
}

const redirectProblem: Check = (target) => {
  const isPath = typeof target === 'string' && /^\/(?![/\\])/.test(target);
  const isUrl = typeof target === 'string' && /^https?:\/\/[^/]/.test(target) && URL.canParse(target);
  if (!isPath && !isUrl) return `${show(target)} is neither a path nor an http(s) URL`;
  return /[^\x21-\x7e]/.test(target) ? `${show(target)} must be percent-encoded` : undefined;
};

// Read as what a client sends: what could not be asked for is no place to lead to.
const rewriteTarget: Check = (target) => {
  if (typeof target !== 'string' || !/^\/(?!\/)[^\\#]*$/.test(target)) return `${show(target)} is not a path`;
  if (/[^\x21-\x7e]/.test(target)) return `${show(target)} must be percent-encoded`;
  const filled = splitQuery(target.replace(/\$(?:\d|<\w+>|\$)/g, 'x')).path;
  return normalizePath(filled).verdict === 'path' ? undefined : `${show(target)} is not a path that may be asked for`;
};

const namesProblem: Check = (names) => {
  const isList = Array.isArray(names) && names.every((name) => typeof name === 'string' && /^[^/\\\0]+$/.test(name));
  return isList ? undefined : `${show(names)} is not a list of file names`;
};

const tryProblem: Check = (names) => {
  const isName = (name: unknown) => typeof name === 'string' && insideRoot(name.replace('{path}', 'x')) === undefined;
  const isList = Array.isArray(names) && names.length > 0 && names.every(isName);
  return isList ? undefined : `${show(names)} is not a list of names such as '{path}.html'`;
};

const aStatus: Check = (value) => (value === 444 ? undefined : whole(200, 599)(value));

// What frames a message or belongs to one connection is not a route's to set.
const reserved =
  /^(connection|keep-alive|content-(length|range|encoding)|transfer-encoding|date|upgrade|trailer|via|x-request-id)$/i;

const nameProblem: Check = (name) =>
  typeof name === 'string' && isToken(name) && !reserved.test(name)
    ? undefined
    : `${show(name)} cannot be set by a route`;

const headersProblem: Check = (headers) => {
  if (!isRecord(headers)) return 'is an object of names and values';
  for (const [name, value] of Object.entries(headers)) {
    const problem = nameProblem(name);
    if (problem !== undefined) return problem;
    if (typeof value !== 'string' || /[^\t\x20-\x7e]/.test(value))
      return `${name}: ${show(value)} is not a field value`;
  }
  return undefined;
};

// Of a file they are what conditions are judged by, of the app what it judges by: to go they may, not to lie.
const validators = /^(?:etag|last-modified)$/i;

const ownHeadersProblem: Check = (headers) => {
  const validator = isRecord(headers) ? Object.keys(headers).find((name) => validators.test(name)) : undefined;
  return validator === undefined ? headersProblem(headers) : `${show(validator)} is said by whoever has the content`;
};

const common: Checks = {
  headers: ownHeadersProblem,
  response: object({ remove: list(nameProblem, 'a list of names'), set: ownHeadersProblem, add: ownHeadersProblem }),
};

function kinds(known: Known): Readonly<Record<'redirect' | 'proxy' | 'files' | 'returns', Checks>> {
  const upstream = oneOf(known.upstreams, 'upstream');
  return {
    redirect: { redirect: redirectProblem, status: oneOf([301, 302, 303, 307, 308], 'redirect status') },
    returns: { returns: aStatus },
    proxy: { proxy: upstream, ...proxyChecks },
    files: {
      files: insideRoot,
      index: namesProblem,
      try: tryProblem,
      listing: aFlag,
      otherwise: (value) => otherwiseProblem(value, upstream),
    },
  };
}

const choices = 'is { proxy: NAME }, { file: PATH } or { returns: STATUS }';

function otherwiseProblem(otherwise: unknown, upstream: Check): string | undefined {
  if (!isRecord(otherwise)) return choices;
  const kind = (['proxy', 'file', 'returns'] as const).filter((name) => otherwise[name] !== undefined);
  const [only] = kind;
  if (only === undefined || kind.length > 1) return choices;
  if (only === 'file') return object({ file: insideRoot })(otherwise);
  if (only === 'returns') return object({ returns: aStatus })(otherwise);
  return upstream(otherwise.proxy) ?? object({ proxy: upstream, ...proxyChecks })(otherwise);
}
