import { type Limits, type Listener, type ListenOptions, listen } from '../http1/listener.ts';
import type { ExchangeRecord } from '../process/exchange-record.ts';
import { silentLog } from './silent.ts';

export const generousLimits: Limits = {
  maxHead: 32 * 1024,
  maxFields: 128,
  maxTarget: 16 * 1024,
  maxConnections: 1_000,
  keepaliveRequests: 0,
  headerTimeout: 10_000,
  idleTimeout: 65_000,
  clientTimeout: 60_000,
};

export type TestListener = AsyncDisposable & {
  readonly listener: Listener;
  readonly port: number;
  readonly records: ExchangeRecord[];
};

/** A listener on a free port of 127.0.0.1 that answers `ok` unless told otherwise; disposing cuts it. */
export async function testListener(
  options: Partial<Omit<ListenOptions, 'limits'>> & { readonly limits?: Partial<Limits> } = {},
): Promise<TestListener> {
  const records: ExchangeRecord[] = [];
  const listener = await listen({
    tier: 'static-frontend',
    listen: { kind: 'tcp', host: '127.0.0.1', port: 0 },
    trusted: () => false,
    onRequest: (_inbound, response) => void response.writeHead(200).end('ok'),
    onExchange: (record) => void records.push(record),
    log: silentLog,
    ...options,
    limits: { ...generousLimits, ...options.limits },
  });
  return { listener, port: listener.port, records, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
}
