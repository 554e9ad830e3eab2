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
import { LaneClock } from './lane-clock.ts';
import { LaneCount } from './lane-count.ts';
import { LaneHeads } from './lane-heads.ts';
import { LaneSeat } from './lane-seat.ts';
import type { LaneShare } from './lane-share.ts';
import { type Stage, waits } from './lane-stage.ts';
import { LaneWriter } from './lane-writer.ts';
import type { PlainHead } from './plain-head.ts';
import { isTakenBy, StandIn } from './stand-in.ts';

export class Lane {
  // As long as the listener.
  readonly #share: LaneShare;
  // As long as the socket.
  readonly socket: Socket;
  readonly #guest: Guest;
  readonly #writer: LaneWriter;
  readonly #seat: LaneSeat | undefined;
  readonly #heads: LaneHeads;
  readonly #inflow = new Inflow();
  #standIn: StandIn | undefined;
  #stage: Stage = 'reading';
  #hasEnded = false;
  readonly #count: LaneCount;
  readonly #clock = new LaneClock();

  constructor(socket: Socket, guest: Guest, share: LaneShare) {
    this.socket = socket;
    this.#guest = guest;
    this.#share = share;
    const { fastLane, scratch, limits } = share;
    this.#count = new LaneCount(limits.keepaliveRequests);
    this.#heads = new LaneHeads(this.#inflow, this.#count, limits);
    this.#writer = new LaneWriter(socket, scratch, fastLane);
    this.#seat = fastLane.serve && this.#newSeat();
    socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    socket.on('end', () => this.#onEnd());
    socket.on('timeout', () => this.#onTimeout());
    socket.on('error', (error) => this.#standIn?.destroy(error));
    socket.on('close', () => this.#onClose());
  }

  /** Has it an answer on its way, outside the slow lane? */
  get isBusy(): boolean {
    return this.#writer.isPending || this.#stage === 'taken';
  }

  get underway() {
    return [...this.#writer.untaken, ...(this.#seat?.underway ?? [])];
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
    this.#seat?.abandon();
    // Nothing is left to be sent: the end of the connection needs no system call of its own.
    if (isTakenBy(this.socket)) return void this.socket.destroy();
    this.socket.setTimeout(this.#share.limits.clientTimeout);
    this.socket.destroySoon();
  }

  #onData(bytes: Buffer): void {
    if (this.#stage === 'over') return;
    const isFed = this.#stage === 'open';
    if (!isFed) this.#inflow.add(bytes);
    if (this.#stage === 'reading') {
      this.#clock.heard();
      this.#read();
    } else if (isFed ? this.#standIn?.feed(bytes) === false : this.#isFull) this.socket.pause();
  }

  /** That a client leaves is noticed by reading on while it waits, up to what it may have pipelined. */
  get #isFull(): boolean {
    return waits(this.#stage) && this.#inflow.length > this.#share.limits.maxHead;
  }

  /** Answers heads as they stand, until one is for the slow lane or the client has to take its answers first. */
  #read(): void {
    while (this.#stage === 'reading') {
      const asked = this.#heads.next();
      if (asked === undefined) break;
      if (asked === 'odd') return void this.giveUp();
      this.#take(asked.head, asked.bytes);
    }
    if (this.#stage === 'reading') this.#flush();
    if (this.#stage === 'reading') this.#await();
  }

  #take(head: PlainHead, bytes: Buffer): void {
    this.#clock.headCame();
    const inbound = plainInbound(head, this.#guest.peer, this.#share, this.#clock.heardAt);
    const answer = this.#share.fastLane.answer(inbound) ?? this.#seat?.ask(inbound);
    if (answer === undefined) return this.#lend(bytes);
    this.#count.isAnswered();
    if (answer === 'later') return;
    const isLast = answer.isLast === true || this.#isLast();
    const mayFollow = this.#writer.add({ inbound, answer }, this.#share.tail(answer.hasDate, isLast));
    if (isLast) this.#finish();
    else if (!mayFollow) this.#flush();
  }

  #isLast(): boolean {
    return this.#count.isAtEnd || (this.#share.isDraining() && this.#inflow.length === 0);
  }

  /** The last answer is made. Nothing behind it is served; what comes is read away, so that no reset eats the answer. */
  #finish(): void {
    const isToldBefore = this.#count.isSaidLast || this.#share.isDraining();
    if (!isToldBefore || this.#inflow.length > 0) {
      this.#inflow.takeAll();
      return this.#share.onLast(this.giveUp());
    }
    this.#writer.flush(() => undefined);
    this.#close();
  }

  #newSeat(): LaneSeat {
    return new LaneSeat({
      writer: this.#writer,
      share: this.#share,
      isLast: () => this.#isLast(),
      onTake: () => {
        this.#writer.flush(() => undefined);
        this.#stage = 'taken';
      },
      onDone: (isLast, isAtOnce) => {
        if (this.#stage !== 'taken') return;
        if (isLast) this.#finish();
        else if (isAtOnce) this.#stage = 'reading';
        else this.#goOn();
      },
    });
  }

  #flush(): void {
    if (this.#writer.flush(() => this.#stage === 'giving' && this.#goOn())) return;
    this.#stage = 'giving';
    this.socket.setTimeout(this.#share.limits.clientTimeout);
  }

  /** The connection is the lane's again: on with what was asked meanwhile. */
  #goOn(): void {
    if (this.socket.destroyed) return;
    this.#stage = 'reading';
    this.#clock.heard();
    if (this.socket.timeout) this.socket.setTimeout(0);
    this.#read();
    if (this.socket.isPaused() && !this.#isFull) this.socket.resume();
  }

  /** For the rest of a head, as long as that may take; what is no beginning of a plain one is the slow lane's to judge. */
  #await(): void {
    if (this.#inflow.length === 0) {
      if (this.#hasEnded) this.socket.end();
      else if (this.#share.endsIdle()) this.#close();
      return;
    }
    if (this.#hasEnded || !this.#heads.mayGoOn()) return void this.giveUp();
    this.#clock.awaitHead(this.#share.limits.headerTimeout, () => this.#share.onHeadTimeout(this.giveUp()));
  }

  /** One request goes through the slow lane; the connection comes back when it is answered, unless that was the last. */
  #lend(bytes: Buffer): void {
    this.#writer.flush(() => undefined);
    this.#stage = this.#count.isAtEnd ? 'open' : 'lent';
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
      answered: () => this.#count.answered,
      onHead: () => this.#clock.headCame(),
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
    if (this.#stage === 'taken' && this.#seat?.isAnswering && !this.#share.answersHalfClosed) this.#close();
  }

  // To node:http a client that ends its side while its answer is made has left, unless half-closed clients are answered.
  #tellEnd(): void {
    const isAwaited = this.#share.answersHalfClosed && this.#stage === 'lent' && this.#inflow.length > 0;
    if (!isAwaited) this.#standIn?.push(null);
  }

  /** Closes a connection on which nothing is asked. */
  endIfSilent(now: number): void {
    const mostMs = this.#count.isFirst ? this.#share.newMs : this.#share.idleMs;
    if (this.#stage === 'reading' && this.#clock.isSilent(mostMs, now)) this.socket.destroy();
  }

  #onTimeout(): void {
    if (this.#stage === 'open' || this.#stage === 'lent') this.#standIn?.emit('timeout');
    else this.socket.destroy();
  }

  #onClose(): void {
    this.#stage = 'over';
    this.#seat?.abandon();
    this.#clock.headCame();
  }
}
