/**
 * What a worker that has ended said before: its end is told by its fork server, on another connection than its own, which may
 * not even have been accepted by then. Why an application did not load is among what would be lost.
 */
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** Who has inherited a connection keeps it open: it is waited for in rounds, that of a halted machine being one of them. */
const rounds = 10;
const roundMs = 20;

export type Spoken = 'control' | 'stdout' | 'stderr';

export class Farewell {
  readonly #open = new Set<Spoken>(['control', 'stdout', 'stderr']);
  readonly #closed = Promise.withResolvers<void>();

  /** One of its connections is here. */
  follow(is: Spoken, socket: Pick<Socket, 'once'>): void {
    socket.once('close', () => {
      this.#open.delete(is);
      if (this.#open.size === 0) this.#closed.resolve();
    });
  }

  /** Resolves when all is read that it has said, or may never be. */
  async said(): Promise<void> {
    for (let round = 0; round < rounds && this.#open.size > 0; round += 1) {
      await Promise.race([this.#closed.promise, wait(roundMs)]);
    }
  }
}
