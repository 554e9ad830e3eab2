/**
 * The slow lane: `node:http`, the platform's hardened parser, with the strictness, limits, draining and records that
 * it lacks. Owns the client's side of an exchange; what is answered is the handler's business.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ExchangeRecord } from '../process/exchange-record.ts';
import type { Log } from '../process/log.ts';
import { newRequestId } from '../process/request-id.ts';
import { type Address, formatAddress } from '../process/units.ts';
import { Fault, type Tier, toFault } from '../semantics/fault.ts';
import { answerFault } from './answer.ts';
import { bind, stopAccepting } from './bind.ts';
import { Connection } from './connection.ts';
import { Drain } from './drain.ts';
import { exchangeRecord, refusedRecord, upgradeRecord } from './exchange.ts';
import { type Inbound, inboundOf } from './inbound.ts';
import { type ParserError, refusalBytes, refusalOf } from './refusal.ts';
import { judgeSilence } from './silence.ts';
import { announcesBody, asksForWebSocket, type HeadLimits, type Judgement, judge } from './strictness.ts';

export type Limits = HeadLimits & {
  readonly maxConnections: number;
  readonly headerTimeout: number;
  readonly idleTimeout: number;
  readonly clientTimeout: number;
};

/** Answers one request. A rejection becomes an error page, or a broken transfer once the head is out. */
export type Handler = (inbound: Inbound, response: ServerResponse) => void | Promise<void>;
/** Takes over a socket that asked for a WebSocket; `head` are bytes that came behind the request. */
export type UpgradeHandler = (inbound: Inbound, socket: Socket, head: Buffer) => void | Promise<void>;

export type ListenOptions = {
  readonly tier: Tier;
  readonly listen: Address;
  readonly limits: Limits;
  trusted(address: string): boolean;
  readonly onRequest: Handler;
  readonly onUpgrade?: UpgradeHandler;
  /** Draining has begun: tunnels and other endless answers should end. */
  onDrain?(): void;
  onExchange(record: ExchangeRecord): void;
  readonly log: Log;
};

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
  readonly #server: Server;
  readonly #connections = new Map<Socket, Connection>();
  readonly #drain = new Drain(this.#connections);

  constructor(options: ListenOptions) {
    const { limits } = options;
    this.#options = options;
    this.#server = createServer({
      // Beyond our own limits, so that a head or target within the parser's reach is judged, and named, by us.
      maxHeaderSize: limits.maxHead + limits.maxTarget,
      headersTimeout: limits.headerTimeout,
      requestTimeout: 0,
      keepAliveTimeout: limits.idleTimeout,
      connectionsCheckingInterval: Math.min(Math.max(limits.headerTimeout / 4, 50), 1_000),
      requireHostHeader: false,
      insecureHTTPParser: false,
      noDelay: true,
      shouldUpgradeCallback: (request) => options.onUpgrade !== undefined && asksForWebSocket(request.rawHeaders),
    });
    this.#server.timeout = limits.clientTimeout;
    this.#server.maxHeadersCount = limits.maxFields + 1;
    this.#server.on('connection', (socket) => this.#onConnection(socket));
    this.#server.on('request', (request, response) => this.#onRequest(request, response));
    this.#server.on('checkContinue', (request, response) => this.#onExpect(request, response));
    this.#server.on('checkExpectation', (request, response) => this.#onRequest(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket as Socket, head));
    this.#server.on('connect', (request, socket) => this.#refuseRaw(socket as Socket, this.#judge(request)));
    this.#server.on('clientError', (error: ParserError, socket) => this.#onParserError(error, socket as Socket));
    this.#server.on('timeout', (socket) => this.#onSilence(socket));
  }

  async open(): Promise<void> {
    await bind(this.#server, this.#options.listen);
    this.#server.on('error', (error) => this.#options.log.error({ err: error }, 'listener failed'));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? 0;
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
    return this.#connections.size;
  }

  /** Stops listening, lets what is in flight finish, cuts the rest at the deadline (milliseconds). */
  async drain(deadlineMs: number): Promise<'clean' | 'cut'> {
    stopAccepting(this.#server);
    this.#options.onDrain?.();
    return await this.#drain.begin(deadlineMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    stopAccepting(this.#server);
    await this.#drain.begin(0);
    this.#server.closeAllConnections();
  }

  #onConnection(socket: Socket): void {
    const connection = new Connection(socket);
    this.#connections.set(socket, connection);
    socket.once('close', () => {
      this.#connections.delete(socket);
      this.#drain.connectionClosed();
    });
    if (this.#connections.size <= this.#options.limits.maxConnections) return;
    const { maxConnections } = this.#options.limits;
    this.#refuse(connection, new Fault('too-many-connections', `all ${maxConnections} client connections are in use`));
  }

  #judge(request: IncomingMessage): Judgement {
    const { method = '', url = '', httpVersion, rawHeaders } = request;
    return judge({ method, target: url, version: httpVersion, fields: rawHeaders }, this.#options.limits);
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#connections.get(request.socket);
    // Behind an answer that closes nothing is served: what follows may be the body of what was refused.
    if (connection === undefined || connection.isRefused) return;
    const judgement = this.#judge(request);
    const fields = judgement.verdict === 'accept' ? judgement : { target: request.url ?? '', host: '', fields: [] };
    const inbound = inboundOf(request, fields, this.#options.trusted);
    connection.begin({ request, response, inbound });
    this.#drain.mark(response);
    response.once('close', () => this.#over(connection, inbound, response));
    response.on('error', (error) => this.#options.log.debug({ err: error, id: inbound.id }, 'response failed'));
    if (judgement.verdict === 'refuse') {
      connection.markRefused();
      response.shouldKeepAlive = false;
      answerFault(this.#options.tier, inbound, response, judgement.fault);
      return;
    }
    this.#handle(inbound, response).catch((error: unknown) => {
      answerFault(this.#options.tier, inbound, response, toFault(error));
    });
  }

  async #handle(inbound: Inbound, response: ServerResponse): Promise<void> {
    await this.#options.onRequest(inbound, response);
  }

  /** `100 Continue` goes out when the body is first wanted, so that an early refusal costs the client nothing. */
  #onExpect(request: IncomingMessage, response: ServerResponse): void {
    const read = request._read.bind(request);
    // Without a 100 the client may send the body all the same, or never: the connection cannot be used again.
    response.shouldKeepAlive = false;
    request._read = (size) => {
      request._read = read;
      if (!response.headersSent) {
        response.shouldKeepAlive = !this.isDraining;
        response.writeContinue();
      }
      read(size);
    };
    this.#onRequest(request, response);
  }

  #onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const connection = this.#connections.get(socket);
    socket.on('error', (error) => this.#options.log.debug({ err: error }, 'upgraded socket failed'));
    const judgement = this.#judge(request);
    if (connection === undefined || judgement.verdict === 'refuse') return this.#refuseRaw(socket, judgement);
    if (announcesBody(request.rawHeaders)) {
      return this.#refuse(connection, new Fault('bad-framing', 'an upgrade request may not have a body'));
    }
    const inbound = inboundOf(request, judgement, this.#options.trusted);
    connection.isUpgraded = true;
    socket.setTimeout(0);
    const { onUpgrade, onExchange, log, tier } = this.#options;
    socket.once('close', () => onExchange(upgradeRecord(inbound, 101, connection.takeSentBytes())));
    Promise.try(() => onUpgrade?.(inbound, socket, head)).catch((error: unknown) => {
      log.error({ err: error, id: inbound.id }, 'upgrade failed');
      connection.refuse(refusalBytes(tier, toFault(error), inbound.id));
    });
  }

  #onParserError(error: ParserError, socket: Socket): void {
    const connection = this.#connections.get(socket);
    const fault = refusalOf(error, this.#options.limits.maxTarget);
    if (connection === undefined || fault === undefined || connection.isUpgraded) return void socket.destroy();
    this.#refuse(connection, fault);
  }

  /** CONNECT reaches `node:http` as a socket; it is refused like any other bad request. */
  #refuseRaw(socket: Socket, judgement: Judgement): void {
    const connection = this.#connections.get(socket);
    const fault = judgement.verdict === 'refuse' ? judgement.fault : new Fault('bad-request', 'malformed request');
    if (connection) this.#refuse(connection, fault);
    else socket.destroy();
  }

  #refuse(connection: Connection, fault: Fault): void {
    if (connection.isRefused) return;
    const { tier, onExchange } = this.#options;
    const id = newRequestId();
    const bytes = refusalBytes(tier, fault, id);
    connection.refuse(bytes);
    onExchange(refusedRecord(connection.socket, fault, id, bytes.length));
  }

  #onSilence(socket: Socket): void {
    const connection = this.#connections.get(socket);
    const { tier, limits } = this.#options;
    const silence = judgeSilence(connection, limits.clientTimeout);
    switch (silence.verdict) {
      case 'wait':
        return void socket.setTimeout(limits.clientTimeout);
      case 'close':
        return void socket.destroy();
      case 'refuse':
        connection?.markRefused();
        return answerFault(tier, silence.exchange.inbound, silence.exchange.response, silence.fault);
    }
  }

  #over(connection: Connection, inbound: Inbound, response: ServerResponse): void {
    connection.end(response);
    this.#drain.exchangeOver(connection);
    this.#options.onExchange(exchangeRecord(inbound, response, connection.takeSentBytes()));
  }
}
