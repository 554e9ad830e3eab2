import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Guest } from './guest.ts';
import { HeadWatch } from './head-watch.ts';
import type { Inbound } from './inbound.ts';
import { whyLingerEnds } from './lingering.ts';
import { type ClientSocket, StandIn } from './stand-in.ts';

/** With so many requests under way or waiting on one connection, nothing more is read from it. */
const mostWaiting = 32;

/** A request that is being answered. */
export type InFlight = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly inbound: Inbound;
};

/** One client socket: what is in flight on it, and how it ends. */
export class Connection {
  // As long as the socket.
  #socket: ClientSocket;
  readonly #guest: Guest;
  readonly watch = new HeadWatch();
  #requests = 0;
  #isRefused = false;
  #isLingering = false;
  #countedBytes = 0;
  /** A tunnel after `101 Switching Protocols`: no HTTP is spoken on it any more. */
  isUpgraded = false;
  /** The last answer is being made: what follows is not served, its answer would have no connection. */
  isEnding = false;
  /** It ends by our own word, which a client that pipelines has not heard when it sends more. */
  isCutShort = false;
  // As long as one request.
  readonly #inFlight = new Map<ServerResponse, InFlight>();
  readonly #sentBytes = new WeakMap<ServerResponse, number>();
  #lastExchange: InFlight | undefined;
  #isHeldBack = false;

  constructor(socket: ClientSocket, guest: Guest) {
    this.#socket = socket;
    this.#guest = guest;
    // node:http ends a connection by closing it as soon as the answer is written. Bytes of the request that are still
    // on their way then make the kernel send a reset, which can take the answer from the client (RFC 9112 §9.6).
    const closeAtOnce = socket.destroySoon.bind(socket);
    socket.destroySoon = () => (this.#isAwaitingInput() ? this.linger() : closeAtOnce());
  }

  get peer(): Guest['peer'] {
    return this.#guest.peer;
  }

  /** Has a byte ever come from the client? */
  get hasSpoken(): boolean {
    const isStandIn = this.#socket instanceof StandIn;
    return this.#socket.bytesRead > (isStandIn ? 0 : this.#guest.prefaceBytes);
  }

  get socket(): ClientSocket {
    return this.#socket;
  }

  /** Another protocol is spoken on it, and it speaks for itself. */
  becomes(socket: ClientSocket): void {
    this.#socket = socket;
    this.#countedBytes = socket.bytesWritten;
    this.isUpgraded = true;
    this.#guest.isTunnel = true;
  }

  /** An error was answered that closes: nothing that follows on this connection is served. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  get exchanges(): readonly InFlight[] {
    return [...this.#inFlight.values()];
  }

  get isIdle(): boolean {
    return this.#inFlight.size === 0 && !this.isUpgraded;
  }

  /** Do requests that have come wait for their turn, unseen here? */
  get hasMore(): boolean {
    return this.#socket instanceof StandIn && this.#socket.hasMore;
  }

  /** A head has come to its end, or will not: the time for it is no longer counted. */
  headCame(): void {
    if (this.#socket instanceof StandIn) this.#socket.headCame();
  }

  /** Can another request be answered on it? */
  get isReusable(): boolean {
    return this.isIdle && !this.#isRefused && !this.isEnding && this.#socket.writable;
  }

  /** Counts a request; `begin` does it. */
  countRequest(): void {
    this.#requests += 1;
  }

  /** Has the request come that is the last of so many? 0 is without a limit. */
  isLast(keepaliveRequests: number): boolean {
    return keepaliveRequests > 0 && this.#requests + this.#answeredBefore >= keepaliveRequests;
  }

  get #answeredBefore(): number {
    return this.#socket instanceof StandIn ? this.#socket.answeredElsewhere : 0;
  }

  /** Tells the client that this answer is the last on its connection, if the head is not out yet; what follows is not served. */
  endWith(response: ServerResponse): void {
    if (response.headersSent) return;
    response.shouldKeepAlive = false;
    this.isEnding = true;
  }

  /** Returns the exchange before it, if that is not over. */
  begin(exchange: InFlight): InFlight | undefined {
    const { response, request } = exchange;
    const before = this.#lastExchange;
    const isOver = before === undefined || !this.#inFlight.has(before.response);
    this.countRequest();
    this.#inFlight.set(response, exchange);
    this.#lastExchange = exchange;
    // Behind the parser, which reads on after each request of a packet.
    if (this.#inFlight.size === mostWaiting) process.nextTick(() => this.#holdBack());
    // First of all listeners: node:http's own lets the next pipelined answer write.
    response.prependOnceListener('finish', () => this.#sentBytes.set(response, this.takeSentBytes()));
    if (request.httpVersion === '1.0') this.#breakByReset(response);
    return isOver ? undefined : before;
  }

  /** The response has closed. Returns the bytes that were sent for it. */
  end(response: ServerResponse): number {
    this.#inFlight.delete(response);
    if (this.#isHeldBack && this.#inFlight.size < mostWaiting) this.#resume();
    return this.#sentBytes.get(response) ?? this.takeSentBytes();
  }

  /**
   * Serves a request once the answer to the one before it is out, unless that closed the connection. One after another
   * (RFC 9112 §9.3.2): nothing behind an error that closes is served, and a client has one request at work at a time.
   */
  inTurn(before: InFlight | undefined, serve: () => void): void {
    if (before === undefined) return serve();
    before.response.once('close', () => {
      if (this.socket.writable) serve();
    });
  }

  /** The exchange whose answer is being written. */
  get current(): InFlight | undefined {
    for (const exchange of this.#inFlight.values()) return exchange;
    return undefined;
  }

  /** The exchange that came last; only its request can be incomplete. */
  get last(): InFlight | undefined {
    return [...this.#inFlight.values()].at(-1);
  }

  /** Stops reading where too many requests wait. */
  #holdBack(): void {
    if (this.#inFlight.size < mostWaiting || this.#isLingering) return;
    this.#isHeldBack = true;
    this.socket.pause();
  }

  #resume(): void {
    this.#isHeldBack = false;
    this.socket.resume();
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

  /** Writes a last answer behind what is still being answered, and closes, after `mostMs` in any case. */
  refuse(bytes: Buffer, mostMs?: number): void {
    if (this.#isRefused) return;
    this.#isRefused = true;
    this.headCame();
    const { last } = this;
    if (last === undefined || last.response.writableFinished) this.#writeLast(bytes, mostMs);
    else last.response.once('close', () => this.#writeLast(bytes, mostMs));
  }

  #writeLast(bytes: Buffer, mostMs: number | undefined): void {
    if (!this.socket.writable) return void this.socket.destroy();
    this.socket.write(bytes);
    this.linger(mostMs);
  }

  /** Half-closes and reads on for a while before the socket goes (RFC 9112 §9.6). */
  linger(mostMs?: number): void {
    if (this.#isLingering) return;
    this.#isLingering = true;
    const { socket } = this;
    let begunAt = performance.now();
    let [heard, heardAt] = [socket.bytesRead, begunAt];
    socket.end();
    // The client may have to take much before it comes to the end: how long that may take is not this clock's business.
    socket.once('finish', () => {
      begunAt = performance.now();
    });
    const watch = setInterval(() => {
      const now = performance.now();
      if (socket.bytesRead > heard) [heard, heardAt] = [socket.bytesRead, now];
      if (mostMs === undefined && !socket.writableFinished) return;
      if (whyLingerEnds({ begunAt, heardAt, mostMs }, now) || !this.#isAwaitingInput()) socket.destroy();
    }, 20);
    socket.once('end', () => socket.destroy());
    socket.once('close', () => clearInterval(watch));
    socket.resume();
    // A body that somebody stopped reading half-way would stop the socket as well.
    this.#lastExchange?.request.resume();
  }

  /** May there be bytes of a request on their way that nobody has read? */
  #isAwaitingInput(): boolean {
    if (this.socket.destroyed || this.socket.readableEnded) return false;
    const isBehindTheLast = this.isEnding && (this.isCutShort || this.watch.isAhead);
    return this.#isRefused || isBehindTheLast || this.#lastExchange?.request.complete === false;
  }

  /** Where the end of the connection is the end of the body (HTTP/1.0), only a reset tells a broken answer from a whole one. */
  #breakByReset(response: ServerResponse): void {
    const { socket } = this;
    const destroy = response.destroy.bind(response);
    response.destroy = (error) => {
      const isOnWire = response.socket === socket && response.headersSent && !response.writableFinished;
      if (isOnWire && this.#guest.kind !== 'unix') socket.resetAndDestroy();
      return destroy(error);
    };
  }
}
