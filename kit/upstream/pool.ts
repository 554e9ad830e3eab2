/** The connections to one member: an undici pool that tells which of its errors hit a reused connection. */
import type { Socket } from 'node:net';
import { buildConnector, Client, type Dispatcher, Pool } from 'undici';
import { type Address, socketName } from '../process/units.ts';
import { readBeforeFailing } from './last-word.ts';
import type { Timeouts } from './options.ts';
import { resetCode } from './upstream-fault.ts';

/**
 * How much sooner than the peer says (`Keep-Alive: timeout`) an idle connection is closed: the clocks of both begin at
 * different ends of the way, and undici's timers are late by up to a second. With less than this it is not kept at all.
 */
const idleMarginMs = 2_000;

/** What a pool is made from; when one of these changes, there is a new one. */
export type PoolOptions = {
  readonly timeouts: Timeouts;
  /** How long an idle connection is kept; the peer's `Keep-Alive: timeout` shortens it. */
  readonly idleMs: number;
  readonly connections: number;
  readonly maxHead: number;
};

/** Socket errors that hit a connection which had carried an answer before. */
const onReused = new WeakSet<object>();

/** Did this error hit a reused connection? Then the peer may have closed it before our request arrived. */
export function hitReusedConnection(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if (onReused.has(error)) return true;
  const socket = 'socket' in error ? (error.socket as { bytesRead?: number } | null) : null;
  return (socket?.bytesRead ?? 0) > 0;
}

/** A pool of connections to a Unix socket or an IP address; nothing is opened before it is needed. */
export function openPool(address: Address, options: PoolOptions): Pool {
  const connect = buildConnector({
    timeout: options.timeouts.connectMs,
    allowH2: false,
    ...(address.kind === 'unix' ? { socketPath: socketName(address.path) } : {}),
  });
  return new Pool(originOf(address), {
    factory: (origin, clientOptions) => new SteadyClient(origin, clientOptions),
    connect: (target, callback) =>
      connect(target, (error, socket) => {
        if (error !== null || socket === null) return callback(error ?? new Error('no socket'), null);
        markReuse(socket as Socket);
        tellResets(socket as Socket);
        readBeforeFailing(socket as Socket);
        callback(null, socket);
      }),
    connections: options.connections,
    pipelining: 1,
    headersTimeout: options.timeouts.firstByteMs,
    bodyTimeout: options.timeouts.betweenBytesMs,
    keepAliveTimeout: options.idleMs,
    keepAliveMaxTimeout: options.idleMs,
    keepAliveTimeoutThreshold: idleMarginMs,
    maxHeaderSize: options.maxHead,
  });
}

/** Would these make another pool? */
export function isSamePool(a: PoolOptions, b: PoolOptions): boolean {
  const numbers = ({ timeouts: t, idleMs, connections, maxHead }: PoolOptions) =>
    [t.connectMs, t.firstByteMs, t.betweenBytesMs, idleMs, connections, maxHead].join();
  return numbers(a) === numbers(b);
}

/** The origin of undici's pool: what it connects to. Unix sockets have none of their own. */
function originOf(address: Address): string {
  if (address.kind === 'unix') return 'http://localhost';
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `http://${host}:${address.port}`;
}

/**
 * A reset is no end: an answer that only the end of its connection delimits (RFC 9112 §6.3) is whole behind a FIN alone.
 * undici takes `ECONNRESET` for its end, so that a server which crashed would seem to have said all; by another code it
 * is the failure that it is, as to nginx.
 */
function tellResets(socket: Socket): void {
  socket.prependListener('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNRESET' && socket.bytesRead > 0) error.code = resetCode;
  });
}

function markReuse(socket: Socket): void {
  socket.prependListener('error', (error) => {
    if (socket.bytesRead > 0) onReused.add(error);
  });
}

/** A pool takes `false` for "busy until it drains", but undici says so of a request that it refuses to send, too. */
class SteadyClient extends Client {
  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    return super.dispatch(options, handler) || this.stats.size === 0;
  }
}
