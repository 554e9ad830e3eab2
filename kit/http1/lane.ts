/**
 * One client connection on two lanes. The lane reads heads, answers from memory what the tier has ready, and hands the
 * rest, bytes untouched, to node:http by way of a stand-in for the socket: a plain request alone, and the connection back
 * when it is answered; from the first that is not plain on, everything. What was pipelined behind a request in the slow
 * lane waits for its turn, so answers keep the order of their requests (RFC 9112 §9.3.2).
 */
import type { Socket } from 'node:net';
import type { Guest } from './guest.ts';
import { plainInbound } from './inbound.ts';
import { Inflow } from './inflow.ts';
import type { LaneShare } from './lane-share.ts';
import { LaneWriter } from './lane-writer.ts';
import { longestBeginning, mayBePlain, type PlainHead, readPlainHead } from './plain-head.ts';
import { StandIn } from './stand-in.ts';

/**
 * `reading`: the lane has the connection. `giving`: the client has not taken an answer yet. `lent`: one request is in the
 * slow lane. `open`: all that comes is the slow lane's. `over`: the last answer is out, or another protocol is spoken.
 */
type Stage = 'reading' | 'giving' | 'lent' | 'open' | 'over';

export class Lane {
  // As long as the listener.
  readonly #share: LaneShare;
  // As long as the socket.
  readonly socket: Socket;
  readonly #guest: Guest;
  readonly #writer: LaneWriter;
  readonly #inflow = new Inflow();
  #standIn: StandIn | undefined;
  #stage: Stage = 'reading';
  #hasEnded = false;
  /** Found valid before. */
  #host: string | undefined;
  #requests = 0;
  /** When it came, was last heard of, or came back; `performance.now()`. */
  #heardAt = performance.now();
  /** Of these, without the slow lane. */
  #answered = 0;
  // As long as one head that comes in parts.
  #headTimer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, guest: Guest, share: LaneShare) {
    this.socket = socket;
    this.#guest = guest;
    this.#share = share;
    const { fastLane, scratch } = share;
    this.#writer = new LaneWriter(socket, scratch, ({ inbound, answer }, given) => {
      fastLane.onAnswered(inbound, answer, given);
    });
    socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    socket.on('end', () => this.#onEnd());
    socket.on('timeout', () => this.#onTimeout());
    socket.on('error', (error) => this.#standIn?.destroy(error));
    socket.on('close', () => this.#onClose());
  }

  /** Has it an answer on its way, outside the slow lane? */
  get isBusy(): boolean {
    return this.#writer.isPending;
  }

  /** Hands all of the connection to the slow lane. */
  giveUp(): StandIn {
    this.#writer.flush(() => undefined);
    this.#stage = 'open';
    const standIn = this.#slowLane();
    // What comes may be no request at all; node:http would set no time for that.
    if (!this.socket.timeout) this.socket.setTimeout(this.#share.limits.clientTimeout);
    if (this.#inflow.length > 0) standIn.feed(this.#inflow.takeAll());
    if (this.#hasEnded) standIn.push(null);
    return standIn;
  }

  /** Closes behind what is being written, unless more was asked for. The slow lane ends what it has itself. */
  endIdle(): void {
    const isIdle = this.#stage === 'giving' ? this.#inflow.length === 0 : this.#stage === 'reading';
    if (isIdle) this.#close();
  }

  #close(): void {
    this.#stage = 'over';
    if (this.isBusy) this.socket.setTimeout(this.#share.limits.clientTimeout);
    this.socket.destroySoon();
  }

  #onData(bytes: Buffer): void {
    switch (this.#stage) {
      case 'reading':
        this.#heardAt = performance.now();
        this.#inflow.add(bytes);
        return this.#read();
      case 'open':
        if (this.#standIn?.feed(bytes) === false) this.socket.pause();
        return;
      case 'giving':
      case 'lent':
        this.#inflow.add(bytes);
        if (this.#isFull) this.socket.pause();
        return;
      case 'over':
    }
  }

  /** That a client leaves is noticed by reading on while it waits, up to what it may have pipelined. */
  get #isFull(): boolean {
    return (this.#stage === 'giving' || this.#stage === 'lent') && this.#inflow.length > this.#share.limits.maxHead;
  }

  /** Answers heads as they stand, until one is for the slow lane or the client has to take its answers first. */
  #read(): void {
    while (this.#stage === 'reading') {
      const bytes = this.#inflow.next();
      if (bytes === undefined) break;
      this.#requests += 1;
      const head = readPlainHead(bytes.toString('latin1'), this.#share.limits, this.#host);
      // Behind the last request nothing is served; the slow lane reads it away, so that no reset eats the answer.
      if (head === undefined || (this.#inflow.length > 0 && this.#endsWith(head))) {
        this.#inflow.putBack(bytes);
        return void this.giveUp();
      }
      this.#take(head, bytes);
    }
    if (this.#stage === 'reading') this.#flush();
    if (this.#stage === 'reading') this.#await();
  }

  #take(head: PlainHead, bytes: Buffer): void {
    this.#host = head.host;
    if (this.#headTimer !== undefined) this.#stopHeadTimer();
    const inbound = plainInbound(head, this.#guest.peer, this.#share, this.#heardAt);
    const answer = this.#share.fastLane.answer(inbound);
    if (answer === undefined) return this.#lend(bytes, this.#endsWith(head));
    this.#answered += 1;
    const isLast = this.#endsWith(head) || (this.#share.isDraining() && this.#inflow.length === 0);
    const mayFollow = this.#writer.add({ inbound, answer }, this.#share.tail(answer.hasDate, isLast));
    if (isLast) {
      if (!head.isLast && !this.#share.isDraining()) return this.#share.onLast(this.giveUp());
      this.#writer.flush(() => undefined);
      return this.#close();
    }
    if (!mayFollow) this.#flush();
  }

  /** Is this the last request of its connection, by its own word or by the limit? */
  #endsWith(head: PlainHead): boolean {
    const { keepaliveRequests } = this.#share.limits;
    return head.isLast || (keepaliveRequests > 0 && this.#requests >= keepaliveRequests);
  }

  #flush(): void {
    if (this.#writer.flush(this.#onTaken)) return;
    this.#stage = 'giving';
    this.socket.setTimeout(this.#share.limits.clientTimeout);
  }

  readonly #onTaken = () => {
    if (this.#stage === 'giving') this.#goOn();
  };

  /** The connection is the lane's again: on with what was asked meanwhile. */
  #goOn(): void {
    if (this.socket.destroyed) return;
    this.#stage = 'reading';
    this.#heardAt = performance.now();
    if (this.socket.timeout) this.socket.setTimeout(0);
    this.#read();
    if (this.socket.isPaused() && !this.#isFull) this.socket.resume();
  }

  /** For the rest of a head, as long as that may take; what is no beginning of a plain one is the slow lane's to judge. */
  #await(): void {
    const { maxHead, maxTarget, headerTimeout } = this.#share.limits;
    if (this.#inflow.length === 0) {
      if (this.#hasEnded) this.socket.end();
      else if (this.#share.endsIdle()) this.#close();
      return;
    }
    // What may be refused before its end has come is the slow lane's to refuse, then as now.
    const isShort = this.#inflow.length <= Math.min(maxHead, maxTarget);
    const mayBecome = isShort && mayBePlain(this.#inflow.beginning(longestBeginning));
    if (this.#hasEnded || !mayBecome) return void this.giveUp();
    this.#headTimer ??= setTimeout(() => this.#share.onHeadTimeout(this.giveUp()), headerTimeout);
  }

  /** One request goes through the slow lane; the connection comes back when it is answered, unless that was the last. */
  #lend(bytes: Buffer, isLast: boolean): void {
    this.#writer.flush(() => undefined);
    this.#stage = isLast ? 'open' : 'lent';
    this.#slowLane().feed(bytes);
    if (this.#hasEnded) this.#tellEnd();
  }

  #slowLane(): StandIn {
    if (this.#standIn !== undefined) return this.#standIn;
    const standIn = new StandIn({
      socket: this.socket,
      onRead: () => {
        if (this.#stage === 'open') this.socket.resume();
      },
      hasMore: () => this.#inflow.length > 0,
      answered: () => this.#answered,
      onHead: () => this.#stopHeadTimer(),
      onReturn: () => {
        if (this.#stage === 'lent') this.#goOn();
      },
      onRelease: () => {
        this.#stage = 'over';
      },
    });
    this.#share.admit(standIn, this.#guest);
    this.#standIn = standIn;
    return standIn;
  }

  #onEnd(): void {
    this.#hasEnded = true;
    if (this.#stage === 'open' || this.#stage === 'lent') this.#tellEnd();
    if (this.#stage === 'reading') this.#await();
  }

  // To node:http a client that ends its side while its answer is made has left, unless half-closed clients are answered.
  #tellEnd(): void {
    const isAwaited = this.#share.answersHalfClosed && this.#stage === 'lent' && this.#inflow.length > 0;
    if (!isAwaited) this.#standIn?.push(null);
  }

  /** Closes a connection on which nothing is asked. A head that takes its time has a timer of its own. */
  endIfSilent(now: number): void {
    if (this.#stage !== 'reading' || this.#headTimer !== undefined) return;
    const mostMs = this.#requests === 0 ? this.#share.newMs : this.#share.idleMs;
    if (now - this.#heardAt >= mostMs) this.socket.destroy();
  }

  #onTimeout(): void {
    if (this.#stage === 'open' || this.#stage === 'lent') this.#standIn?.emit('timeout');
    else this.socket.destroy();
  }

  #onClose(): void {
    this.#stage = 'over';
    this.#stopHeadTimer();
  }

  #stopHeadTimer(): void {
    clearTimeout(this.#headTimer);
    this.#headTimer = undefined;
  }
}
