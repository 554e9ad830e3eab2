/** What can be wrong with who may come in, and how often. */
import { trustList } from '@trivet/kit/process/trusted-peers.ts';
import { isForwarding } from '@trivet/kit/semantics/forwarding.ts';
import { endToEnd } from '@trivet/kit/semantics/hop-by-hop.ts';
import { isToken } from '@trivet/kit/semantics/list.ts';
import { readHash } from '../guard/password-hash.ts';
import { intervalOf } from '../limits/gcra.ts';
import {
  aFlag,
  type Check,
  type Checks,
  each,
  isRecord,
  list,
  object,
  oneOf,
  problemsOf,
  show,
  whole,
} from './check.ts';
import type { LimitOptions } from './guard-options.ts';
import type { Known } from './route-problems.ts';

const aRange: Check = (value) => {
  if (typeof value !== 'string' || value.trim() === '' || value.includes(','))
    return `${show(value)} is no address and no range`;
  try {
    trustList(value);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

const ranges = list(aRange, 'a list of addresses and ranges');

const aToken: Check = (value) =>
  typeof value === 'string' && isToken(value) ? undefined : `${show(value)} is no name`;

// Each of them is somebody else's to say: the framing's, the connection's, this tier's.
const aCopied: Check = (value) => {
  const problem = aToken(value);
  if (problem !== undefined) return problem;
  const name = String(value).toLowerCase();
  const isTaken = endToEnd([name, '']).length === 0 || isForwarding(name) || taken.has(name);
  return isTaken ? `${show(value)} cannot be copied` : undefined;
};

const taken: ReadonlySet<string> = new Set(['content-length', 'expect', 'host', 'via', 'x-request-id']);

const aTarget: Check = (value) =>
  typeof value === 'string' && /^\/[\x21-\x22\x24-\x7e]*$/.test(value) ? undefined : `${show(value)} is no path`;

const realm: Check = (value) =>
  typeof value === 'string' && /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(value) ? undefined : `${show(value)} is no realm`;

const aHash: Check = (hash) => {
  const read = readHash(typeof hash === 'string' ? hash : '');
  return read.verdict === 'good' ? undefined : read.why;
};

const users: Check = (value) => {
  if (typeof value === 'string' && value !== '') return undefined;
  return isRecord(value) ? each(aHash, 'hashes by name')(value) : 'is a file, or hashes by name';
};

/** The checks of what guards a route. */
export function guardChecks(known: Known): Checks {
  return {
    access: object({ allow: ranges, deny: ranges }),
    basicAuth: object({ realm, users }, ['realm', 'users']),
    authRequest: object(
      { proxy: oneOf(known.upstreams, 'upstream'), path: aTarget, copy: list(aCopied, 'a list of names') },
      ['proxy', 'path'],
    ),
    limits: list(oneOf(known.limits, 'limit'), 'a list of limits'),
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
  const problems = problemsOf(where, limit, checks);
  if (isEmpty) problems.push(`${where}: needs rate, concurrent or both`);
  if (problems.length === 0) problems.push(...waitProblems(where, limit as LimitOptions));
  return problems;
}

const longestWaitMs = 60_000;

function waitProblems(where: string, { rate, burst = 0, delay }: LimitOptions): string[] {
  if (rate === undefined || delay !== true || burst * intervalOf(rate) <= longestWaitMs) return [];
  return [`${where}: the last of ${burst} at ${rate} would wait longer than ${longestWaitMs / 1000}s`];
}
