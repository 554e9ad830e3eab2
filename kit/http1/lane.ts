/**
 * One client connection on two lanes. The lane reads heads, answers from memory what the tier has ready, and hands the
 * rest, bytes untouched, to node:http by way of a stand-in for the socket: a plain request alone, and the connection back
 * when it is answered; from the first that is not plain on, everything. What was pipelined behind a request in the slow
 * lane waits for its turn, so answers keep the order of their requests (RFC 9112 §9.3.2).
 */
import type { Socket } from 'node:net';
import { plainAddress } from '../process/trusted-peers.ts';
import type { Address } from '../process/units.ts';
import type { Peer } from './connection.ts';
import type { FastAnswer, FastLane, Given } from './fast-lane.ts';
import { type Inbound, plainInbound } from './inbound.ts';
import { type Giving, LaneWriter, type Scratch } from './lane-writer.ts';
import type { Limits } from './node-server.ts';
import { mayBePlain, type PlainHead, readPlainHead } from './plain-head.ts';
import { StandIn } from './stand-in.ts';

/** What all lanes of a listener have in common. */
export type LaneShare = {
  readonly fastLane: FastLane;
  readonly limits: Limits;
  readonly kind: Address['kind'];
  readonly scratch: Scratch;
  trusted(address: string): boolean;
  isDraining(): boolean;
  /** From here on the slow lane knows this connection. */
  admit(standIn: StandIn): void;
  /** A head that does not come to its end. */
  onHeadTimeout(standIn: StandIn): void;
  onFailure(error: unknown): void;
  /** `Date` as a line, for answers that have none. */
  dateLine(): string;
  /** `Connection`, `Keep-Alive` and the empty line. */
  readonly keepAliveLines: string;
};

/**
 * `reading`: the lane has the connection. `giving`: the client has not taken an answer yet. `lent`: one request is in the
 * slow lane. `open`: all that comes is the slow lane's. `over`: the last answer is out.
 */
type Stage = 'reading' | 'giving' | 'lent' | 'open' | 'over';

const nothing = Buffer.alloc(0);
/** Of the bytes that a plain head begins with: `HEAD /`. */
const longestBeginning = 6;
const headEnd = Buffer.from('\r\n\r\n');

export class Lane {
  // As long as the listener.
  readonly #share: LaneShare;
  // As long as the socket.
  readonly socket: Socket;
  readonly #peer: Peer & { readonly trusted: boolean };
  readonly #writer: LaneWriter;
  #standIn: StandIn | undefined;
  #stage: Stage = 'reading';
  #host = '';
  #hasEnded = false;
  #requests = 0;
  /** Bytes whose turn has not come, and how many of them are known to have no end of a head. */
  #held: Buffer = nothing;
  #searched = 0;
  #headTimer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, share: LaneShare) {
    this.socket = socket;
    this.#share = share;
    const address = plainAddress(socket.remoteAddress ?? (share.kind === 'unix' ? 'unix' : 'unknown'));
    this.#peer = { address, port: socket.remotePort ?? 0, trusted: share.trusted(address) };
    this.#writer = new LaneWriter(socket, share.scratch, (giving, given) => this.#given(giving, given));
    socket.setTimeout(Math.min(share.limits.headerTimeout, share.limits.clientTimeout));
    socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    socket.on('end', () => this.#onEnd());
    socket.on('timeout', () => this.#onSilence());
    socket.on('error', (error) => this.#standIn?.destroy(error));
    socket.on('close', () => this.#onClose());
  }

  /** Has it an answer on its way, outside the slow lane? */
  get isBusy(): boolean {
    return this.#stage === 'giving';
  }

  /** Has the slow lane ever had a part in this connection? Then it ends it as well. */
  get isKnownToSlowLane(): boolean {
    return this.#standIn !== undefined;
  }

  /** Hands all of the connection to the slow lane, with nothing read. */
  giveUp(): StandIn {
    return this.#open(nothing);
  }

  /** Closes behind what is being written. */
  close(): void {
    this.#stage = 'over';
    this.socket.destroySoon();
  }

  #onData(bytes: Buffer): void {
    switch (this.#stage) {
      case 'reading':
        return this.#read(this.#withHeld(bytes));
      case 'open':
        if (this.#standIn?.feed(bytes) === false) this.socket.pause();
        return;
      case 'giving':
      case 'lent':
        this.#held = this.#withHeld(bytes);
        // A client that leaves is noticed by reading on, up to what it may have pipelined.
        if (this.#held.length > this.#mostHeld) this.socket.pause();
        return;
      case 'over':
    }
  }

  #withHeld(bytes: Buffer): Buffer {
    return this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
  }

  get #mostHeld(): number {
    return this.#share.limits.maxHead;
  }

  /** Answers heads from the front of `bytes`, until one is for the slow lane or the client has to take its answers first. */
  #read(bytes: Buffer): void {
    let at = 0;
    while (this.#stage === 'reading' && at < bytes.length) {
      const end = bytes.indexOf(headEnd, at + this.#searched);
      if (end < 0) break;
      this.#searched = 0;
      const next = end + headEnd.length;
      const head = readPlainHead(bytes.toString('latin1', at, next), this.#share.limits, this.#host);
      if (head === undefined) return void this.#open(bytes.subarray(at));
      this.#held = bytes.subarray(next);
      this.#take(head, bytes.subarray(at, next));
      at = next;
    }
    if (this.#stage === 'reading') this.#flush();
    this.#hold(bytes.subarray(at));
  }

  #take(head: PlainHead, bytes: Buffer): void {
    this.#host = head.host;
    this.#requests += 1;
    if (this.#headTimer !== undefined) this.#stopHeadTimer();
    if (this.#requests === 1) this.socket.setTimeout(this.#share.limits.idleTimeout);
    const inbound = plainInbound(head, { peer: this.#peer, trusted: this.#share.trusted });
    const answer = this.#answer(inbound);
    if (answer === undefined) return this.#lend(bytes);
    const isLast = head.isLast || (this.#share.isDraining() && this.#held.length === 0);
    const mayFollow = this.#writer.add({ inbound, answer }, this.#tail(answer, isLast));
    if (isLast) {
      this.#writer.flush(() => undefined);
      return this.close();
    }
    if (!mayFollow) this.#flush();
  }

  #answer(inbound: Inbound): FastAnswer | undefined {
    try {
      return this.#share.fastLane.answer(inbound);
    } catch (error) {
      this.#share.onFailure(error);
      return undefined;
    }
  }

  /** The end of a head, as node:http writes it. */
  #tail({ hasDate }: FastAnswer, isLast: boolean): string {
    const date = hasDate ? '' : this.#share.dateLine();
    return isLast ? `${date}Connection: close\r\n\r\n` : date + this.#share.keepAliveLines;
  }

  #flush(): void {
    if (this.#writer.flush(() => this.#taken())) return;
    this.#stage = 'giving';
    this.socket.setTimeout(this.#share.limits.clientTimeout);
  }

  /** The client has taken its answers: on with what it asked meanwhile. */
  #taken(): void {
    if (this.#stage === 'giving') this.#resume();
  }

  #resume(): void {
    if (this.socket.destroyed) return;
    this.#stage = 'reading';
    this.socket.setTimeout(this.#share.limits.idleTimeout);
    const held = this.#held;
    this.#held = nothing;
    this.socket.resume();
    this.#read(held);
  }

  /** Keeps what cannot be answered yet: requests that wait for their turn, or the beginning of a head. */
  #hold(bytes: Buffer): void {
    if (this.#stage === 'over') return;
    this.#held = bytes;
    if (this.#stage !== 'reading') return;
    if (bytes.length === 0) return this.#endIfAsked();
    if (this.#hasEnded || !this.#mayBecomePlain(bytes)) return void this.#open(bytes);
    this.#searched = Math.max(0, bytes.length - headEnd.length + 1);
    this.#headTimer ??= setTimeout(() => this.#share.onHeadTimeout(this.giveUp()), this.#share.limits.headerTimeout);
  }

  #mayBecomePlain(bytes: Buffer): boolean {
    return bytes.length <= this.#share.limits.maxHead && mayBePlain(bytes.toString('latin1', 0, longestBeginning));
  }

  #endIfAsked(): void {
    if (this.#hasEnded) this.socket.end();
  }

  /** One request goes through the slow lane; the connection comes back when it is answered. */
  #lend(bytes: Buffer): void {
    this.#writer.flush(() => undefined);
    this.#stage = 'lent';
    this.#slowLane().feed(bytes);
  }

  /** All that comes from here on is the slow lane's. */
  #open(bytes: Buffer): StandIn {
    this.#writer.flush(() => undefined);
    this.#stage = 'open';
    this.#stopHeadTimer();
    const standIn = this.#slowLane();
    this.#held = nothing;
    if (bytes.length > 0) standIn.feed(bytes);
    if (this.#hasEnded) standIn.push(null);
    return standIn;
  }

  #slowLane(): StandIn {
    if (this.#standIn !== undefined) return this.#standIn;
    const standIn = new StandIn({
      socket: this.socket,
      onRead: () => {
        if (this.#stage === 'open') this.socket.resume();
      },
      hasMore: () => this.#held.length > 0,
      onReturn: () => {
        if (this.#stage === 'lent') this.#resume();
      },
      onRelease: () => this.#letGo(),
    });
    this.#standIn = standIn;
    this.#share.admit(standIn);
    return standIn;
  }

  /** The socket has another reader from now on. */
  #letGo(): void {
    this.#stage = 'over';
    for (const event of ['data', 'end', 'timeout']) this.socket.removeAllListeners(event);
    // As node:http leaves a socket at an upgrade: it flows again when somebody listens.
    Object.assign(this.socket, { readableFlowing: null });
  }

  #given({ inbound, answer }: Giving, given: Given): void {
    try {
      this.#share.fastLane.onAnswered(inbound, answer, given);
    } catch (error) {
      this.#share.onFailure(error);
    }
  }

  #onEnd(): void {
    this.#hasEnded = true;
    if (this.#stage === 'open' || (this.#stage === 'lent' && this.#held.length === 0)) this.#standIn?.push(null);
    if (this.#stage === 'reading') this.#hold(this.#held);
  }

  #onSilence(): void {
    if (this.#stage === 'open' || this.#stage === 'lent') this.#standIn?.emit('timeout');
    // A head that takes its time has a timer of its own.
    else if (this.#headTimer === undefined) this.socket.destroy();
  }

  #onClose(): void {
    this.#stage = 'over';
    this.#stopHeadTimer();
    this.#standIn?.destroy();
  }

  #stopHeadTimer(): void {
    clearTimeout(this.#headTimer);
    this.#headTimer = undefined;
  }
}
