/**
 * Cuts clients that take nothing of their answer. The timer of a socket does not: whatever the client sends meanwhile
 * sets it anew. nginx's send_timeout: between two times that the client took something, not for the whole.
 */
import type { Server, Socket } from 'node:net';

/** How far a client was when it was last seen to take something; an instant in milliseconds. */
type Progress = { taken: number; at: number };

// libuv's own count of what the system has not taken yet; Node's timer goes by it, too.
type Queued = { readonly _handle?: { readonly bytesWritten?: number; readonly writeQueueSize?: number } | null };

export class UnreadWatch {
  readonly #mostMs: number;
  readonly #progress = new WeakMap<Socket, Progress>();

  /** `mostMs`: how long nothing may be taken. */
  constructor(mostMs: number) {
    this.#mostMs = mostMs;
  }

  /** Looks at a socket; to be done by and by with each. */
  look(socket: Socket, now: number): void {
    if (socket.writableLength === 0) return void this.#progress.delete(socket);
    const taken = takenOf(socket);
    const before = this.#progress.get(socket);
    if (before === undefined || before.taken !== taken) this.#progress.set(socket, { taken, at: now });
    else if (now - before.at >= this.#mostMs) socket.destroy();
  }
}

/** Looks at all sockets of a server by and by, until that has closed. */
export function watchUnread(server: Server, mostMs: number, sockets: () => Iterable<Socket>): void {
  const watch = new UnreadWatch(mostMs);
  const everyMs = Math.min(Math.max(mostMs / 4, 20), 1_000);
  const timer = setInterval(() => {
    const now = performance.now();
    for (const socket of sockets()) watch.look(socket, now);
  }, everyMs).unref();
  server.once('close', () => clearInterval(timer));
}

function takenOf(socket: Socket): number {
  const { bytesWritten = 0, writeQueueSize = 0 } = (socket as Queued)._handle ?? {};
  return bytesWritten - writeQueueSize;
}
