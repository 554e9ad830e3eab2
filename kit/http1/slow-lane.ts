/**
 * The slow lane: `node:http`, the platform's hardened parser, with the strictness, limits and records that it lacks. Owns
 * the client's side of an exchange; what is answered is the handler's business.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Fault, toFault } from '../semantics/fault.ts';
import { answerFault } from './answer.ts';
import { type HeadsOf, requestHeads, watchAnswer } from './answer-heads.ts';
import { Connection } from './connection.ts';
import type { Drain } from './drain.ts';
import { exchangeRecord, upgradeRecord } from './exchange.ts';
import { continueOnRead } from './expectation.ts';
import type { Guest } from './guest.ts';
import { answerHalfClosed } from './half-closed.ts';
import { type Inbound, inboundOf } from './inbound.ts';
import type { ListenOptions } from './listen-options.ts';
import { nodeServer } from './node-server.ts';
import { OddFields } from './odd-fields.ts';
import { headTimeout, judgeParserError, type ParserError } from './refusal.ts';
import { refuse, refuseInTurn } from './refuse.ts';
import { judgeSilence } from './silence.ts';
import { type ClientSocket, StandIn } from './stand-in.ts';
import { faultOf, type Judgement } from './strictness.ts';
import { handOver, socketOf, whyNoUpgrade } from './upgrade.ts';
import { isLastOn, judgeRequest, watchHeads } from './watched.ts';

type Over = { readonly inbound: Inbound; readonly response: ServerResponse; readonly headsOf: HeadsOf | undefined };

/** One for each listener; disposing it cuts what is left. */
export class SlowLane implements Disposable {
  // As long as the listener.
  readonly #options: ListenOptions;
  readonly #connections: Map<Duplex, Connection>;
  readonly #drain: Drain;
  readonly #oddFields: OddFields | undefined;
  /** Never listens: it gets what is admitted. */
  readonly server: Server;

  /** Each connection is in `connections` as long as it is open: there `drain` finds those that it ends. */
  constructor(options: ListenOptions, connections: Map<Duplex, Connection>, drain: Drain) {
    this.#options = options;
    this.#connections = connections;
    this.#drain = drain;
    this.#oddFields = options.oddFields && new OddFields(options.oddFields, options.log);
    this.server = nodeServer(options.limits, options.onUpgrade !== undefined);
    if (options.answersHalfClosed) answerHalfClosed(this.server);
    this.server.on('request', (request, response) => this.#onRequest(request, response));
    this.server.on('checkContinue', (request, response) => {
      const connection = this.#connections.get(request.socket);
      continueOnRead(request, response, () => !this.#drain.hasBegun && connection?.isEnding === false);
      this.#onRequest(request, response);
    });
    this.server.on('checkExpectation', (request, response) => this.#onRequest(request, response));
    this.server.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head));
    this.server.on('connect', (request, socket) => this.#refuseRaw(socket, faultOf(this.#judge(request, socket))));
    this.server.on('clientError', (error: ParserError, socket) => this.#onParserError(error, socket));
    this.server.on('timeout', (socket) => this.#onSilence(socket));
  }

  /** Begins to look for heads that take too long, which node:http does only once it listens. */
  watchSlowHeads(): void {
    this.server.emit('listening');
  }

  /** Takes a connection, as it came or from the fast lane; one that is refused hears so. */
  admit(socket: ClientSocket, guest: Guest): void {
    this.server.emit('connection', socket);
    this.#onConnection(socket, guest);
  }

  /** The last answer that a connection may have is written: what still comes is read away, so that no reset eats it. */
  onLast(standIn: StandIn): void {
    const connection = this.#connections.get(standIn);
    connection?.markRefused();
    connection?.linger();
  }

  /** A head that came in parts has had all the time that it may take. */
  onHeadTimeout(standIn: StandIn): void {
    this.#refuseRaw(standIn, headTimeout());
  }

  [Symbol.dispose](): void {
    this.server.closeAllConnections();
    // Also ends the timer with which node:http looks for slow heads.
    this.server.close();
  }

  #onConnection(socket: ClientSocket, guest: Guest): void {
    const connection = new Connection(socket, guest);
    this.#connections.set(socket, connection);
    watchHeads(connection, this.#options.limits, (fault) => refuse(this.#options, connection, fault));
    // node:http lets go of its own listener at CONNECT and Upgrade; without one an error would end the process.
    socket.on('error', (error) => this.#options.log.debug({ err: error }, 'client socket failed'));
    socket.once('close', () => {
      this.#connections.delete(socket);
      this.#drain.connectionClosed();
    });
    if (guest.refusal !== undefined) refuse(this.#options, connection, guest.refusal);
  }

  #judge(request: IncomingMessage, socket: Duplex): Judgement {
    const connection = this.#connections.get(socket);
    connection?.headCame();
    return judgeRequest(request, connection, this.#options.limits);
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#connections.get(request.socket);
    // Behind an answer that closes nothing is served: what follows may be the body of what was refused.
    if (connection === undefined || connection.isRefused || connection.isEnding) return;
    const judgement = this.#judge(request, request.socket);
    const fields = judgement.verdict === 'accept' ? judgement : { target: request.url ?? '', host: '', fields: [] };
    const inbound = this.#inbound(connection, request, fields);
    const exchange = { request, response, inbound };
    const before = connection.begin(exchange);
    this.#drain.mark(connection, response);
    if (isLastOn(connection, request, this.#options.limits)) {
      connection.endWith(response);
      connection.isCutShort = true;
    }
    const headsOf = this.#options.needsHeads ? watchAnswer(inbound, response) : undefined;
    response.once('close', () => this.#over(connection, { inbound, response, headsOf }));
    response.on('error', (error) => this.#options.log.debug({ err: error, id: inbound.id }, 'response failed'));
    if (judgement.verdict === 'refuse') return refuseInTurn(this.#options, connection, exchange, judgement.fault);
    connection.inTurn(before, () => void this.#handle(inbound, response));
  }

  #inbound({ peer }: Connection, request: IncomingMessage, judged: Parameters<typeof inboundOf>[1]): Inbound {
    const fields = this.#oddFields?.sift(judged.fields) ?? judged.fields;
    return inboundOf(request, { ...judged, fields }, { peer, trusted: this.#options.trusted });
  }

  async #handle(inbound: Inbound, response: ServerResponse): Promise<void> {
    try {
      await this.#options.onRequest(inbound, response);
    } catch (error) {
      answerFault(this.#options.tier, inbound, response, toFault(error));
    }
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Where a body is announced node:http gives another stream in place of the socket.
    const connection = this.#connections.get(request.socket);
    // As behind any answer that closes; node:http has let go of the socket, and what still comes is read away.
    if (connection?.isRefused || connection?.isEnding) return void request.socket.resume();
    const { onUpgrade, onExchange, tier } = this.#options;
    const judgement = this.#judge(request, request.socket);
    if (!connection || !onUpgrade || judgement.verdict === 'refuse') {
      return this.#refuseRaw(request.socket, faultOf(judgement));
    }
    const why = whyNoUpgrade(connection, request);
    if (why !== undefined) return refuse(this.#options, connection, new Fault('bad-framing', why));
    const inbound = this.#inbound(connection, request, judgement);
    void handOver(connection, inbound, { ...socketOf(socket, head), tier, onUpgrade }).then((end) => {
      const record = upgradeRecord(inbound, end, connection.takeSentBytes());
      onExchange(this.#options.needsHeads ? { ...record, heads: requestHeads(inbound) } : record);
    });
  }

  #onParserError(error: ParserError, socket: Duplex): void {
    const connection = this.#connections.get(socket);
    if (connection === undefined || connection.isUpgraded) return void socket.destroy();
    const { last } = connection;
    const broken = last?.request.complete === false ? last : undefined;
    const { limits } = this.#options;
    const { hasSpoken } = connection;
    const { head } = connection.watch;
    const refusal = judgeParserError(error, { limits, head, hasSpoken, isInBody: broken !== undefined });
    switch (refusal.verdict) {
      case 'ignore':
        return connection.markRefused();
      case 'wait':
        return;
      case 'close':
        return void socket.destroy();
      case 'refuse':
        if (broken) return refuseInTurn(this.#options, connection, broken, refusal.fault);
        return refuse(this.#options, connection, refusal.fault);
    }
  }

  /** Refuses what never became a request, in bytes; a connection that is not known is closed. */
  #refuseRaw(socket: Duplex, fault: Fault): void {
    const connection = this.#connections.get(socket);
    if (connection) refuse(this.#options, connection, fault);
    else socket.destroy();
  }

  #onSilence(socket: Duplex): void {
    const connection = this.#connections.get(socket);
    const { limits } = this.#options;
    const silence = judgeSilence(connection, limits.clientTimeout);
    switch (silence.verdict) {
      case 'wait':
        return void connection?.socket.setTimeout(limits.clientTimeout);
      case 'close':
        return void socket.destroy();
      case 'refuse':
        return refuseInTurn(this.#options, silence.connection, silence.exchange, silence.fault);
    }
  }

  #over(connection: Connection, { inbound, response, headsOf }: Over): void {
    const bytes = connection.end(response);
    this.#drain.exchangeOver(connection);
    this.#options.onExchange(exchangeRecord(inbound, response, bytes, headsOf));
    if (connection.isReusable && connection.socket instanceof StandIn) connection.socket.handBack();
  }
}
