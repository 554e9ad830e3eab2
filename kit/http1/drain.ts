import type { ServerResponse } from 'node:http';
import { Server } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Connection } from './connection.ts';

/** What of a listener the slow lane does not see. */
export type Front = {
  /** Sockets that are open. */
  readonly size: number;
  /** Is an answer on its way that the slow lane knows nothing of? */
  readonly isBusy: boolean;
  /** Closes the connections on which nothing is asked for. */
  endIdle(): void;
  destroyAll(): void;
};

/**
 * Ending a listener without losing a request: idle connections close, busy ones close behind their answer. Where others go
 * on listening (`idleMs`), a client must not even find a connection closed on which it has just begun to ask: idle ones are
 * left for so long, and only closed when nothing was asked on them; each answer says that it is the last.
 */
export class Drain {
  readonly #connections: ReadonlyMap<Duplex, Connection>;
  readonly #front: () => Front;
  readonly #over = Promise.withResolvers<'clean' | 'cut'>();
  #hasBegun = false;
  #endsIdle = false;

  /** `front` is asked for once it begins or a connection closes: it may be made after it. */
  constructor(connections: ReadonlyMap<Duplex, Connection>, front: () => Front) {
    this.#connections = connections;
    this.#front = front;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Does a connection close on which nothing is asked? */
  get endsIdle(): boolean {
    return this.#endsIdle;
  }

  /** Resolves when no connection is left; after `deadlineMs` those that are, are cut: `cut` says that some were busy. */
  async begin(deadlineMs: number, idleMs = 0): Promise<'clean' | 'cut'> {
    if (deadlineMs === 0) this.#cut();
    if (!this.#hasBegun) this.#begin(deadlineMs, Math.min(idleMs, deadlineMs / 2));
    return await this.#over.promise;
  }

  #begin(deadlineMs: number, idleMs: number): void {
    this.#hasBegun = true;
    this.#endsIdle = idleMs === 0;
    for (const connection of this.#connections.values()) {
      if (connection.last) this.mark(connection, connection.last.response);
    }
    // Two turns of the loop: a request that the kernel holds already is read, and counts as in flight.
    if (this.#endsIdle) setImmediate(() => setImmediate(() => this.#endIdle()));
    else this.#endIdleIn(idleMs);
    if (deadlineMs > 0) setTimeout(() => this.#cut(), deadlineMs).unref();
  }

  #endIdleIn(idleMs: number): void {
    setImmediate(() => this.connectionClosed());
    setTimeout(() => this.#endIdle(), idleMs).unref();
  }

  /** Tells the client that this answer is the last on its connection, if the head is not out yet. */
  mark(connection: Connection, response: ServerResponse): void {
    if (this.#hasBegun && !connection.hasMore) connection.endWith(response);
  }

  exchangeOver(connection: Connection): void {
    if (this.#endsIdle && connection.isIdle && !connection.hasMore) connection.socket.destroySoon();
  }

  connectionClosed(): void {
    const isOver = this.#connections.size === 0 && this.#front().size === 0;
    if (this.#hasBegun && isOver) this.#over.resolve('clean');
  }

  #endIdle(): void {
    this.#endsIdle = true;
    this.connectionClosed();
    this.#front().endIdle();
    for (const connection of this.#connections.values()) {
      if (connection.isIdle && !connection.isRefused && !connection.hasMore) connection.socket.destroySoon();
    }
  }

  #cut(): void {
    const isBusy = this.#front().isBusy || [...this.#connections.values()].some((connection) => !connection.isIdle);
    this.#over.resolve(isBusy ? 'cut' : 'clean');
    for (const { socket } of this.#connections.values()) socket.destroy();
    this.#front().destroyAll();
  }
}

/** As `server.close()` of `node:http`, but idle connections are left alone: a request may be on its way on them. */
export function stopAccepting(server: Server): void {
  if (server.listening) Server.prototype.close.call(server);
}
