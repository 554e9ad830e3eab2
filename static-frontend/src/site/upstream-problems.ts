/** What can be wrong with an upstream of a site. */
import { origins, wait } from '@trivet/kit/process/units.ts';
import { isToken } from '@trivet/kit/semantics/list.ts';
import { aDuration, aFlag, type Check, isRecord, list, object, oneOf, problemsOf, show, whole } from './check.ts';
import { keyCheck } from './guard-problems.ts';

const balances = ['round-robin', 'least-connections', 'peak-ewma', 'two-choices', 'random', 'hash', 'fallback'];

const aPath: Check = (value) =>
  typeof value === 'string' && /^\/[\x21-\x22\x24-\x7e]*$/.test(value) ? undefined : `${show(value)} is no path`;

const aCookie: Check = (value) =>
  typeof value === 'string' && isToken(value) ? undefined : `${show(value)} is no name`;

const aSecret: Check = (value) =>
  typeof value === 'string' && value.length >= 16 ? undefined : 'is a text of at least 16 characters';

const aHost: Check = (value) =>
  typeof value === 'string' && /^[\x21-\x7e]+$/.test(value) ? undefined : `${show(value)} is no host`;

const aPart: Check = (value) =>
  typeof value === 'number' && value >= 0 && value <= 1 ? undefined : `${show(value)} is not a number from 0 to 1`;

/** A duration that passes. */
const aWait: Check = (value) =>
  wait.safeParse(value).success ? undefined : `${show(value)} is not a duration as 10s, longer than 0`;

/** The problems of one upstream; `isApp`: FRONT_UPSTREAM has its addresses. */
export function upstreamProblems(where: string, upstream: unknown, isApp: boolean): string[] {
  if (!isRecord(upstream)) return [`${where}: an upstream is an object`];
  const checks = {
    addresses: addressesProblem,
    balance: oneOf(balances, 'balance'),
    hashBy: keyCheck(['client', 'url']),
    sticky: object({ cookie: aCookie, secret: aSecret, maxAge: aWait }),
    maxFails: whole(),
    failTimeout: aWait,
    failFraction: aPart,
    slowStart: aDuration,
    probe: probeProblem,
    retries: whole(0, 100),
    retryOn: list(whole(400, 599), 'a list of statuses'),
    retryBudget: whole(0, 100),
    maxConnections: whole(1, 100_000),
    queue: whole(0, 1_000_000),
    queueWait: aWait,
    idle: aWait,
    timeouts: object({ connect: aWait, firstByte: aWait, betweenBytes: aWait, total: aWait }),
  };
  const isAlone = upstream.hashBy !== undefined && upstream.balance !== 'hash';
  const lacks = upstream.addresses === undefined && !isApp;
  return [
    ...problemsOf(where, upstream, checks),
    ...(lacks ? [`${where}: needs addresses (only app has FRONT_UPSTREAM)`] : []),
    ...(isAlone ? [`${where}.hashBy: goes with balance: 'hash' alone`] : []),
  ];
}

const probeFields = object({
  path: aPath,
  interval: aWait,
  timeout: aWait,
  window: whole(1, 64),
  threshold: whole(1, 64),
  status: whole(200, 599),
  host: aHost,
});

const probeProblem: Check = (probe) => {
  const problem = probeFields(probe);
  if (problem !== undefined || !isRecord(probe)) return problem;
  // Those of the kit where they are not told.
  const [window, threshold] = [Number(probe.window ?? 8), Number(probe.threshold ?? 3)];
  return threshold > window ? `a threshold of ${threshold} is beyond the window of ${window}` : undefined;
};

const addressesProblem: Check = (addresses) => {
  if (typeof addresses === 'string') return originsProblem(addresses);
  const what = 'a comma list, or a list, of http://HOST:PORT and unix:PATH';
  if (!Array.isArray(addresses) || addresses.length === 0) return `is ${what}`;
  return list(addressProblem, what)(addresses);
};

const addressProblem: Check = (address) =>
  typeof address === 'string'
    ? originsProblem(address)
    : object(
        {
          address: originsProblem,
          weight: whole(1, 100),
          backup: aFlag,
          down: aFlag,
          maxConnections: whole(1, 100_000),
        },
        ['address'],
      )(address);

const originsProblem: Check = (text) => {
  if (typeof text !== 'string') return `${show(text)} is not http://HOST:PORT or unix:PATH`;
  const parsed = origins.safeParse(text);
  return parsed.success ? undefined : parsed.error.issues.map((issue) => issue.message).join('; ');
};
