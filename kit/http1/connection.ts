import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Inbound } from './inbound.ts';

/** How much of a refused request is still read, and for how long, so that a reset does not eat our answer. */
const lingerBytes = 1024 * 1024;
const lingerMs = 2_000;

/** A request that is being answered. */
export type InFlight = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly inbound: Inbound;
};

/** One client socket: what is in flight on it, and how it ends. */
export class Connection {
  // As long as the socket.
  readonly socket: Socket;
  readonly openedAt = performance.now();
  #isRefused = false;
  #isLingering = false;
  #countedBytes = 0;
  /** A tunnel after `101 Switching Protocols`: no HTTP is spoken on it any more. */
  isUpgraded = false;
  // As long as one request.
  readonly #inFlight = new Map<ServerResponse, InFlight>();

  constructor(socket: Socket) {
    this.socket = socket;
    // node:http ends a connection by closing it as soon as the answer is written. Bytes of the request that are still
    // on their way then make the kernel send a reset, which can take the answer from the client (RFC 9112 §9.6).
    const closeAtOnce = socket.destroySoon.bind(socket);
    socket.destroySoon = () => (this.#isAwaitingInput() ? this.linger() : closeAtOnce());
  }

  /** An error was answered that closes: nothing that follows on this connection is served. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  get isIdle(): boolean {
    return this.#inFlight.size === 0 && !this.isUpgraded;
  }

  begin(exchange: InFlight): void {
    this.#inFlight.set(exchange.response, exchange);
  }

  end(response: ServerResponse): void {
    this.#inFlight.delete(response);
  }

  /** The exchange whose answer is being written. */
  get current(): InFlight | undefined {
    for (const exchange of this.#inFlight.values()) return exchange;
    return undefined;
  }

  /** Bytes written since this was last asked: what the exchange that just ended has cost. */
  takeSentBytes(): number {
    const total = this.socket.bytesWritten;
    const since = total - this.#countedBytes;
    this.#countedBytes = total;
    return since;
  }

  markRefused(): void {
    this.#isRefused = true;
  }

  /** Writes a last answer behind what is still being answered, and closes. */
  refuse(bytes: Buffer): void {
    if (this.#isRefused) return;
    this.#isRefused = true;
    const current = this.current;
    if (current === undefined) this.#writeLast(bytes);
    else if (current.response.writableFinished) this.#writeLast(bytes);
    else current.response.once('close', () => this.#writeLast(bytes));
  }

  #writeLast(bytes: Buffer): void {
    if (!this.socket.writable) return void this.socket.destroy();
    this.socket.write(bytes);
    this.linger();
  }

  /** Half-closes and reads on for a short while before the socket goes (RFC 9112 §9.6). */
  linger(): void {
    if (this.#isLingering) return;
    this.#isLingering = true;
    const { socket } = this;
    const readBefore = socket.bytesRead;
    const deadline = performance.now() + lingerMs;
    socket.end();
    const watch = setInterval(() => {
      const isOver = socket.bytesRead - readBefore > lingerBytes || performance.now() > deadline;
      if (isOver || !this.#isAwaitingInput()) socket.destroy();
    }, 20);
    socket.once('end', () => socket.destroy());
    socket.once('close', () => clearInterval(watch));
    socket.resume();
  }

  /** May there be bytes of a request on their way that nobody has read? */
  #isAwaitingInput(): boolean {
    if (this.socket.destroyed || this.socket.readableEnded) return false;
    if (this.#isRefused) return true;
    const { current } = this;
    return current !== undefined && !current.request.complete;
  }
}
