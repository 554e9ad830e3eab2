/**
 * Writes answers of the fast lane. Small ones, several if requests were pipelined, are put together in a scratch buffer and
 * leave in one write; when the system has not taken all of it at once, the buffer stays with that write and another takes
 * its place. Large bodies are handed to the system where they lie.
 */
import type { Socket } from 'node:net';
import type { FastAnswer, FastLane, Given } from './fast-lane.ts';
import type { Inbound } from './inbound.ts';
import { isTakenBy } from './stand-in.ts';

const scratchBytes = 64 * 1024;
/** Up to this many bytes copying is cheaper than another buffer for the system to gather. */
const mostCopiedBytes = 16 * 1024;
const nothing = Buffer.alloc(0);

/** The buffer that all connections of a listener share: each is done with it before the next one's turn. */
export class Scratch {
  #buffer = Buffer.allocUnsafeSlow(scratchBytes);

  get bytes(): Buffer {
    return this.#buffer;
  }

  /** A write that is pending has it now. */
  giveAway(): void {
    this.#buffer = Buffer.allocUnsafeSlow(scratchBytes);
  }
}

/** An answer, and whose it is. */
export type Giving = { readonly inbound: Inbound; readonly answer: FastAnswer };

/** Hears how each answer went. */
export type GivenListener = Pick<FastLane, 'onAnswered'>;

type Pending = Giving & { readonly bytes: number };

export class LaneWriter {
  // As long as the listener.
  readonly #scratch: Scratch;
  readonly #listener: GivenListener;
  // As long as the socket.
  readonly socket: Socket;
  // As long as one write.
  #used = 0;
  #pending: Pending[] = [];
  /** What the system has not taken yet, write by write. */
  #untaken: (readonly Pending[])[] = [];

  constructor(socket: Socket, scratch: Scratch, listener: GivenListener) {
    this.socket = socket;
    this.#scratch = scratch;
    this.#listener = listener;
  }

  /** Is an answer on its way? */
  get isPending(): boolean {
    return this.#untaken.length > 0;
  }

  /** Is nothing on its way that was written here, or kept back for what follows? */
  get isClear(): boolean {
    return this.#used === 0 && this.#untaken.length === 0;
  }

  /** Whose answers are on their way. */
  get untaken(): readonly Inbound[] {
    return this.#untaken.flatMap((answers) => answers.map(({ inbound }) => inbound));
  }

  /** Takes an answer; `tail` ends its head. False when `flush` must be called before the next. */
  add({ inbound, answer }: Giving, tail: Buffer): boolean {
    const { head, body } = answer;
    let bodyBytes = 0;
    for (const piece of body) bodyBytes += piece.length;
    const headBytes = head.length + tail.length;
    this.#pending.push({ inbound, answer, bytes: headBytes + bodyBytes });
    if (bodyBytes > mostCopiedBytes || headBytes > mostCopiedBytes) {
      this.#writeInPlace(head, [tail, ...body]);
      return false;
    }
    const { bytes } = this.#scratch;
    this.#used += bytes.write(head, this.#used, 'latin1');
    this.#used += tail.copy(bytes, this.#used);
    for (const piece of body) {
      bytes.set(piece, this.#used);
      this.#used += piece.length;
    }
    return this.#used < scratchBytes - 2 * mostCopiedBytes;
  }

  /** Sends what was added. True when the system has taken all of it; else `onTaken` is called once that has ended, well or not. */
  flush(onTaken: () => void): boolean {
    this.#writeCopies();
    if (this.#pending.length === 0) return true;
    if (isTakenBy(this.socket)) {
      for (const one of this.#pending) this.#settle(one, 'done');
      this.#pending.length = 0;
      return true;
    }
    const pending = this.#pending;
    this.#pending = [];
    // Nothing is called back for what is written without a callback, which is cheaper; so something is written behind it.
    this.#untaken.push(pending);
    this.socket.write(nothing, (error) => {
      this.#untaken = this.#untaken.filter((one) => one !== pending);
      for (const one of pending) this.#settle(one, error ? 'client-left' : 'done');
      onTaken();
    });
    return false;
  }

  #writeInPlace(head: string, rest: readonly Uint8Array[]): void {
    this.#writeCopies();
    this.socket.cork();
    this.socket.write(head, 'latin1');
    for (const piece of rest) this.socket.write(piece);
    this.socket.uncork();
  }

  #writeCopies(): void {
    if (this.#used === 0) return;
    this.socket.write(this.#scratch.bytes.subarray(0, this.#used));
    this.#used = 0;
    if (this.socket.writableLength > 0) this.#scratch.giveAway();
  }

  #settle(pending: Pending, outcome: Given['outcome']): void {
    const { inbound, answer, bytes } = pending;
    answer.giveBack?.();
    const written = outcome === 'done' ? bytes : Math.max(0, bytes - this.socket.writableLength);
    this.#listener.onAnswered(inbound, answer, { bytes: written, ms: performance.now() - inbound.receivedAt, outcome });
  }
}
