/** The upstreams of a site: one group of addresses, and the tunnels to it, for each name. */
import type { Log } from '@trivet/kit/process/log.ts';
import { type Address, origins } from '@trivet/kit/process/units.ts';
import { Tunnel } from '@trivet/kit/upstream/tunnel.ts';
import { Upstream } from '@trivet/kit/upstream/upstream.ts';
import { tellLog } from '@trivet/kit/upstream/upstream-log.ts';
import type { FrontConfig } from '../settings.ts';
import { type Site, upstreamNames } from './define-site.ts';
import { tier } from './front.ts';

type Config = Pick<
  FrontConfig,
  | 'upstream'
  | 'upstreamConnections'
  | 'upstreamQueue'
  | 'connectTimeout'
  | 'firstByteTimeout'
  | 'betweenBytesTimeout'
  | 'gracefulTimeout'
>;

export class Upstreams implements AsyncDisposable {
  /** By the names that routes use. */
  readonly byName: ReadonlyMap<string, Upstream>;
  readonly tunnels: ReadonlyMap<string, Tunnel>;
  readonly #config: Config;

  constructor(site: Site, config: Config, log: Log) {
    this.#config = config;
    const byName = new Map<string, Upstream>();
    const tunnels = new Map<string, Tunnel>();
    for (const [name, addresses] of upstreamAddresses(site, config.upstream)) {
      const upstream = openUpstream(name, addresses, config, log);
      byName.set(name, upstream);
      const timeouts = timeoutsOf(config);
      const endpoints = () => upstream.endpoints();
      tunnels.set(name, new Tunnel({ tier, upstreamName: name, addresses: endpoints, timeouts, log }));
    }
    this.byName = byName;
    this.tunnels = tunnels;
  }

  /** Asks the tunnels to end; those that do not within FRONT_GRACEFUL_TIMEOUT are cut. */
  drain(): void {
    for (const tunnel of this.tunnels.values()) void tunnel.drain(this.#config.gracefulTimeout);
  }

  stats(): object {
    const one = ([name, upstream]: [string, Upstream]) =>
      [name, { addresses: upstream.stats(), tunnels: this.tunnels.get(name)?.openCount ?? 0 }] as const;
    return Object.fromEntries([...this.byName].map(one));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using own = new AsyncDisposableStack();
    for (const upstream of this.byName.values()) own.use(upstream);
    for (const tunnel of this.tunnels.values()) own.use(tunnel);
  }
}

function* upstreamAddresses(site: Site, app: readonly Address[]): Generator<[name: string, readonly Address[]]> {
  for (const name of upstreamNames(site)) {
    const own = site.upstreams?.[name]?.addresses;
    yield [name, own === undefined ? app : origins.parse(own)];
  }
}

function openUpstream(name: string, addresses: readonly Address[], config: Config, log: Log): Upstream {
  const { upstreamConnections: connections, upstreamQueue: queue } = config;
  return new Upstream({ name, addresses, timeouts: timeoutsOf(config), connections, queue, ...tellLog(log, name) });
}

function timeoutsOf({ connectTimeout, firstByteTimeout, betweenBytesTimeout }: Config) {
  return { connectMs: connectTimeout, firstByteMs: firstByteTimeout, betweenBytesMs: betweenBytesTimeout };
}
