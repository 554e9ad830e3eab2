/** The `backends` of a policy, with the settings for what they leave open, as the upstreams that they ask for. */
import { type Address, origins } from '@trivet/kit/process/units.ts';
import type { UpstreamOptions } from '@trivet/kit/upstream/upstream.ts';
import type { EdgeConfig } from '../settings.ts';
import type { Duration, RequestView } from './define-policy.ts';
import { entriesOf, type Member, membersOf, PolicyProblem, text, texts, wait, whole, word } from './member.ts';

const balances = ['round-robin', 'random', 'least-connections', 'hash', 'fallback'] as const;

/** By what requests are spread over the addresses: the URL after the query rules, the client's address, or a text. */
export type HashBy = 'url' | 'client' | ((request: RequestView) => string);

/** A place where origins are: one or more addresses that answer the same. What is left open, the settings say. */
export type BackendRules = {
  /** `http://10.0.0.1:80`, `unix:/run/app.sock`; by default those of `EDGE_ORIGIN`. */
  readonly addresses?: readonly string[];
  /** `round-robin` by default; `fallback` asks the next address only when those before it are out. */
  readonly balance?: (typeof balances)[number];
  /** For `balance: 'hash'`; `url` by default. */
  readonly hashBy?: HashBy;
  /** Asks each address regularly whether it is well. */
  readonly probe?: {
    /** `/` by default. */
    readonly path?: string;
    /** 5s by default. */
    readonly interval?: Duration;
    /** 2s by default. */
    readonly timeout?: Duration;
    /** How many of the last probes count; 8 by default, at most 64. */
    readonly window?: number;
    /** How many of those must be good; 3 by default. */
    readonly threshold?: number;
    /** How many good ones are assumed at first; one less than `threshold` by default: sick until the first good one. */
    readonly initial?: number;
    /** Of a good answer; 200 by default. */
    readonly status?: number;
    readonly host?: string;
  };
  /** Takes an address out for `failTime` (10s) after `maxFails` (3) failures of real requests in a row. */
  readonly ejection?: { readonly maxFails?: number; readonly failTime?: Duration };
  /** To each address; `EDGE_UPSTREAM_CONNECTIONS`. */
  readonly maxConnections?: number;
  /** Most requests that wait for a connection to any of the addresses; `EDGE_UPSTREAM_QUEUE`. */
  readonly queue?: number;
  /** How long they wait; as long as for the first byte. */
  readonly queueWait?: Duration;
  /** `EDGE_CONNECT_TIMEOUT`, `EDGE_FIRST_BYTE_TIMEOUT`, `EDGE_BETWEEN_BYTES_TIMEOUT`. */
  readonly timeouts?: {
    readonly connect?: Duration;
    readonly firstByte?: Duration;
    readonly betweenBytes?: Duration;
  };
};

/** What the upstream of a backend is told. */
export type BackendOptions = UpstreamOptions & {
  readonly balance?: (typeof balances)[number];
  readonly probe?: {
    readonly path?: string;
    readonly intervalMs?: number;
    readonly timeoutMs?: number;
    readonly window?: number;
    readonly threshold?: number;
    readonly initial?: number;
    readonly status?: number;
    readonly host?: string;
  };
  readonly ejection?: { readonly maxFails?: number; readonly failMs?: number };
  readonly queueWaitMs?: number;
};

/** The settings that a backend falls back on. */
export type BackendSettings = Pick<
  EdgeConfig,
  'origin' | 'connectTimeout' | 'firstByteTimeout' | 'betweenBytesTimeout' | 'upstreamConnections' | 'upstreamQueue'
>;

/** The upstreams of a policy by the names of its backends; `default` is always among them. */
export type BackendPlan = ReadonlyMap<string, BackendOptions>;

const MOST_BACKENDS = 256;

/** Reads the member `backends` of a policy. @throws PolicyProblem */
export function backendPlan(given: unknown, settings: BackendSettings): BackendPlan {
  const members = entriesOf({ path: ['backends'], value: given ?? {} });
  if (members.length > MOST_BACKENDS) throw new PolicyProblem(['backends'], `are more than ${MOST_BACKENDS}`);
  const plan = new Map([
    ['default', backendOptions('default', { path: ['backends', 'default'], value: {} }, settings)],
  ]);
  for (const member of members) {
    const name = member.path.at(-1) ?? '';
    if (!/^[\w.-]{1,64}$/.test(name)) {
      throw new PolicyProblem(member.path, 'is no name: at most 64 letters, digits, ".", "_" and "-"');
    }
    if (member.value !== undefined) plan.set(name, backendOptions(name, member, settings));
  }
  return plan;
}

const names = [
  ...['addresses', 'balance', 'hashBy', 'probe', 'ejection'],
  ...['maxConnections', 'queue', 'queueWait', 'timeouts'],
];

function backendOptions(name: string, member: Member, settings: BackendSettings): BackendOptions {
  const given = membersOf(member, names);
  const { addresses, balance, probe, ejection, maxConnections, queue, queueWait, timeouts } = given;
  mustHash(given.hashBy, balance);
  return {
    name: name === 'default' ? 'origin' : name,
    addresses: addresses === undefined ? settings.origin : addressesOf(addresses),
    timeouts: timeoutsOf(timeouts, settings),
    connections: maxConnections === undefined ? settings.upstreamConnections : whole(maxConnections, 1, 100_000),
    queue: queue === undefined ? settings.upstreamQueue : whole(queue, 0, 1_000_000),
    ...(queueWait === undefined ? {} : { queueWaitMs: wait(queueWait) }),
    ...(balance === undefined ? {} : { balance: word(balance, ...balances) }),
    ...(probe === undefined ? {} : { probe: probeOf(probe) }),
    ...(ejection === undefined ? {} : { ejection: ejectionOf(ejection) }),
  };
}

function mustHash(hashBy: Member | undefined, balance: Member | undefined): void {
  if (hashBy === undefined) return;
  if (typeof hashBy.value !== 'function') word(hashBy, 'url', 'client');
  if (balance?.value !== 'hash') throw new PolicyProblem(hashBy.path, "goes with balance: 'hash' alone");
}

function addressesOf(member: Member): readonly Address[] {
  const given = texts(member);
  if (given.length === 0)
    throw new PolicyProblem(member.path, 'are none; leave the member out for those of EDGE_ORIGIN');
  return given.flatMap((address) => {
    const { data, error } = origins.safeParse(address);
    if (data !== undefined) return data;
    throw new PolicyProblem(member.path, `are wrong: ${error.issues[0]?.message ?? 'no address'}`);
  });
}

function timeoutsOf(member: Member | undefined, settings: BackendSettings): UpstreamOptions['timeouts'] {
  const { connect, firstByte, betweenBytes } = membersOf(member ?? { path: [], value: {} }, [
    'connect',
    'firstByte',
    'betweenBytes',
  ]);
  return {
    connectMs: connect === undefined ? settings.connectTimeout : wait(connect),
    firstByteMs: firstByte === undefined ? settings.firstByteTimeout : wait(firstByte),
    betweenBytesMs: betweenBytes === undefined ? settings.betweenBytesTimeout : wait(betweenBytes),
  };
}

const LONGEST_WINDOW = 64;

function probeOf(member: Member): NonNullable<BackendOptions['probe']> {
  const given = membersOf(member, ['path', 'interval', 'timeout', 'window', 'threshold', 'initial', 'status', 'host']);
  const { path, interval, timeout, window, threshold, initial, status, host } = given;
  const windowSize = window === undefined ? 8 : whole(window, 1, LONGEST_WINDOW);
  const least = threshold === undefined ? Math.min(3, windowSize) : whole(threshold, 1, windowSize);
  return {
    path: path === undefined ? '/' : pathOf(path),
    intervalMs: interval === undefined ? 5000 : wait(interval),
    timeoutMs: timeout === undefined ? 2000 : wait(timeout),
    window: windowSize,
    threshold: least,
    initial: initial === undefined ? least - 1 : whole(initial, 0, windowSize),
    status: status === undefined ? 200 : whole(status, 200, 599),
    ...(host === undefined ? {} : { host: text(host) }),
  };
}

function pathOf(member: Member): string {
  const path = text(member);
  if (/^\/[\x21\x22\x24-\x7e]*$/.test(path)) return path;
  throw new PolicyProblem(member.path, `is ${JSON.stringify(path)}, not a path that begins with / and has no spaces`);
}

function ejectionOf(member: Member): NonNullable<BackendOptions['ejection']> {
  const { maxFails, failTime } = membersOf(member, ['maxFails', 'failTime']);
  return {
    maxFails: maxFails === undefined ? 3 : whole(maxFails, 1, 1_000_000),
    failMs: failTime === undefined ? 10_000 : wait(failTime),
  };
}
