/** The gateway to Python workers behind a real listener, and workers that a test plays. */
import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Room } from '@trivet/kit/http1/body/room.ts';
import { TempFolder } from '@trivet/kit/http1/body/temp-folder.ts';
import { recordOf } from '@trivet/kit/http1/exchange.ts';
import { type Listener, listen } from '@trivet/kit/http1/listener.ts';
import type { ExchangeRecord } from '@trivet/kit/process/exchange-record.ts';
import { fastLane } from '../fast-lane.ts';
import type { Conclude } from '../gateway/lane-outlet.ts';
import { Dispatcher, type DispatcherOptions } from '../python/dispatcher.ts';
import { PythonGateway, type PythonGatewayOptions } from '../python/python-gateway.ts';
import type { Pool } from '../python/seam.ts';
import { type AskedOfWorker, ScriptedSlot } from './scripted-worker.ts';
import { recordingLog, testLimits } from './serving.ts';

/** A pool that notes what it is told. */
export class NotingPool implements Pool {
  readonly notes: string[] = [];
  readonly served: number[] = [];
  /** What it says of how a worker ended. */
  ending: string | undefined;

  onBroken(worker: number, why: string): void {
    this.notes.push(`${worker} broken: ${why}`);
  }

  onHung(worker: number, why: string): void {
    this.notes.push(`${worker} hung: ${why}`);
  }

  onLeaving(worker: number): void {
    this.notes.push(`${worker} leaving`);
  }

  onServed(worker: number): void {
    this.served.push(worker);
  }

  howEnded(): Promise<string | undefined> {
    return Promise.resolve(this.ending);
  }
}

export type PythonStandOptions = Partial<
  Pick<DispatcherOptions, 'queue' | 'queueTimeoutMs' | 'timeoutMs'> &
    Pick<PythonGatewayOptions, 'requestTimeoutMs' | 'requestBuffering' | 'bodyLimit'>
> & {
  readonly bodyMemory?: number;
  readonly bodiesDisk?: number;
  readonly mount?: string;
  readonly clientTimeout?: number;
  /** `off`: by `node:http` alone. */
  readonly lane?: 'on' | 'off';
};

type OnAsked = (request: AskedOfWorker, slot: ScriptedSlot) => void;

export type PythonStand = AsyncDisposable & {
  readonly port: number;
  readonly url: string;
  readonly listener: Listener;
  readonly dispatcher: Dispatcher;
  readonly pool: NotingPool;
  readonly places: PythonGatewayOptions['places'];
  readonly records: readonly ExchangeRecord[];
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  /** Bytes of answers that the system has not taken. */
  waiting(): number;
  /** One slot more, of a worker. */
  slot(worker?: number, onAsked?: OnAsked): Promise<ScriptedSlot>;
};

export async function pythonStand(options: PythonStandOptions = {}): Promise<PythonStand> {
  await using own = new AsyncDisposableStack();
  const folder = own.use(await mkdtempDisposable(join(tmpdir(), 'trivet-python-')));
  const pool = new NotingPool();
  const { queue = 100, queueTimeoutMs = 5000, timeoutMs = 5000 } = options;
  const dispatcher = own.use(new Dispatcher({ queue, queueTimeoutMs, timeoutMs, pool: () => pool }));
  const slots = own.use(await doorAt(join(folder.path, 'workers.sock')));
  const places = {
    most: options.bodyMemory ?? 65_536,
    room: new Room(64 * 1024 * 1024),
    folder: own.use(new TempFolder(folder.path, 'trivet-app-bodies-')),
    disk: new Room(options.bodiesDisk ?? 1024 ** 3),
  };
  const records: ExchangeRecord[] = [];
  const waits: (() => number)[] = [];
  const conclude: Conclude = (inbound, end, extra) => void records.push(recordOf(inbound, end, extra));
  const { log, lines } = recordingLog();
  const listener = own.use(
    await listen({
      tier: 'app-backend',
      listen: { kind: 'tcp', host: '127.0.0.1', port: 0 },
      limits: { ...testLimits, maxConnections: 1000, clientTimeout: options.clientTimeout ?? testLimits.clientTimeout },
      trusted: () => true,
      onRequest: (inbound, response) => {
        waits.push(() => response.writableLength);
        return gateway.handle(inbound, response);
      },
      onExchange: (record) => void records.push(record),
      fastLane: options.lane === 'off' ? undefined : fastLane(() => ({ serve }), { serverTiming: true, conclude }),
      log,
    }),
  );
  const gateway = new PythonGateway({
    dispatcher,
    server: { listensAt: { host: '127.0.0.1', port: listener.port }, mount: options.mount ?? '', isMultiprocess: true },
    requestTimeoutMs: options.requestTimeoutMs ?? 0,
    serverTiming: true,
    requestBuffering: options.requestBuffering ?? true,
    bodyLimit: options.bodyLimit ?? 0,
    places,
    log,
  });
  const serve: PythonGateway['serve'] = (inbound, outlet) => {
    const isServed = gateway.serve(inbound, outlet);
    if (isServed) waits.push(() => outlet.waiting);
    return isServed;
  };
  const all = own.move();
  return {
    ...{ port: listener.port, url: listener.url, listener, dispatcher, pool, places, records, lines },
    waiting: () => waits.reduce((sum, wait) => sum + wait(), 0),
    async slot(worker = 1, onAsked) {
      const [ours, theirs] = await slots.open();
      dispatcher.add({ id: worker, pid: 1000 + worker }, ours);
      return new ScriptedSlot(theirs, onAsked);
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

type Stand = typeof pythonStand;

/** The same test with a fast lane and without. */
export function testLanes(what: string, body: (stand: Stand) => Promise<void>): void {
  test(what, () => body(pythonStand));
  test(`${what}, without a fast lane`, () => body((options) => pythonStand({ ...options, lane: 'off' })));
}

/** Connections over a Unix socket. */
async function doorAt(path: string): Promise<AsyncDisposable & { open(): Promise<readonly [Socket, Socket]> }> {
  const server = createServer().listen(path);
  await once(server, 'listening');
  const sockets: Socket[] = [];
  return {
    async open() {
      const arrived = once(server, 'connection');
      const theirs = connect(path);
      const [ours]: Socket[] = await arrived;
      if (ours === undefined) throw new Error('nobody came');
      sockets.push(ours, theirs);
      return [ours, theirs];
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
