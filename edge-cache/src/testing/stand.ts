// An edge on a free port, its origin told by the test what to say, its clock moved by the test.
import assert from 'node:assert/strict';
import type { Handler } from '@trivet/kit/http1/listener.ts';
import type { ExchangeRecord } from '@trivet/kit/process/exchange-record.ts';
import type { Log } from '@trivet/kit/process/log.ts';
import { peers } from '@trivet/kit/process/units.ts';
import { ManualClock } from '@trivet/kit/testing/clock.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { type Script, type ScriptedOrigin, scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import type { ScriptedReply } from '@trivet/kit/testing/scripted-reply.ts';
import { silentLog } from '@trivet/kit/testing/silent.ts';
import { testListener } from '@trivet/kit/testing/test-listener.ts';
import { Upstream } from '@trivet/kit/upstream/upstream.ts';
import { Backends } from '../backends.ts';
import type { Policy } from '../define-policy.ts';
import { putInForce } from '../live-policy.ts';
import { made } from '../load-policy.ts';
import type { Edge } from '../machine/edge.ts';
import { type EdgeOptions, openEdge } from '../open-edge.ts';
import { handler } from '../start.ts';
import { type Ask, Asking, type Whole } from './client.ts';

const MINUTE = 60_000;

export const defaults: EdgeOptions = {
  storeMemory: 64 * 1024 * 1024,
  defaultTtl: 0,
  grace: 0,
  staleIfError: 60 * MINUTE,
  keep: 5 * MINUTE,
  esiDepth: 5,
  esiIncludes: 256,
  esiHosts: [],
  coalesceWait: 5000,
  coalesceQueue: 1000,
  setCookie: 'pass',
  clientDirectives: 'honour',
  compression: true,
  compressionMin: 1024,
  purgeFrom: peers.parse('127.0.0.1'),
  serverTiming: true,
  purgeRate: 0,
  region: 'test',
  bansMax: 1000,
};

export type StandOptions = Partial<EdgeOptions> & {
  readonly policy?: Policy;
  readonly firstByteMs?: number;
  readonly betweenBytesMs?: number;
  readonly startAt?: 'head' | 'end';
  readonly trusted?: boolean;
  readonly log?: Log;
  /** Most connections to the origin, and most requests that wait for one. */
  readonly connections?: number;
  readonly queue?: number;
  readonly siblings?: Edge['siblings'];
};

export type Stand = AsyncDisposable & {
  readonly origin: ScriptedOrigin;
  readonly edge: Edge;
  readonly clock: ManualClock;
  readonly port: number;
  readonly records: ExchangeRecord[];
  /** Puts another policy in force, as a reload does. */
  adopt(policy: Policy): void;
  readonly backends: Backends;
  /** Resolves when the edge has begun with so many requests. */
  begun(requests: number): Promise<void>;
  /** With how many requests the edge has begun. */
  beginnings(): number;
  /** Asks, without waiting. */
  ask(path: string, ask?: Ask): Asking;
  /** Asks, and waits for the whole answer. */
  get(path: string, headers?: Ask['headers']): Promise<Whole>;
  send(method: string, path: string, ask?: Ask): Promise<Whole>;
};

/** An edge in front of an origin that plays `script`. */
export async function edgeStand(script: Script, options: StandOptions = {}): Promise<Stand> {
  const {
    policy = {},
    firstByteMs = 5000,
    betweenBytesMs = 5000,
    startAt = 'end',
    trusted = false,
    log = silentLog,
    connections = 512,
    queue = 4096,
    siblings,
    ...over
  } = options;
  await using building = new AsyncDisposableStack();
  const clock = new ManualClock();
  const origin = building.use(await scriptedOrigin(script, { startAt }));
  const settings = {
    origin: [origin.address],
    connectTimeout: 2000,
    firstByteTimeout: firstByteMs,
    betweenBytesTimeout: betweenBytesMs,
    upstreamConnections: connections,
    upstreamQueue: queue,
  };
  const { rules, plan } = made(policy, settings);
  const backends = building.use(new Backends(plan, { open: (given) => new Upstream(given), log: silentLog }));
  const edge = openEdge({
    options: { ...defaults, ...over },
    rules,
    upstream: backends,
    log,
    clock: clock.read,
    after: clock.after,
    siblings,
  });
  building.defer(() => edge.flights.abandonAll());
  let begun = 0;
  const handle = handler(edge);
  const onRequest: Handler = (inbound, response) => {
    begun += 1;
    return handle(inbound, response);
  };
  const records: ExchangeRecord[] = [];
  const onExchange = (record: ExchangeRecord) => {
    records.push(record);
    edge.watch.exchange(record);
  };
  const listening = { tier: 'edge-cache', onRequest, onExchange, trusted: () => trusted } as const;
  const { port } = building.use(await testListener(listening));
  const open = building.move();
  const ask = (path: string, given?: Ask) => new Asking(port, path, given);
  return {
    origin,
    edge,
    clock,
    port,
    records,
    backends,
    adopt: (next) => putInForce(made(next, settings), edge, backends),
    begun: (requests) => eventually(() => assert.ok(begun >= requests, `${begun} requests have begun`)),
    beginnings: () => begun,
    ask,
    get: (path, headers = {}) => ask(path, { headers }).whole(),
    send: (method, path, given = {}) => ask(path, { ...given, method }).whole(),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** A script whose answers carry their number, so that the same number means the same stored answer. */
export function numbered(answer: (n: number, target: string) => Answer): Script {
  let n = 0;
  return (request, reply) => {
    n += 1;
    play(reply, answer(n, request.target), n, request.method);
  };
}

export type Answer = { readonly status?: number; readonly fields?: readonly string[]; readonly body?: string };

function play(reply: ScriptedReply, { status = 200, fields = [], body }: Answer, n: number, method: string): void {
  reply.send(status, ['X-N', String(n), ...fields], method === 'HEAD' ? '' : (body ?? `answer ${n}`));
}
