/** What the upstreams of a site are to be, from `site.ts` and the settings: pure. */
import { isIP } from 'node:net';
import { type Address, duration, origins } from '@trivet/kit/process/units.ts';
import type {
  EjectionOptions,
  ProbeOptions,
  AddressRule as Rule,
  UpstreamOptions as Rules,
  Timeouts,
} from '@trivet/kit/upstream/options.ts';
import type { FrontConfig } from '../settings.ts';
import { type AddressOptions, type Site, type UpstreamOptions, upstreamNames } from './define-site.ts';

export type UpstreamConfig = Pick<
  FrontConfig,
  'upstreamConnections' | 'upstreamQueue' | 'connectTimeout' | 'firstByteTimeout' | 'betweenBytesTimeout' | 'workers'
> & {
  /** Of the app, where the site does not say. */
  readonly upstream: readonly Rule[];
  /** Are those processes of this machine that the front runs itself? They end by themselves, not by what they are asked. */
  readonly isOwnApp?: boolean;
};

/** Passive health as nginx has it by default, `max_fails=1 fail_timeout=10s`. */
const nginxDefault = { maxFails: 1, failTimeout: '10s' };

/** Beside it: who fails every other request never fails twice in a row. */
const halfOfThem = 0.5;

/**
 * Workers do not know of each other: those that each go round in turn meet at the same address, and of two by chance the
 * less busy one is found without asking.
 */
const balanceOfMany = 'two-choices';

/** One that dies takes no GET with it, however many it had; before it is known that it is gone, requests wait, too. */
const ownApp = { retryBudget: 100, pauseMs: 250 };

/**
 * The rules of each upstream that routes may name, by its name. What `site.ts` does not say of an upstream the settings
 * do; numbers that are for the whole tier are shared among the workers, as those of the settings are.
 */
export function upstreamRules(site: Site, config: UpstreamConfig): ReadonlyMap<string, Rules> {
  const rulesOf = (name: string) => rulesOfOne(name, site.upstreams?.[name] ?? {}, config);
  return new Map(upstreamNames(site).map((name) => [name, rulesOf(name)]));
}

function rulesOfOne(name: string, options: UpstreamOptions, config: UpstreamConfig): Rules {
  const { maxConnections, queue, queueWait, idle, slowStart, probe, balance, retries, retryOn, retryBudget } = options;
  const { upstreamConnections, upstreamQueue, workers } = config;
  const addresses = addressesOf(options.addresses, config);
  const isOwn = config.isOwnApp === true && options.addresses === undefined;
  return {
    name,
    addresses,
    timeouts: timeoutsOf(options.timeouts, config),
    connections: maxConnections === undefined ? upstreamConnections : shareOf(maxConnections, workers),
    queue: queue === undefined ? upstreamQueue : shareOf(queue, workers),
    ...(workers > 1 && { balance: balanceOfMany }),
    ...told({ queueWaitMs: ms(queueWait), idleMs: ms(idle), slowStartMs: ms(slowStart) }),
    ...told({ ejection: ejectionOf(options, isOwn || isAlone(addresses)) }),
    // Such a process says itself when it is ready, and is asked whether it hangs: with probes, none is well at first.
    ...(isOwn ? ownApp : told({ probe: probe && probeOf(probe) })),
    ...told({ balance, retries, retryOn, retryBudget }),
  };
}

function addressesOf(given: UpstreamOptions['addresses'], { upstream, workers }: UpstreamConfig): readonly Rule[] {
  if (given === undefined) return upstream;
  if (typeof given === 'string') return origins.parse(given);
  return given.flatMap((one) => (typeof one === 'string' ? origins.parse(one) : rulesOfAddress(one, workers)));
}

function rulesOfAddress({ address, weight, backup, down, maxConnections }: AddressOptions, workers: number): Rule[] {
  const most = maxConnections === undefined ? undefined : shareOf(maxConnections, workers);
  const rule = told({ weight, backup, down, maxConnections: most });
  return origins.parse(address).map((origin) => ({ ...origin, ...rule }));
}

function timeoutsOf(own: UpstreamOptions['timeouts'], config: UpstreamConfig): Timeouts {
  return {
    connectMs: ms(own?.connect) ?? config.connectTimeout,
    firstByteMs: ms(own?.firstByte) ?? config.firstByteTimeout,
    betweenBytesMs: ms(own?.betweenBytes) ?? config.betweenBytesTimeout,
    ...told({ totalMs: ms(own?.total) }),
  };
}

function probeOf(probe: NonNullable<UpstreamOptions['probe']>): ProbeOptions {
  const { path, interval, timeout, window, threshold, status, host } = probe;
  return told({ path, window, threshold, status, host, intervalMs: ms(interval), timeoutMs: ms(timeout) });
}

/**
 * `failTimeout` is how long an address is out, every time: nothing doubles. As with nginx, `maxFails: 0` counts nothing,
 * and neither does, unless it is told to, an upstream that can only ever have one address (there is nobody else to ask), or
 * one of own processes (who dies is replaced, and who is slow is slow with one request).
 */
function ejectionOf(options: UpstreamOptions, isSpared: boolean): EjectionOptions | undefined {
  const { failFraction = halfOfThem } = options;
  const isTold = [options.maxFails, options.failTimeout, options.failFraction].some((said) => said !== undefined);
  if (options.maxFails === 0 || (!isTold && isSpared)) return undefined;
  const { maxFails = nginxDefault.maxFails, failTimeout = nginxDefault.failTimeout } = options;
  const failMs = duration.parse(failTimeout);
  return { maxFails, failMs, longestMs: failMs, failFraction, countsMalformed: true };
}

// A name may have several addresses, now or later.
function isAlone([first, ...others]: readonly Address[]): boolean {
  return others.length === 0 && (first?.kind !== 'tcp' || isIP(first.host) !== 0);
}

/** As the settings are shared: one at least where there is something to share. */
function shareOf(most: number, workers: number): number {
  return most === 0 ? 0 : Math.max(1, Math.floor(most / workers));
}

function ms(text: string | undefined): number | undefined {
  return text === undefined ? undefined : duration.parse(text);
}

type Told<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what was not said: there a default is to stand. */
function told<T extends object>(options: T): Told<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Told<T>;
}
