/** One address of an upstream, behind an undici pool. */
import type { Socket } from 'node:net';
import { buildConnector, Pool } from 'undici';
import type { Address } from '../process/units.ts';

export type Timeouts = { readonly connectMs: number; readonly firstByteMs: number; readonly betweenBytesMs: number };

export type MemberOptions = {
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

/** The origin of undici's pool: what it connects to. Unix sockets have none of their own. */
function originOf(address: Address): string {
  if (address.kind === 'unix') return 'http://localhost';
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `http://${host}:${address.port}`;
}

export class Member {
  readonly address: Address;
  readonly pool: Pool;
  /** Requests that were sent or wait for a connection. */
  inFlight = 0;
  /** `performance.now()` of the last failure to connect; other members are asked first for a while. */
  failedAt = Number.NEGATIVE_INFINITY;

  constructor(address: Address, options: MemberOptions) {
    this.address = address;
    const connect = buildConnector({
      timeout: options.timeouts.connectMs,
      allowH2: false,
      ...(address.kind === 'unix' ? { socketPath: address.path } : {}),
    });
    this.pool = new Pool(originOf(address), {
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
}

function markReuse(socket: Socket): void {
  socket.prependListener('error', (error) => {
    if (socket.bytesRead > 0) onReused.add(error);
  });
}
