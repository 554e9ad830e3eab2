/**
 * WebSockets through to an upstream, and their number. A tunnel lives as long as its two ends like, unless nothing passes
 * through it for longer than the way allows; what can be waited for in vain (a connection, an answer, the last bytes) has a deadline.
 */
import type { Socket } from 'node:net';
import { type Forward, Passage, type TunnelEnd, type UpgradeInbound, type Way } from './passage.ts';

export type { Forward, TunnelEnd } from './passage.ts';

/** Whereto tunnels go: addresses that are tried in turn, or a function that says for each one in which order. */
export type TunnelWay = Omit<Way, 'addresses'> & { readonly addresses: Way['addresses'] | (() => Way['addresses']) };

export class Tunnel implements AsyncDisposable {
  readonly #way: TunnelWay;
  readonly #passages = new Set<Passage>();
  #turn = 0;
  #isDraining = false;
  /** While drains wait for it: the last tunnel is over. */
  #empty: PromiseWithResolvers<void> | undefined;

  constructor(way: TunnelWay) {
    this.#way = way;
  }

  /** Tunnels that are open or being opened. */
  get openCount(): number {
    return this.#passages.size;
  }

  /**
   * Takes over the client's socket behind an upgrade request and closes it in the end. `head` are bytes that came behind
   * the request. Resolves, never rejects, when the tunnel or the answer that stands for it is over.
   */
  async open(inbound: UpgradeInbound, socket: Socket, head: Buffer, forward: Forward): Promise<TunnelEnd> {
    const addresses = forward.addresses ?? this.#addressesInTurn();
    const passage = new Passage({ ...this.#way, addresses }, inbound, socket);
    this.#passages.add(passage);
    if (this.#isDraining) passage.drain();
    const end = await passage.run(head, forward);
    this.#passages.delete(passage);
    if (this.#passages.size === 0) {
      this.#empty?.resolve();
      this.#empty = undefined;
    }
    return end;
  }

  /**
   * Ends the tunnels: each gets a Close frame (1001) between two frames, and `deadlineMs` to be over. `cut`: some were
   * not, and were ended without more ado.
   */
  async drain(deadlineMs: number): Promise<'clean' | 'cut'> {
    this.#isDraining = true;
    if (this.#passages.size === 0) return 'clean';
    this.#empty ??= Promise.withResolvers();
    let verdict: 'clean' | 'cut' = 'clean';
    const timer = setTimeout(() => {
      verdict = 'cut';
      for (const passage of this.#passages) passage.cut();
    }, deadlineMs);
    for (const passage of this.#passages) passage.drain();
    await this.#empty.promise;
    clearTimeout(timer);
    return verdict;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain(0);
  }

  #addressesInTurn(): Way['addresses'] {
    const { addresses } = this.#way;
    if (typeof addresses === 'function') return addresses();
    const first = this.#turn++ % Math.max(addresses.length, 1);
    return [...addresses.slice(first), ...addresses.slice(0, first)];
  }
}
