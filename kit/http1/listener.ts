/**
 * A listening tier: how it is put together, and how it ends. Connections come in by the acceptor; requests are the slow
 * lane's, behind the fast lane where the tier has one.
 */
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { bind, defaultBacklog, fdOf, handleOf, removeFileOf } from '../process/bind.ts';
import { closeWhenEmpty } from '../process/last-accept.ts';
import { openEach } from '../process/listening.ts';
import { type Address, abstractName, formatAddress } from '../process/units.ts';
import type { Underway } from '../process/workers/messages.ts';
import { Acceptor, type Door } from './acceptor.ts';
import type { Connection } from './connection.ts';
import { Drain, type Front, stopAccepting } from './drain.ts';
import type { FastLane } from './fast-lane.ts';
import type { Guest } from './guest.ts';
import { Lanes } from './lanes.ts';
import type { ListenOptions } from './listen-options.ts';
import { Pacer, paceRules } from './pacer.ts';
import { refuseInTurn } from './refuse.ts';
import { SlowLane } from './slow-lane.ts';
import { watchUnread } from './unread.ts';

export type { Handler, ListenOptions } from './listen-options.ts';
export type { Limits } from './node-server.ts';
export type { UpgradeHandler } from './upgrade.ts';

/** Listens, and resolves once connections are accepted. Rejects as Node does (EADDRINUSE …), of several addresses as `openEach`. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const listener = new Listener(options);
  await listener.open();
  return listener;
}

/** A listening tier. */
export class Listener implements AsyncDisposable {
  // As long as the server.
  readonly #options: ListenOptions;
  readonly #connections = new Map<Duplex, Connection>();
  readonly #drain: Drain;
  readonly #slowLane: SlowLane;
  readonly #lanes: Lanes | undefined;
  readonly #acceptor: Acceptor;
  readonly #pacer: Pacer;
  readonly #watches = new DisposableStack();
  #fds: readonly (number | undefined)[] = [];
  #closed: Promise<void> | undefined;

  constructor(options: ListenOptions) {
    this.#options = options;
    const connections = this.#connections;
    this.#drain = new Drain(connections, () => this.#front);
    this.#slowLane = new SlowLane(options, connections, this.#drain);
    const { fastLane, needsHeads } = options;
    this.#lanes = fastLane && !needsHeads ? this.#openLanes(fastLane) : undefined;
    this.#acceptor = new Acceptor({
      ...options,
      trusted: (address) => options.trusted(address),
      take: (socket, guest) => this.#take(socket, guest),
      onClose: () => this.#drain.connectionClosed(),
    });
    this.#pacer = new Pacer({
      ...paceRules(options.limits),
      guests: () => this.#acceptor.guests(),
      connections: () => connections.values(),
      refuse: (connection, exchange, fault) => refuseInTurn(options, connection, exchange, fault),
    });
  }

  async open(): Promise<void> {
    const { limits, log } = this.#options;
    const how = limits.backlog === undefined ? {} : { backlog: limits.backlog };
    await openEach(this.#acceptor.doors, {
      open: async ({ server, address }) => {
        await bind(server, address, how);
        return server;
      },
      close(server) {
        removeFileOf(server);
        stopAccepting(server);
      },
    });
    this.#fds = this.#acceptor.doors.map(({ server }) => fdOf(server));
    this.#slowLane.watchSlowHeads();
    if (this.#lanes !== undefined) this.#watches.use(this.#lanes.watchSilence());
    this.#watches.use(this.#pacer.start());
    this.#watches.use(watchUnread(this.#options.limits.clientTimeout, () => this.#acceptor.served()));
    for (const { server } of this.#acceptor.doors) {
      server.on('error', (error) => log.error({ err: error }, 'listener failed'));
    }
  }

  get port(): number {
    const { address } = this;
    return address.kind === 'tcp' ? address.port : 0;
  }

  /** The first. */
  get address(): Address {
    return this.addresses[0] ?? this.#options.listen;
  }

  get addresses(): readonly Address[] {
    return this.#acceptor.doors.map(addressOf);
  }

  get url(): string {
    return urlOf(this.address);
  }

  /** The first listening socket, for a process that is to go on with it; none in a worker. */
  get fd(): number | undefined {
    return this.#fds[0];
  }

  /** The others. */
  get alsoAt(): readonly { readonly url: string; readonly fd: number | undefined }[] {
    return this.addresses.map((address, at) => ({ url: urlOf(address), fd: this.#fds[at] })).slice(1);
  }

  get isDraining(): boolean {
    return this.#drain.hasBegun;
  }

  connections(): number {
    return this.#acceptor.size;
  }

  /** Requests that have been in flight for so long, in either lane. */
  underway(olderThanMs: number): readonly Underway[] {
    const now = performance.now();
    const slow = [...this.#connections.values()].flatMap(({ exchanges }) => exchanges.map(({ inbound }) => inbound));
    return [...slow, ...(this.#lanes?.underway ?? [])].flatMap(({ method, target, id, receivedAt }) => {
      const ms = Math.round(now - receivedAt);
      return ms >= olderThanMs ? [{ method, target, id, ms }] : [];
    });
  }

  /**
   * Stops listening once nothing waits to be accepted, lets what is in flight finish, cuts the rest at the deadline; `idleMs`:
   * another process has the socket, and for so long clients may still ask on connections that they have (milliseconds).
   */
  async drain(deadlineMs: number, idleMs?: number): Promise<'clean' | 'cut'> {
    const isElsewhere = idleMs !== undefined || this.#options.listen.isHeldElsewhere === true;
    if (isElsewhere || deadlineMs === 0) this.#stopAccepting();
    else this.#closed ??= Promise.all(this.#acceptor.doors.map((door) => this.#close(door))).then(() => undefined);
    this.#options.onDrain?.();
    return await this.#drain.begin({ deadlineMs, idleMs, closed: this.#closed });
  }

  #stopAccepting(): void {
    for (const { server } of this.#acceptor.doors) stopAccepting(server);
  }

  async #close({ server, address }: Door): Promise<void> {
    // In a worker that is handed its connections: the primary process takes no more before it tells.
    if (fdOf(server) === undefined) return stopAccepting(server);
    removeFileOf(server);
    const backlog = this.#options.limits.backlog ?? defaultBacklog;
    await closeWhenEmpty(handleOf(server), backlog, () => stopAccepting(server), abstractName(address));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopAccepting();
    await this.#drain.begin({ deadlineMs: 0 });
    this.#watches.dispose();
    this.#acceptor[Symbol.dispose]();
    this.#slowLane[Symbol.dispose]();
  }

  #take(socket: Socket, guest: Guest): void {
    if (this.#lanes !== undefined) this.#lanes.take(socket, guest);
    else this.#slowLane.admit(socket, guest);
  }

  get #front(): Front {
    return {
      size: this.#acceptor.size,
      isBusy: this.#lanes?.isBusy ?? false,
      endIdle: () => {
        this.#acceptor.endArriving();
        this.#lanes?.endIdle();
      },
      destroyAll: () => this.#acceptor.destroyAll(),
    };
  }

  #openLanes(fastLane: FastLane): Lanes {
    const { log } = this.#options;
    return new Lanes({
      ...this.#options,
      fastLane,
      isDraining: () => this.isDraining,
      endsIdle: () => this.#drain.endsIdle,
      admit: (standIn, guest) => this.#slowLane.admit(standIn, guest),
      onLast: (standIn) => this.#slowLane.onLast(standIn),
      onHeadTimeout: (standIn) => this.#slowLane.onHeadTimeout(standIn),
      onFailure: (error) => log.error({ err: error }, 'the fast lane failed'),
    });
  }
}

function addressOf({ server, address: asked }: Door): Address {
  if (asked.kind === 'unix') return { kind: 'unix', path: asked.path };
  const found = server.address() as AddressInfo | null;
  const host = asked.fd === undefined ? asked.host : (found?.address ?? asked.host);
  return { kind: 'tcp', host, port: found?.port ?? 0 };
}

function urlOf(address: Address): string {
  return address.kind === 'unix' ? formatAddress(address) : `http://${formatAddress(address)}`;
}
