/**
 * What node:http gets in place of a client's socket: its bytes are those that the lane feeds, what is written to it goes
 * to the socket as it is, and it ends as the socket does. One stands for a socket as long as that lives, so that the
 * slow lane has its own parser and its own order of answers on each connection.
 */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { fdOfSocket } from '../process/bind.ts';

/** The part of a client's socket that the slow lane uses. */
export type ClientSocket = Duplex &
  Pick<Socket, 'remoteAddress' | 'remotePort' | 'bytesRead' | 'bytesWritten'> & {
    destroySoon(): void;
    resetAndDestroy(): unknown;
    setTimeout(ms: number): unknown;
  };

type Chunk = { readonly chunk: Buffer | string; readonly encoding: BufferEncoding };
const nothing = Buffer.alloc(0);

type Done = (error?: Error | null) => void;

export type StandInOptions = {
  readonly socket: Socket;
  /** The slow lane has use for more bytes. */
  onRead(): void;
  /** Are there requests behind the one that was fed last? */
  hasMore(): boolean;
  /** How many requests were answered without the slow lane. */
  answered(): number;
  /** The head that was fed has come to its end, or was refused. */
  onHead(): void;
  /** An answer that leaves the connection open is complete. */
  onReturn(): void;
  /** The socket itself is wanted, for another protocol. */
  onRelease(): void;
};

export class StandIn extends Duplex implements ClientSocket {
  readonly #socket: Socket;
  readonly #options: StandInOptions;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  bytesRead = 0;
  #passedOn = 0;
  // The socket's own `closed` is true before it says so.
  #isSocketClosed = false;

  constructor(options: StandInOptions) {
    const { socket } = options;
    super({ decodeStrings: false, writableHighWaterMark: socket.writableHighWaterMark });
    this.#socket = socket;
    this.#options = options;
    this.remoteAddress = socket.remoteAddress;
    this.remotePort = socket.remotePort;
    socket.once('close', () => {
      this.#isSocketClosed = true;
      this.destroy();
    });
  }

  get bytesWritten(): number {
    return this.#passedOn + this.writableLength;
  }

  /** Bytes of the client. False: no more until `onRead`. */
  feed(bytes: Buffer): boolean {
    this.bytesRead += bytes.length;
    if (this.readableFlowing !== true || this.readableLength > 0) return this.push(bytes);
    // As `push` would, without its turn of the loop to ask for more.
    this.emit('data', bytes);
    return this.readableFlowing;
  }

  override resume(): this {
    this.#options.onRead();
    return super.resume();
  }

  /** What it stands for, once all that was written to it is there. */
  get clear(): Socket | undefined {
    return this.writableLength === 0 ? this.#socket : undefined;
  }

  /** Are there requests that wait for the answer to the one in hand? */
  get hasMore(): boolean {
    return this.#options.hasMore();
  }

  /** How many requests of this connection the slow lane has not seen. */
  get answeredElsewhere(): number {
    return this.#options.answered();
  }

  /** The slow lane has a head, whole or not. */
  headCame(): void {
    this.#options.onHead();
  }

  /** The slow lane has no more to say for now. */
  handBack(): void {
    this.#options.onReturn();
  }

  /** The socket, which nobody else reads from now on, and what was read from it and not taken. */
  release(): { readonly socket: Socket; readonly unread: Buffer } {
    const unread: Buffer[] = [];
    // `read` gives one chunk at a time.
    while (this.readableLength > 0) unread.push(this.read());
    this.#options.onRelease();
    for (const event of ['data', 'end', 'timeout']) this.#socket.removeAllListeners(event);
    // As node:http leaves a socket at an upgrade: it flows again when somebody listens.
    Object.assign(this.#socket, { readableFlowing: null });
    return { socket: this.#socket, unread: Buffer.concat(unread) };
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  resetAndDestroy(): this {
    this.#socket.resetAndDestroy();
    return this.destroy();
  }

  setTimeout(ms: number, onTimeout?: () => void): this {
    this.#socket.setTimeout(ms);
    if (onTimeout !== undefined) this.once('timeout', onTimeout);
    return this;
  }

  setNoDelay(isOn?: boolean): this {
    this.#socket.setNoDelay(isOn);
    return this;
  }

  setKeepAlive(isOn?: boolean, initialDelayMs?: number): this {
    this.#socket.setKeepAlive(isOn, initialDelayMs);
    return this;
  }

  override _read(): void {
    this.#options.onRead();
  }

  // Called back when the system has taken all of it: by then, and not before, lent memory is given back.
  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: Done): void {
    this.#passOn(chunk, encoding);
    this.#whenTaken(done);
  }

  override _writev(chunks: Chunk[], done: Done): void {
    this.#socket.cork();
    for (const { chunk, encoding } of chunks) this.#passOn(chunk, encoding);
    this.#socket.uncork();
    this.#whenTaken(done);
  }

  #passOn(chunk: Buffer | string, encoding: BufferEncoding): void {
    const bytes = byteLength(chunk, encoding);
    this.#passedOn += bytes;
    if (bytes > 0) this.#socket.write(chunk, encoding);
  }

  #whenTaken(done: Done): void {
    const isTaken = isTakenBy(this.#socket);
    if (isTaken) done();
    // It is called back behind all that was written before it.
    else this.#socket.write(nothing, done);
  }

  override _final(done: Done): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: Done): void {
    if (this.#isSocketClosed) return done(error);
    this.#socket.once('close', () => done(error));
    this.#socket.destroy();
  }
}

/** Has the system taken all that was written? A write that failed leaves nothing behind either. */
export function isTakenBy({ writableLength, destroyed, errored }: Socket): boolean {
  return writableLength === 0 && !destroyed && errored === null;
}

/** The number of the client's connection, on which a byte that is written now is the next that the client reads; else -1. */
export function clearFd(client: Duplex): number {
  const socket = client instanceof StandIn ? client.clear : (client as Socket);
  return socket !== undefined && isTakenBy(socket) ? fdOfSocket(socket) : -1;
}

function byteLength(chunk: Buffer | string, encoding: BufferEncoding): number {
  return typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.length;
}
