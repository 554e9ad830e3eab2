/**
 * Cuts clients that take nothing of their answer. The timer of a socket does not: whatever the client sends meanwhile
 * sets it anew. nginx's send_timeout: between two times that the client took something, not for the whole.
 */
import type { Socket } from 'node:net';
import { sendingOf } from './unsent.ts';

/** How far a client was when it was last seen to take something; an instant in milliseconds. */
type Progress = { taken: number; at: number };

export class UnreadWatch {
  readonly #mostMs: number;
  readonly #progress = new WeakMap<Socket, Progress>();

  /** `mostMs`: how long nothing may be taken. */
  constructor(mostMs: number) {
    this.#mostMs = mostMs;
  }

  /** Looks at a socket; to be done by and by with each. */
  look(socket: Socket, now: number): void {
    const sending = socket.writableLength === 0 ? undefined : sendingOf(socket);
    if (sending === undefined) return void this.#progress.delete(socket);
    const { taken } = sending;
    const before = this.#progress.get(socket);
    if (before === undefined || before.taken !== taken) this.#progress.set(socket, { taken, at: now });
    else if (now - before.at >= this.#mostMs) socket.destroy();
  }
}

/** Looks at all sockets by and by. */
export function watchUnread(mostMs: number, sockets: () => Iterable<Socket>): Disposable {
  const watch = new UnreadWatch(mostMs);
  const everyMs = Math.min(Math.max(mostMs / 4, 20), 1_000);
  const timer = setInterval(() => {
    const now = performance.now();
    for (const socket of sockets()) watch.look(socket, now);
  }, everyMs).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
