/** A front tier on a free port over a temporary folder, for tests that go through the wire. */

import { OpenFiles } from '@trivet/kit/files/open-files.ts';
import { Root, type Symlinks } from '@trivet/kit/files/root.ts';
import { listen } from '@trivet/kit/http1/listener.ts';
import type { Limits as ClientLimits } from '@trivet/kit/http1/node-server.ts';
import type { ExchangeRecord } from '@trivet/kit/process/exchange-record.ts';
import type { Address } from '@trivet/kit/process/units.ts';
import { rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { silentLog } from '@trivet/kit/testing/silent.ts';
import { defineSite, type Site } from '../define-site.ts';
import { type Front, type Live, tier } from '../front.ts';
import { openGuards } from '../guard/guards.ts';
import { handler } from '../handle.ts';
import { Limits } from '../limits/limits.ts';
import type { Proxying, ProxyingConfig } from '../proxy/proxying.ts';
import { upgradeHandler } from '../upgrade.ts';
import { Upstreams, type UpstreamsConfig } from '../upstreams.ts';
import { testProxying } from './test-proxying.ts';

const limits = {
  ...{ maxHead: 32_768, maxFields: 128, maxTarget: 16_384, maxConnections: 100, keepaliveRequests: 0 },
  ...{ headerTimeout: 5000, idleTimeout: 5000, clientTimeout: 5000 },
};
const timeouts = { connectMs: 2000, firstByteMs: 2000, betweenBytesMs: 2000 };

export type FrontOptions = {
  readonly root: string;
  readonly site: Site;
  readonly app?: readonly Address[];
  readonly proxying?: Partial<ProxyingConfig>;
  /** Of clients. */
  readonly clients?: Partial<ClientLimits>;
  readonly symlinks?: Symlinks;
  /** Whose forwarding fields are believed. */
  readonly trusted?: (address: string) => boolean;
  /** What limits and guards go by; milliseconds from any start. */
  readonly clock?: () => number;
  readonly timeouts?: Partial<typeof timeouts>;
  /** Of the settings that upstreams go by. */
  readonly config?: Partial<UpstreamsConfig>;
};

export type Reply = {
  readonly status: number;
  readonly head: string;
  readonly body: string;
  /** A field of the head by its name. */
  get(name: string): string | undefined;
};

export type RunningFront = AsyncDisposable & {
  readonly proxying: Proxying;
  readonly port: number;
  readonly url: string;
  readonly records: readonly ExchangeRecord[];
  readonly limits: Limits;
  readonly live: Live;
  readonly upstreams: Upstreams;
  /** One request on a connection of its own; `target` goes out as it is. */
  ask(target: string, fields?: readonly string[], method?: string): Promise<Reply>;
};

/** Where nobody listens. */
const nobody: Address = { kind: 'unix', path: '/nonexistent/app.sock' };

export async function runFront(options: FrontOptions): Promise<RunningFront> {
  await using own = new AsyncDisposableStack();
  const root = await Root.open(options.root, 'FRONT_ROOT', undefined, options.symlinks);
  const site = defineSite(options.site);
  const upstreams = own.use(new Upstreams(site, configOf(options), silentLog));
  const limiting = new Limits(site.limits, options.clock);
  const proxying = own.use(testProxying(options.proxying));
  const front: Front = {
    site,
    guards: await openGuards(site, {
      limits: limiting,
      log: silentLog,
      ...(options.clock && { clock: options.clock }),
    }),
    root,
    openFiles: own.use(new OpenFiles({ root, most: 4, leastBytes: 64 * 1024 })),
    upstreams: upstreams.byName,
    tunnels: upstreams.tunnels,
    proxying,
    serverTiming: true,
    now: Date.now,
  };
  const live: Live = { front };
  const records: ExchangeRecord[] = [];
  const listening = own.use(
    await listen({
      ...{ tier, limits: { ...limits, ...options.clients }, log: silentLog },
      listen: { kind: 'tcp', host: '127.0.0.1', port: 0 },
      trusted: options.trusted ?? (() => false),
      answersHalfClosed: true,
      onRequest: handler(live),
      onUpgrade: upgradeHandler(live),
      onExchange: (record) => void records.push(record),
    }),
  );
  const { port, url } = listening;
  const all = own.move();
  return {
    ...{ port, url, records, limits: limiting, proxying, live, upstreams },
    ask: (target, fields = [], method = 'GET') => ask(port, target, fields, method),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function configOf({ app = [nobody], timeouts: own, config }: FrontOptions): UpstreamsConfig {
  const { connectMs, firstByteMs, betweenBytesMs } = { ...timeouts, ...own };
  return {
    ...{
      upstream: app,
      upstreamConnections: 512,
      upstreamQueue: 4096,
      workers: 1,
      gracefulTimeout: 5000,
      tunnelIdle: 0,
    },
    ...{ connectTimeout: connectMs, firstByteTimeout: firstByteMs, betweenBytesTimeout: betweenBytesMs },
    ...config,
  };
}

async function ask(port: number, target: string, fields: readonly string[], method: string): Promise<Reply> {
  let lines = `${method} ${target} HTTP/1.1\r\nHost: front.test\r\nConnection: close\r\n`;
  for (let i = 0; i + 1 < fields.length; i += 2) lines += `${fields[i]}: ${fields[i + 1]}\r\n`;
  return readReply(await rawExchange(port, `${lines}\r\n`));
}

/** Reads one answer from all that a connection gave. */
export function readReply(received: string): Reply {
  const end = received.indexOf('\r\n\r\n');
  const head = received.slice(0, end);
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
  const get = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim();
  return { status, head, body: received.slice(end + 4), get };
}
