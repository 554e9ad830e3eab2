/**
 * A listening tier: where it listens, and how it ends. Requests are the slow lane's, behind the fast lane where the tier has
 * one, which owns the sockets then.
 */
import type { AddressInfo, Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { bind } from '../process/bind.ts';
import { type Address, formatAddress } from '../process/units.ts';
import type { Connection } from './connection.ts';
import { Drain, stopAccepting } from './drain.ts';
import type { FastLane } from './fast-lane.ts';
import { Lanes } from './lanes.ts';
import type { ListenOptions } from './listen-options.ts';
import { SlowLane } from './slow-lane.ts';

export type { Handler, ListenOptions } from './listen-options.ts';
export type { Limits } from './node-server.ts';
export type { UpgradeHandler } from './upgrade.ts';

/** Listens, and resolves once connections are accepted. Rejects as Node does (EADDRINUSE …). */
export async function listen(options: ListenOptions): Promise<Listener> {
  const listener = new Listener(options);
  await listener.open();
  return listener;
}

/** A listening tier. */
export class Listener implements AsyncDisposable {
  // As long as the server.
  readonly #options: ListenOptions;
  readonly #drain: Drain;
  readonly #slowLane: SlowLane;
  readonly #lanes: Lanes | undefined;

  constructor(options: ListenOptions) {
    this.#options = options;
    const connections = new Map<Duplex, Connection>();
    this.#drain = new Drain(connections, () => this.#lanes);
    this.#slowLane = new SlowLane(options, connections, this.#drain);
    this.#lanes = options.fastLane && this.#openLanes(options.fastLane);
  }

  async open(): Promise<void> {
    await bind(this.#listening, this.#options.listen);
    if (this.#lanes !== undefined) this.#slowLane.watchSlowHeads();
    this.#listening.on('error', (error) => this.#options.log.error({ err: error }, 'listener failed'));
  }

  get #listening(): Server {
    return this.#lanes?.server ?? this.#slowLane.server;
  }

  get port(): number {
    return (this.#listening.address() as AddressInfo | null)?.port ?? 0;
  }

  get address(): Address {
    const { listen: asked } = this.#options;
    return asked.kind === 'unix' ? asked : { ...asked, port: this.port };
  }

  get url(): string {
    const { address } = this;
    return address.kind === 'unix' ? formatAddress(address) : `http://${formatAddress(address)}`;
  }

  get isDraining(): boolean {
    return this.#drain.hasBegun;
  }

  connections(): number {
    return this.#lanes?.size ?? this.#slowLane.size;
  }

  /** Stops listening, lets what is in flight finish, cuts the rest at the deadline (milliseconds). */
  async drain(deadlineMs: number): Promise<'clean' | 'cut'> {
    stopAccepting(this.#listening);
    this.#options.onDrain?.();
    return await this.#drain.begin(deadlineMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    stopAccepting(this.#listening);
    await this.#drain.begin(0);
    this.#slowLane[Symbol.dispose]();
  }

  #openLanes(fastLane: FastLane): Lanes {
    const { listen, log } = this.#options;
    return new Lanes({
      ...this.#options,
      fastLane,
      kind: listen.kind,
      isDraining: () => this.isDraining,
      admit: (standIn, isBeyond) => this.#slowLane.admit(standIn, isBeyond),
      onLast: (standIn) => this.#slowLane.onLast(standIn),
      onCut: (socket) => this.#slowLane.cut(socket),
      onHeadTimeout: (standIn) => this.#slowLane.onHeadTimeout(standIn),
      onFailure: (error) => log.error({ err: error }, 'the fast lane failed'),
      onClose: () => this.#drain.connectionClosed(),
    });
  }
}
