import type { ServerResponse } from 'node:http';
import { Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { lastAskMs } from '../process/signals.ts';
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

/** How a listener ends; milliseconds. */
export type Ending = {
  /** What is in flight by then is cut; 0: at once. */
  readonly deadlineMs: number;
  /** So long clients may still ask on connections that they have. */
  readonly idleMs?: number | undefined;
  /** Resolves when no connection can come any more. */
  readonly closed?: Promise<void> | undefined;
};

/**
 * Ending a listener without losing a request: busy connections close behind their answer, which says that it is the last. A
 * client must not find a connection closed on which it has just begun to ask: those on which nothing is asked, and those that
 * have just come, are left for a while (`idleMs`), from when the listening socket is closed, and only closed then.
 */
export class Drain {
  readonly #connections: ReadonlyMap<Duplex, Connection>;
  readonly #front: () => Front;
  readonly #over = Promise.withResolvers<'clean' | 'cut'>();
  #hasBegun = false;
  #isClosed = false;
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
  async begin({ deadlineMs, idleMs = lastAskMs, closed }: Ending): Promise<'clean' | 'cut'> {
    if (deadlineMs === 0) this.#cut();
    if (!this.#hasBegun) {
      this.#begin(deadlineMs);
      void this.#endIdleIn(Math.min(idleMs, deadlineMs / 2), closed);
    }
    return await this.#over.promise;
  }

  #begin(deadlineMs: number): void {
    this.#hasBegun = true;
    for (const connection of this.#connections.values()) {
      if (connection.last) this.mark(connection, connection.last.response);
    }
    if (deadlineMs > 0) setTimeout(() => this.#cut(), deadlineMs).unref();
  }

  async #endIdleIn(idleMs: number, closed: Promise<void> | undefined): Promise<void> {
    await closed;
    this.#isClosed = true;
    this.connectionClosed();
    // Two turns of the loop: a request that the kernel holds already is read, and counts as in flight.
    setTimeout(() => setImmediate(() => setImmediate(() => this.#endIdle())), idleMs).unref();
  }

  /** Tells the client that this answer is the last on its connection, if the head is not out yet. */
  mark(connection: Connection, response: ServerResponse): void {
    if (this.#hasBegun && !connection.hasMore) connection.endWith(response);
  }

  exchangeOver(connection: Connection): void {
    if (this.#endsIdle && connection.isIdle && !connection.hasMore) connection.socket.destroySoon();
  }

  connectionClosed(): void {
    if (!this.#hasBegun || !this.#isClosed) return;
    if (this.#connections.size === 0 && this.#front().size === 0) this.#over.resolve('clean');
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
