/** What can be wrong with who may come in, and how often. */
import { trustList } from '@trivet/kit/process/trusted-peers.ts';
import { isToken } from '@trivet/kit/semantics/list.ts';
import { aFlag, type Check, type Checks, each, isRecord, object, oneOf, problemsOf, show, whole } from './check.ts';
import type { Known } from './route-problems.ts';

const aRange: Check = (value) => {
  if (typeof value !== 'string' || value.includes(',')) return `${show(value)} is no address and no range`;
  try {
    trustList(value);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

const ranges = each(aRange, 'a list of addresses and ranges');

const aToken: Check = (value) =>
  typeof value === 'string' && isToken(value) ? undefined : `${show(value)} is no name`;

const aTarget: Check = (value) =>
  typeof value === 'string' && /^\/[\x21-\x22\x24-\x7e]*$/.test(value) ? undefined : `${show(value)} is no path`;

const realm: Check = (value) =>
  typeof value === 'string' && /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(value) ? undefined : `${show(value)} is no realm`;

const users: Check = (value) => {
  if (typeof value === 'string' && value !== '') return undefined;
  return isRecord(value)
    ? each((hash) => (typeof hash === 'string' ? undefined : 'is no hash'), '')(value)
    : 'is a file, or hashes by name';
};

/** The checks of what guards a route. */
export function guardChecks(known: Known): Checks {
  return {
    access: object({ allow: ranges, deny: ranges }),
    basicAuth: object({ realm, users }, ['realm', 'users']),
    authRequest: object(
      { proxy: oneOf(known.upstreams, 'upstream'), path: aTarget, copy: each(aToken, 'a list of names') },
      ['proxy', 'path'],
    ),
    limits: each(oneOf(known.limits, 'limit'), 'a list of limits'),
  };
}

/** What requests are told apart by. */
export function keyCheck(words: readonly string[]): Check {
  return (value) => {
    if (!isRecord(value)) return oneOf(words, 'key')(value);
    const isOne = Object.keys(value).length === 1;
    return isOne ? object({ header: aToken, cookie: aToken })(value) : 'is { header: NAME } or { cookie: NAME }';
  };
}

const aRate: Check = (value) =>
  typeof value === 'string' && /^[1-9]\d{0,8}\/[smh]$/.test(value) ? undefined : `${show(value)} is not a rate as 10/s`;

/** The problems of a limit. */
export function limitProblems(where: string, limit: unknown): string[] {
  const checks = {
    by: keyCheck(['client', 'all']),
    rate: aRate,
    burst: whole(0, 1_000_000),
    delay: aFlag,
    concurrent: whole(1, 1_000_000),
    dryRun: aFlag,
  };
  const isEmpty = isRecord(limit) && limit.rate === undefined && limit.concurrent === undefined;
  return [...problemsOf(where, limit, checks), ...(isEmpty ? [`${where}: needs rate, concurrent or both`] : [])];
}
