/** One address of an upstream, behind an undici pool. */
import type { Socket } from 'node:net';
import { buildConnector, Client, type Dispatcher, Pool } from 'undici';
import type { Address } from '../process/units.ts';

export type Timeouts = { readonly connectMs: number; readonly firstByteMs: number; readonly betweenBytesMs: number };

export type MemberOptions = {
  readonly timeouts: Timeouts;
  /** How long an idle connection is kept; the peer's `Keep-Alive: timeout` shortens it. */
  readonly idleMs: number;
  readonly connections: number;
  readonly maxHead: number;
};

/** Who wants a connection; `proceed` is called once, when there may be one. */
export interface Guest {
  proceed(): void;
}

/** Socket errors that hit a connection which had carried an answer before. */
const onReused = new WeakSet<object>();

/** Did this error hit a reused connection? Then the peer may have closed it before our request arrived. */
export function hitReusedConnection(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if (onReused.has(error)) return true;
  const socket = 'socket' in error ? (error.socket as { bytesRead?: number } | null) : null;
  return (socket?.bytesRead ?? 0) > 0;
}

/** The origin of undici's pool: what it connects to. Unix sockets have none of their own. */
function originOf(address: Address): string {
  if (address.kind === 'unix') return 'http://localhost';
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `http://${host}:${address.port}`;
}

export class Member {
  readonly address: Address;
  readonly pool: Pool;
  /** `performance.now()` of the last failure to connect; other members are asked first for a while. */
  failedAt = Number.NEGATIVE_INFINITY;
  readonly #connections: number;
  #admitted = 0;
  // Not the pool's own queue: nobody can leave that before it is his turn.
  readonly #waiting = new Set<Guest>();

  constructor(address: Address, options: MemberOptions) {
    this.address = address;
    this.#connections = options.connections;
    const connect = buildConnector({
      timeout: options.timeouts.connectMs,
      allowH2: false,
      ...(address.kind === 'unix' ? { socketPath: address.path } : {}),
    });
    this.pool = new Pool(originOf(address), {
      factory: (origin, clientOptions) => new SteadyClient(origin, clientOptions),
      connect: (target, callback) =>
        connect(target, (error, socket) => {
          if (error !== null || socket === null) return callback(error ?? new Error('no socket'), null);
          markReuse(socket as Socket);
          callback(null, socket);
        }),
      connections: options.connections,
      pipelining: 1,
      headersTimeout: options.timeouts.firstByteMs,
      bodyTimeout: options.timeouts.betweenBytesMs,
      keepAliveTimeout: options.idleMs,
      keepAliveMaxTimeout: options.idleMs,
      maxHeaderSize: options.maxHead,
    });
  }

  /** Requests that were sent or wait for a connection. */
  get inFlight(): number {
    return this.#admitted + this.#waiting.size;
  }

  /** Lets the guest proceed now or when another leaves. */
  enter(guest: Guest): void {
    if (this.#admitted >= this.#connections) return void this.#waiting.add(guest);
    this.#admitted++;
    guest.proceed();
  }

  /** The guest waits no longer; false when it had proceeded already. */
  withdraw(guest: Guest): boolean {
    return this.#waiting.delete(guest);
  }

  /** A guest that had proceeded is done. */
  leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) return void this.#admitted--;
    this.#waiting.delete(next);
    // Not in the midst of the parser's work for the one that leaves, nor ever deeper when all fail at once.
    queueMicrotask(() => next.proceed());
  }
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
