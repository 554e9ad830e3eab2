/**
 * Where connections come in, before either lane: the listening sockets of a tier, who is connected (by the PROXY protocol
 * where a trusted peer speaks it), and who is one too many.
 */
import { EventEmitter } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { eachOf } from '../process/listening.ts';
import { plainAddress } from '../process/trusted-peers.ts';
import type { Address } from '../process/units.ts';
import { Fault } from '../semantics/fault.ts';
import { ClientCounts, type Entry } from './client-counts.ts';
import { Crowd, placeFor } from './crowd.ts';
import type { Guest } from './guest.ts';
import type { ListenOptions } from './listen-options.ts';
import { type Peer, peerOf } from './peer.ts';
import { readPreface } from './proxy-preface.ts';
import { Slots } from './slots.ts';

export type AcceptorOptions = Pick<ListenOptions, 'listen' | 'limits' | 'proxyProtocol' | 'trusted' | 'log'> & {
  /** To a lane. Of a guest with a `refusal` no request is read. */
  take(socket: Socket, guest: Guest): void;
  onClose(): void;
};

/** An address, and who listens there. */
export type Door = { readonly address: Address; readonly server: Server };

/** What a connection came in by; `at`: its place among all, from 0 on. */
type Way = { readonly kind: Address['kind']; readonly at: number };

/** `isUnknown`: the address is that of a proxy which does not know its client. */
type Arrived = Peer & { readonly isUnknown?: boolean; readonly prefaceBytes: number };

/** One for each listener; disposing it says what was not said yet of those that were refused. */
export class Acceptor implements Disposable {
  /** The first one first. */
  readonly doors: readonly Door[];
  readonly #options: AcceptorOptions;
  readonly #guests = new Slots<readonly [Socket, Guest]>();
  /** Of trusted peers, that have not said yet for whom they come. */
  readonly #arriving = new Set<Socket>();
  readonly #counts: ClientCounts;
  readonly #crowds: { readonly all: Crowd; readonly client: Crowd; readonly header: Crowd };

  constructor(options: AcceptorOptions) {
    this.#options = options;
    this.#counts = new ClientCounts(options.limits.maxConnectionsPerClient ?? 0);
    this.#crowds = crowdsOf(options);
    this.doors = eachOf(options.listen).map((address, at) => {
      const way = { kind: address.kind, at };
      const onConnection = (socket: Socket) => this.#onConnection(socket, way);
      return { address, server: createServer({ noDelay: true, allowHalfOpen: true }, onConnection) };
    });
  }

  /** How many sockets are open. */
  get size(): number {
    return this.#guests.size + this.#arriving.size;
  }

  guests(): Iterable<readonly [Socket, Guest]> {
    return this.#guests;
  }

  /** Those on which HTTP is spoken. */
  *served(): Generator<Socket> {
    for (const [socket, { isTunnel }] of this.#guests) if (!isTunnel) yield socket;
  }

  /** Closes what has not said yet for whom it comes. */
  endArriving(): void {
    for (const socket of this.#arriving) socket.destroy();
  }

  destroyAll(): void {
    this.endArriving();
    for (const [socket] of this.#guests) socket.destroy();
  }

  [Symbol.dispose](): void {
    for (const crowd of Object.values(this.#crowds)) crowd[Symbol.dispose]();
  }

  #onConnection(socket: Socket, way: Way): void {
    const { trusted, proxyProtocol = false } = this.#options;
    const peer = peerOf(socket, way.kind);
    if (proxyProtocol && trusted(peer.address)) this.#awaitPreface(socket, peer, way);
    else this.#admit(socket, { ...peer, prefaceBytes: 0 }, way);
  }

  #awaitPreface(socket: Socket, peer: Peer, way: Way): void {
    const { limits, onClose } = this.#options;
    if (this.#arriving.size >= limits.maxConnections) {
      this.#crowds.all.count(peer.address);
      return void socket.destroy();
    }
    this.#arriving.add(socket);
    socket.once('close', () => {
      if (this.#arriving.delete(socket)) onClose();
    });
    readPreface(socket, limits.headerTimeout, (preface) => {
      switch (preface.kind) {
        case 'bad':
          this.#crowds.header.count(`${peer.address}: ${preface.why}`);
          return void socket.destroy();
        case 'left':
          return void socket.destroy();
        case 'address':
          this.#arriving.delete(socket);
          return this.#admit(
            socket,
            { ...preface, address: plainAddress(preface.address), prefaceBytes: preface.length },
            way,
          );
        case 'local':
        case 'unknown':
          this.#arriving.delete(socket);
          return this.#admit(
            socket,
            { ...peer, isUnknown: preface.kind === 'unknown', prefaceBytes: preface.length },
            way,
          );
      }
    });
  }

  #admit(socket: Socket, { address, port, isUnknown, prefaceBytes }: Arrived, { kind, at }: Way): void {
    const { take, onClose } = this.#options;
    const trusted = this.#options.trusted(address);
    // A proxy has the connections of many clients, and of one that has reset its own nothing is known.
    const entry = trusted || address === 'unknown' || address === 'unix' ? undefined : this.#counts.enter(address);
    const place = placeFor(this.#guests.size, this.#options.limits.maxConnections);
    const refusal = this.#refusal(entry, place, address);
    if (entry === 'dropped' || place === 'none') {
      if (entry !== undefined) this.#counts.leave(address, entry);
      socket.destroy();
      return onClose();
    }
    // The fields of a client that the proxy does not know are not the proxy's word.
    const known = { address, port, trusted: trusted && isUnknown !== true };
    const peer = at === 0 ? known : { ...known, at };
    const guest: Guest = { peer, kind, prefaceBytes, refusal, isTunnel: false };
    const slot = this.#guests.add([socket, guest]);
    socket.on('close', () => {
      this.#guests.remove(slot);
      if (entry !== undefined) this.#counts.leave(address, entry);
      onClose();
      letGo(socket);
    });
    take(socket, guest);
  }

  /** As `limit_conn` of nginx, which answers 503 as well. */
  #refusal(entry: Entry | undefined, place: ReturnType<typeof placeFor>, address: string): Fault | undefined {
    const { maxConnections, maxConnectionsPerClient } = this.#options.limits;
    if (entry === 'refused' || entry === 'dropped') {
      this.#crowds.client.count(address);
      const what = `all ${maxConnectionsPerClient} connections that one client may have are in use`;
      return new Fault('too-many-connections', what);
    }
    if (place === 'free') return undefined;
    this.#crowds.all.count(address);
    return new Fault('too-many-connections', `all ${maxConnections} client connections are in use`);
  }
}

/**
 * Takes its listeners off a socket that says `close`, which they hear all the same. V8 keeps a function that lies in a field
 * until all of its memory is looked through, and with it what it refers to: by one that node:stream has there, the socket.
 */
function letGo(socket: Socket): void {
  // Not the stream's own, which asks the loop for a turn.
  EventEmitter.prototype.removeAllListeners.call(socket);
}

function crowdsOf({ log, limits: { maxConnections, maxConnectionsPerClient } }: AcceptorOptions) {
  const reason = 'too-many-connections';
  return {
    all: new Crowd((refused) => {
      log.error({ reason, refused, maxConnections }, 'client connections refused');
    }),
    client: new Crowd((refused, client) => {
      log.warn({ reason, refused, maxConnectionsPerClient, client }, 'connections of one client refused');
    }),
    header: new Crowd((refused, last) => {
      log.warn({ refused, last }, 'connections without a valid PROXY header closed');
    }),
  };
}
