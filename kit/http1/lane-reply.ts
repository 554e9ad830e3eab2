/**
 * An answer that a tier makes by and by, in the fast lane: the bytes are those that node:http would write. What is written
 * in one turn of the loop leaves in one write, and the next block waits until the system has taken this one.
 */
import type { Socket } from 'node:net';
import type { Given, Reply, ReplyEnd, ReplyHead } from './fast-lane.ts';
import type { Inbound } from './inbound.ts';
import type { Scratch } from './lane-writer.ts';
import { isTakenBy } from './stand-in.ts';

const nothing = Buffer.alloc(0);
const chunked = 'Transfer-Encoding: chunked\r\n\r\n';
const lastChunk = '0\r\n\r\n';
const crlf = '\r\n';
/** Beyond this copying costs more than having the system gather, bytes. */
const mostCopiedBytes = 16 * 1024;
/** What is written and not sent goes out at once beyond this, bytes. */
const mostKeptBytes = 64 * 1024;

export type LaneReplyOptions = {
  readonly inbound: Inbound;
  readonly socket: Socket;
  readonly scratch: Scratch;
  /** Is this the last answer of its connection? Asked when its head goes out. */
  isLast(): boolean;
  tail(hasDate: boolean, isLast: boolean): Buffer;
  /** All of it is written and taken, and more may be asked on the connection unless this `isLast`. */
  onDone(isLast: boolean): void;
  /** However it ended. */
  onOver(end: ReplyEnd): void;
};

type Piece = string | Uint8Array;

export class LaneReply implements Reply {
  readonly #options: LaneReplyOptions;
  #head: ReplyHead | undefined;
  #isHeadOut = false;
  #isLast = false;
  #blocks: Uint8Array[] = [];
  #keptBytes = 0;
  #isFlushDue = false;
  #bytes = 0;
  #isEnded = false;
  #isOver = false;

  constructor(options: LaneReplyOptions) {
    this.#options = options;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get waiting(): number {
    return this.#keptBytes + this.#options.socket.writableLength;
  }

  /** The request that it answers. */
  get inbound(): Inbound {
    return this.#options.inbound;
  }

  /** Is all of it written, taken or not? */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  head(head: ReplyHead): void {
    this.#head ??= head;
  }

  inform(head: string): void {
    if (this.#head !== undefined || this.#isOver) return;
    this.#send([`${head}\r\n`]);
  }

  write(block: Uint8Array): void {
    if (!this.#keep(block)) return;
    if (this.#keptBytes > mostKeptBytes) this.#flush();
    else this.#flushSoon();
  }

  ready(): Promise<void> | undefined {
    this.#flush();
    // Who does not look whether it is over shall not keep the event loop from everybody else.
    if (this.#isOver) return new Promise((resolve) => void setImmediate(resolve));
    if (isTakenBy(this.#options.socket)) return undefined;
    return new Promise((resolve) => this.#whenTaken(resolve));
  }

  flush(): void {
    this.#flush(true);
  }

  end(last: Uint8Array = nothing): void {
    if (this.#isOver || this.#isEnded) return;
    this.#keep(last);
    this.#isEnded = true;
    this.#flush();
    if (isTakenBy(this.#options.socket)) this.#done();
    else this.#whenTaken(() => this.#done());
  }

  #keep(block: Uint8Array): boolean {
    // An empty chunk would be the end.
    if (this.#isOver || this.#isEnded || block.length === 0) return false;
    this.#blocks.push(block);
    this.#keptBytes += block.length;
    return true;
  }

  #whenTaken(then: () => void): void {
    // It is called back behind all that was written before it.
    this.#options.socket.write(nothing, (error) => {
      if (error) this.abandon();
      then();
    });
  }

  destroy(): void {
    if (this.#isOver) return;
    this.#over('broken');
    this.#options.socket.destroy();
  }

  /** The client has left, or its connection is cut. */
  abandon(): void {
    if (!this.#isOver) this.#over('client-left');
  }

  #done(): void {
    if (this.#isOver) return;
    this.#over('done');
    this.#options.onDone(this.#isLast);
  }

  #over(outcome: ReplyEnd['outcome']): void {
    this.#isOver = true;
    this.#blocks = [];
    const { inbound } = this.#options;
    const status = this.#head?.status ?? 499;
    const given: Omit<Given, 'outcome'> = { bytes: this.#bytes, ms: performance.now() - inbound.receivedAt };
    this.#options.onOver({ ...given, status, outcome });
  }

  #flushSoon(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    process.nextTick(() => {
      this.#isFlushDue = false;
      this.#flush();
    });
  }

  #flush(isHeadNews = false): void {
    const head = this.#head;
    const isNews = this.#blocks.length > 0 || this.#isEnded || (isHeadNews && !this.#isHeadOut);
    if (this.#isOver || head === undefined || !isNews) return;
    const pieces: Piece[] = this.#isHeadOut ? [] : this.#headPieces(head);
    if (head.framing === 'chunked') pieces.push(...chunksOf(this.#blocks, this.#isEnded));
    else pieces.push(...this.#blocks);
    this.#blocks = [];
    this.#keptBytes = 0;
    if (pieces.length > 0) this.#send(pieces);
  }

  #headPieces({ head, hasDate, framing, isLast }: ReplyHead): Piece[] {
    this.#isHeadOut = true;
    this.#isLast = isLast === true || this.#options.isLast();
    const tail = this.#options.tail(hasDate, this.#isLast);
    return framing === 'chunked' ? [head, tail.subarray(0, -crlf.length), chunked] : [head, tail];
  }

  #send(pieces: readonly Piece[]): void {
    const { socket, scratch } = this.#options;
    let bytes = 0;
    for (const piece of pieces) bytes += piece.length;
    this.#bytes += bytes;
    if (bytes > mostCopiedBytes) return this.#sendInPlace(pieces);
    let used = 0;
    for (const piece of pieces) used = put(scratch.bytes, piece, used);
    socket.write(scratch.bytes.subarray(0, used));
    if (socket.writableLength > 0) scratch.giveAway();
  }

  #sendInPlace(pieces: readonly Piece[]): void {
    const { socket } = this.#options;
    socket.cork();
    for (const piece of pieces) {
      if (typeof piece === 'string') socket.write(piece, 'latin1');
      else socket.write(piece);
    }
    socket.uncork();
  }
}

function put(into: Buffer, piece: Piece, at: number): number {
  if (typeof piece === 'string') return at + into.write(piece, at, 'latin1');
  into.set(piece, at);
  return at + piece.length;
}

/** Each block as a chunk (RFC 9112 §7.1). */
function chunksOf(blocks: readonly Uint8Array[], isEnded: boolean): Piece[] {
  const pieces: Piece[] = blocks.flatMap((block) => [`${block.length.toString(16)}${crlf}`, block, crlf]);
  if (isEnded) pieces.push(lastChunk);
  return pieces;
}
