import { clientKey } from './client-key.ts';

/** What becomes of one connection more: served, answered that it is not, or closed without a word. */
export type Entry = 'served' | 'refused' | 'dropped';

type Open = { served: number; refused: number };

/**
 * How many connections each client has; nothing is kept of a client that has none. Of those beyond the limit as many are
 * answered as may be served: an answer takes its time too, and who floods would have all connections by being refused.
 */
export class ClientCounts {
  readonly #most: number;
  readonly #clients = new Map<string, Open>();

  /** `most` 0: nobody is counted. */
  constructor(most: number) {
    this.#most = most;
  }

  /** How many clients have a connection. */
  get size(): number {
    return this.#clients.size;
  }

  /** To be called with what it said in `leave` when the connection has closed. */
  enter(address: string): Entry {
    if (this.#most === 0) return 'served';
    const key = clientKey(address);
    const open = this.#clients.get(key) ?? { served: 0, refused: 0 };
    const entry = open.served < this.#most ? 'served' : open.refused < this.#most ? 'refused' : 'dropped';
    if (entry === 'dropped') return entry;
    open[entry] += 1;
    this.#clients.set(key, open);
    return entry;
  }

  leave(address: string, entry: Entry): void {
    const key = clientKey(address);
    const open = this.#clients.get(key);
    if (open === undefined || entry === 'dropped') return;
    open[entry] -= 1;
    if (open.served + open.refused === 0) this.#clients.delete(key);
  }
}
