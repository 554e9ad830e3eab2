/** The upstreams of a site: one group of addresses, and the tunnels to it, for each name. */
import type { Log } from '@trivet/kit/process/log.ts';
import { type AddressRule, settingsOf, type Timeouts } from '@trivet/kit/upstream/options.ts';
import { Tunnel, type TunnelWay } from '@trivet/kit/upstream/tunnel.ts';
import { Upstream, type UpstreamOptions } from '@trivet/kit/upstream/upstream.ts';
import { tellLog } from '@trivet/kit/upstream/upstream-log.ts';
import type { FrontConfig } from '../settings.ts';
import type { Site } from './define-site.ts';
import { tier } from './front.ts';
import { type UpstreamConfig, upstreamRules } from './upstream-rules.ts';

/** What of the settings upstreams go by. */
export type UpstreamsConfig = UpstreamConfig & Pick<FrontConfig, 'gracefulTimeout' | 'tunnelIdle'>;

type Entry = { readonly upstream: Upstream; readonly tunnel: Tunnel; timeouts: Timeouts };

export class Upstreams implements AsyncDisposable {
  #site: Site;
  #config: UpstreamsConfig;
  readonly #log: Log;
  #entries: ReadonlyMap<string, Entry> = new Map();
  #byName: ReadonlyMap<string, Upstream> = new Map();
  #tunnels: ReadonlyMap<string, Tunnel> = new Map();
  /** Of sites before this one, until their time is over. */
  readonly #leaving = new Set<AsyncDisposableStack>();
  #state: 'open' | 'draining' | 'closed' = 'open';

  /** Throws a `RangeError` for options that cannot be meant. */
  constructor(site: Site, config: UpstreamsConfig, log: Log) {
    this.#site = site;
    this.#config = config;
    this.#log = log;
    this.#take(upstreamRules(site, config));
  }

  /** By the names that routes use; another map after `reconfigure`, so that who holds this one keeps what it leads to. */
  get byName(): ReadonlyMap<string, Upstream> {
    return this.#byName;
  }

  /** As `byName`. */
  get tunnels(): ReadonlyMap<string, Tunnel> {
    return this.#tunnels;
  }

  /**
   * Takes the upstreams of another site, all of them or, when it throws, none. One that stays keeps its connections, its
   * health, its requests and tunnels. One that goes still serves who holds the map of before, for FRONT_GRACEFUL_TIMEOUT
   * at most; its tunnels are asked to end. Throws a `RangeError` for options that cannot be meant.
   */
  reconfigure(site: Site): void {
    this.#change(site, this.#config);
  }

  /** The app is somewhere else now, unless the site says where. What is in flight where it was is finished there. */
  moveApp(upstream: readonly AddressRule[]): void {
    this.#change(this.#site, { ...this.#config, upstream });
  }

  /** Requests that are on their way to this address, or wait for it. */
  inFlightTo(address: string): number {
    const rows = [...this.#byName.values()].flatMap((upstream) => upstream.stats());
    return rows.reduce((sum, row) => (row.address === address ? sum + row.inFlight : sum), 0);
  }

  /** Asks the tunnels to end; those that do not within FRONT_GRACEFUL_TIMEOUT are cut. */
  drain(): void {
    this.#state = 'draining';
    for (const tunnel of this.#tunnels.values()) void tunnel.drain(this.#config.gracefulTimeout);
  }

  stats(): object {
    const one = ([name, { upstream, tunnel }]: [string, Entry]) =>
      [name, { ...upstream.groupStats(), addresses: upstream.stats(), tunnels: tunnel.openCount }] as const;
    return Object.fromEntries([...this.#entries].map(one));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#state = 'closed';
    await using own = new AsyncDisposableStack();
    for (const leaving of this.#leaving) own.use(leaving);
    for (const { upstream } of this.#entries.values()) own.use(upstream);
    for (const { tunnel } of this.#entries.values()) own.use(tunnel);
  }

  #change(site: Site, config: UpstreamsConfig): void {
    const all = upstreamRules(site, config);
    for (const rules of all.values()) settingsOf(rules);
    if (this.#state === 'closed') return;
    this.#site = site;
    this.#config = config;
    this.#take(all);
  }

  #take(rules: ReadonlyMap<string, UpstreamOptions>): void {
    const before = this.#entries;
    const entries = new Map<string, Entry>();
    for (const [name, rulesOfIt] of rules) {
      const options = { ...rulesOfIt, ...tellLog(this.#log, name) };
      const kept = before.get(name);
      entries.set(name, kept === undefined ? this.#open(options) : changed(kept, options));
    }
    this.#entries = entries;
    this.#byName = new Map([...entries].map(([name, { upstream }]) => [name, upstream]));
    this.#tunnels = new Map([...entries].map(([name, { tunnel }]) => [name, tunnel]));
    for (const [name, entry] of before) if (!rules.has(name)) this.#part(entry);
  }

  #open(options: UpstreamOptions): Entry {
    const { tunnelIdle: idleMs } = this.#config;
    const upstream = new Upstream(options);
    const way: TunnelWay = {
      ...{ tier, upstreamName: options.name, log: this.#log },
      addresses: () => upstream.endpoints(),
      // Asked for each tunnel anew.
      get timeouts() {
        return { ...entry.timeouts, idleMs };
      },
    };
    const tunnel = new Tunnel(way);
    const entry: Entry = { upstream, tunnel, timeouts: options.timeouts };
    if (this.#state === 'draining') void tunnel.drain(this.#config.gracefulTimeout);
    return entry;
  }

  #part({ upstream, tunnel }: Entry): void {
    const { gracefulTimeout } = this.#config;
    const own = new AsyncDisposableStack();
    own.use(upstream);
    own.use(tunnel);
    const timer = setTimeout(() => void own.disposeAsync(), gracefulTimeout).unref();
    own.defer(() => {
      clearTimeout(timer);
      this.#leaving.delete(own);
    });
    this.#leaving.add(own);
    void tunnel.drain(gracefulTimeout);
  }
}

function changed(entry: Entry, options: UpstreamOptions): Entry {
  entry.upstream.reconfigure(options);
  entry.timeouts = options.timeouts;
  return entry;
}
