/** What an upstream can be told, with the defaults; checked whole, so that a wrong wish changes nothing. */
import { ADDRCONFIG, lookup as systemLookup } from 'node:dns';
import { type Address, formatAddress } from '../process/units.ts';
import type { Balance } from './balance.ts';
import type { EjectionRule } from './ejection.ts';
import { longestWindow } from './probe-window.ts';

/** Deadlines of the phases of a request, milliseconds. */
export type Timeouts = {
  readonly connectMs: number;
  readonly firstByteMs: number;
  readonly betweenBytesMs: number;
  /** From when a member has the request until the end of the answer, retries included; without, there is no such limit. */
  readonly totalMs?: number;
};

/** Asks each member regularly whether it is well; the words and defaults are those of Varnish's probes. */
export type ProbeOptions = {
  /** Path and query of the question, a GET; `/`. */
  readonly path?: string;
  /** Between two probes, give or take a tenth; 5000. */
  readonly intervalMs?: number;
  /** For the whole answer; 2000. */
  readonly timeoutMs?: number;
  /** How many of the last probes count, 1 to 64; 8. */
  readonly window?: number;
  /** How many of those must be good; 3. */
  readonly threshold?: number;
  /** How many good ones are assumed at first; `threshold - 1`: sick until the first good one. */
  readonly initial?: number;
  /** The status of a good answer; 200. */
  readonly status?: number;
  /** `Host` of the question; the address as it was given. */
  readonly host?: string;
};

/** Takes a member out for a while that fails real requests: to connect, to answer in time, to finish an answer. */
export type EjectionOptions = {
  /** Failures in a row; 3. */
  readonly maxFails?: number;
  /** How long it is out, doubled each time it fails again; 10000. */
  readonly failMs?: number;
  /** The most that doubling makes of it; 30 times `failMs`. */
  readonly longestMs?: number;
  /** Also when this part (0..1) of at least ten outcomes within `failMs` are failures; 0: however many. */
  readonly failFraction?: number;
  /** Do answers that are not HTTP count, too? `false`. */
  readonly countsMalformed?: boolean;
};

/** A member's health changed. `ejected` and `returned` come from requests, the others from probes. */
export type HealthChange = {
  readonly verdict: 'sick' | 'healthy' | 'ejected' | 'returned';
  /** As configured, and what it resolved to. */
  readonly address: string;
  readonly endpoint: string;
  /** What the last probe or request found: `status 500, not 200`. */
  readonly why: string;
};

/** A name stopped to resolve, or resolves again; `kept` are the addresses in use. */
export type NameChange = {
  readonly verdict: 'unresolved' | 'resolved';
  readonly host: string;
  readonly kept: readonly string[];
  readonly why: string;
};

/** All addresses of a name, through the machine's own ways (hosts file, Docker's DNS), once. */
export type Lookup = (host: string, done: (error: Error | null, addresses: readonly string[]) => void) => void;

/** Calls back once, unless it is disposed before. */
export type SetTimer = (callback: () => void, ms: number) => Disposable;

/** An address and what is known of it. */
export type AddressRule = Address & {
  /** Its share beside the others', a whole number from 1 to 100; 1. */
  readonly weight?: number;
  /** Asked only when no other is free or busy; `false`. */
  readonly backup?: boolean;
  /** Neither asked nor probed, until other options say otherwise; `false`. */
  readonly down?: boolean;
  /** Most connections to it; those of the upstream. 0: requests for it wait, until other options say otherwise. */
  readonly maxConnections?: number;
};

export type UpstreamOptions = {
  /** How messages and statistics call it: `app-backend`. */
  readonly name: string;
  /** At least one. A name stands for all its addresses, and is resolved anew at most every 10 s. */
  readonly addresses: readonly AddressRule[];
  readonly timeouts: Timeouts;
  /** How long an idle connection is kept; the peer's `Keep-Alive: timeout` shortens it. 60000. */
  readonly idleMs?: number;
  /** Most connections to one member; 512. */
  readonly connections?: number;
  /** Most requests that wait for a connection of any member; beyond that, `queue-full`. 4096. */
  readonly queue?: number;
  /** How long they wait, at most, then `queue-late`; as long as for the first byte. */
  readonly queueWaitMs?: number;
  /**
   * How often a request that was sent is given to another member, or again where there is none; 1. Only before the head
   * of an answer, with an idempotent method and a body that is there still, and while the budget lasts. What was not
   * sent goes to each member once, and what a reused connection lost is sent once more, whatever this says.
   */
  readonly retries?: number;
  /** Statuses that are as good as no answer while another member is free; none. They count for `ejection`. */
  readonly retryOn?: readonly number[];
  /** Most retries in a hundred requests of the last 10 s, and ten in any case; 10. With 0, none. */
  readonly retryBudget?: number;
  /**
   * How long a member that takes no connection gets no requests, and who wanted it waits in the queue as if it were busy;
   * for members that others come for soon. 0: who finds no other member fails.
   */
  readonly pauseMs?: number;
  readonly maxHead?: number;
  /** `round-robin` if not told. */
  readonly balance?: Balance;
  /** Without it every member counts as healthy. */
  readonly probe?: ProbeOptions;
  /** Without it only members that take no connection are asked last, for one to four seconds. */
  readonly ejection?: EjectionOptions;
  /** How long a member that comes (back) takes to have its whole share, not for `hash` and `fallback`; 0: none. */
  readonly slowStartMs?: number;
  onHealth?(change: HealthChange): void;
  onName?(change: NameChange): void;
  readonly lookup?: Lookup;
  /** Milliseconds that never go back. */
  readonly clock?: () => number;
  /** From 0 up to 1. */
  readonly random?: () => number;
  readonly timer?: SetTimer;
};

/** A probe with nothing left open but the host. */
export type ProbeRule = Required<Omit<ProbeOptions, 'host'>> & { readonly host: string | undefined };

/** The options with nothing left open. */
export type Settings = Required<Omit<UpstreamOptions, 'probe' | 'ejection'>> & {
  readonly probe: ProbeRule | undefined;
  readonly ejection: EjectionRule;
  /** Do answers that fail count, or only connections that are not taken? */
  readonly countsAnswers: boolean;
};

/** What was a preference before: a member that takes no connection is asked after the others. */
const avoidance: EjectionRule = { maxFails: 1, failMs: 1_000, longestMs: 4_000 };

/** Fills in the defaults; throws a `RangeError` for what cannot be meant. */
export function settingsOf(options: UpstreamOptions): Settings {
  const { ejection } = options;
  const settings: Settings = {
    idleMs: 60_000,
    connections: 512,
    queue: 4096,
    queueWaitMs: options.timeouts.firstByteMs,
    retries: 1,
    retryOn: [],
    retryBudget: 10,
    pauseMs: 0,
    maxHead: 64 * 1024,
    balance: 'round-robin',
    slowStartMs: 0,
    onHealth: () => undefined,
    onName: () => undefined,
    lookup: lookUp,
    clock: () => performance.now(),
    random: Math.random,
    timer: (callback, ms) => setTimeout(callback, ms).unref(),
    ...options,
    probe: options.probe && probeRule(options.probe),
    ejection: ejection ? ejectionRule(ejection) : avoidance,
    countsAnswers: ejection !== undefined,
  };
  demand(settings.addresses.length > 0, `${settings.name} has no address`);
  demand(settings.connections >= 1, `${settings.name} may have no connection`);
  for (const rule of settings.addresses) checkAddress(settings.name, rule);
  demand(settings.queue >= 0, `no ${settings.queue} requests can wait for ${settings.name}`);
  demand(settings.retries >= 0, `${settings.name} cannot retry ${settings.retries} times`);
  demand(settings.retryBudget >= 0, `${settings.name} cannot retry ${settings.retryBudget} in a hundred`);
  demand(settings.pauseMs >= 0, `${settings.name} cannot pause for ${settings.pauseMs}ms`);
  demand(settings.slowStartMs >= 0, `${settings.name} cannot start in ${settings.slowStartMs}ms`);
  return settings;
}

/** The settings of a member, with what its address has of its own. */
export function settingsAt({ maxConnections }: AddressRule, settings: Settings): Settings {
  return maxConnections === undefined ? settings : { ...settings, connections: maxConnections };
}

function checkAddress(name: string, rule: AddressRule): void {
  const { weight = 1, maxConnections = 1 } = rule;
  const where = `${name} at ${formatAddress(rule)}`;
  const isWeight = Number.isInteger(weight) && weight >= 1 && weight <= 100;
  demand(isWeight, `the weight of ${where} is a whole number from 1 to 100, not ${weight}`);
  demand(maxConnections >= 0, `${where} cannot have ${maxConnections} connections`);
}

function probeRule(options: ProbeOptions): ProbeRule {
  const { window = 8, threshold = 3, path = '/', intervalMs = 5_000, timeoutMs = 2_000, status = 200, host } = options;
  const { initial = threshold - 1 } = options;
  demand(window >= 1 && window <= longestWindow, `a probe's window is from 1 to ${longestWindow}, not ${window}`);
  demand(threshold >= 1 && threshold <= window, `a probe's threshold is from 1 to its window, not ${threshold}`);
  demand(initial >= 0, `a probe's initial is not below 0: ${initial}`);
  demand(path.startsWith('/'), `a probe's path begins with /: ${path}`);
  demand(intervalMs > 0 && timeoutMs > 0, 'a probe needs an interval and a timeout');
  return { window, threshold, initial, path, intervalMs, timeoutMs, status, host };
}

function ejectionRule(options: EjectionOptions): EjectionRule {
  const { maxFails = 3, failMs = 10_000, longestMs = 30 * failMs, failFraction = 0 } = options;
  demand(maxFails >= 1, `maxFails is at least 1, not ${maxFails}`);
  demand(failMs > 0, `failMs is above 0, not ${failMs}`);
  demand(failFraction >= 0 && failFraction <= 1, `failFraction is from 0 to 1, not ${failFraction}`);
  return { ...options, maxFails, failMs, longestMs };
}

function demand(isMet: boolean, sentence: string): void {
  if (!isMet) throw new RangeError(sentence);
}

// Not dns.resolve, which knows the time to live but neither /etc/hosts nor what else the machine is told to ask.
const lookUp: Lookup = (host, done) =>
  systemLookup(host, { all: true, hints: ADDRCONFIG }, (error, found) =>
    done(error, error ? [] : found.map(({ address }) => address)),
  );
