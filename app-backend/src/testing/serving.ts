import { recordOf } from '@trivet/kit/http1/exchange.ts';
import type { Handler, Listener } from '@trivet/kit/http1/listener.ts';
import { listen } from '@trivet/kit/http1/listener.ts';
import type { ExchangeRecord } from '@trivet/kit/process/exchange-record.ts';
import type { Log } from '@trivet/kit/process/log.ts';
import { silentLog } from '@trivet/kit/testing/silent.ts';
import { fastLane } from '../fast-lane.ts';
import { Gateway, type GatewayOptions, type Site } from '../gateway/gateway.ts';
import type { Conclude } from '../gateway/lane-outlet.ts';
import { behind } from '../static/behind.ts';
import type { StaticPlaces } from '../static/static-places.ts';
import type { Application } from '../wsgi.ts';

export type Serving = AsyncDisposable & {
  readonly port: number;
  readonly url: string;
  readonly listener: Listener;
  /** Exchanges that are over. */
  readonly records: readonly ExchangeRecord[];
  /** Lines of the log: their fields, and `msg`. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
};

export type ServingOptions = Partial<Omit<Site, 'application'> & Omit<GatewayOptions, 'site' | 'log' | 'server'>> & {
  readonly mount?: string;
  readonly trusted?: (address: string) => boolean;
  /** `off`: by `node:http` alone. */
  readonly lane?: 'on' | 'off';
  readonly places?: StaticPlaces;
};

/** Of listeners in tests. */
export const testLimits = {
  maxHead: 65_536,
  maxFields: 128,
  maxTarget: 16_384,
  maxConnections: 100,
  keepaliveRequests: 0,
  headerTimeout: 5_000,
  clientTimeout: 5_000,
  idleTimeout: 5_000,
};

/** An application behind a real listener on a port of its own. */
export async function serve(application: Application, options: ServingOptions = {}): Promise<Serving> {
  const { mounts = {}, upgrades = {}, mount = '', trusted = () => true, lane = 'on', places, ...rest } = options;
  const { serverTiming = true } = rest;
  const records: ExchangeRecord[] = [];
  const { log, lines } = recordingLog();
  const conclude: Conclude = (inbound, end, extra) => void records.push(recordOf(inbound, end, extra));
  const handle: Handler = (inbound, response) => gateway.handle(inbound, response);
  const isElsewhere = (target: string) => places?.covers(target) === true;
  const listener = await listen({
    tier: 'app-backend',
    listen: { kind: 'tcp', host: '127.0.0.1', port: 0 },
    limits: testLimits,
    trusted,
    onRequest: places === undefined ? handle : behind(places, handle),
    onUpgrade: (inbound, socket, head) => gateway.upgrade(inbound, socket, head),
    onDrain: () => gateway.drain(),
    onExchange: (record) => void records.push(record),
    fastLane: lane === 'on' ? fastLane(() => gateway, { serverTiming, conclude, isElsewhere }) : undefined,
    log,
  });
  const gateway = new Gateway({
    site: { application, mounts, upgrades },
    server: { listensAt: { host: '127.0.0.1', port: listener.port }, mount, isMultiprocess: false },
    requestTimeoutMs: 0,
    ...rest,
    serverTiming,
    log,
  });
  const { port, url } = listener;
  return { port, url, listener, records, lines, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
}

/** A log whose lines a test reads. */
export function recordingLog(): { log: Log; lines: Readonly<Record<string, unknown>>[] } {
  const lines: Readonly<Record<string, unknown>>[] = [];
  const keep = (first: object | string, second?: string) => {
    lines.push(typeof first === 'string' ? { msg: first } : { ...first, msg: second });
  };
  const log: Log = Object.assign(Object.create(silentLog), { error: keep, warn: keep, info: keep, debug: keep });
  return { log, lines };
}
