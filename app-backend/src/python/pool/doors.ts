/**
 * Where workers come in: a Unix socket in a private folder. Who connects says first which worker it is, what the connection is
 * for, and the token; anybody else is shown out.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { Log } from '@trivet/kit/process/log.ts';
import { type Hello, readHello } from './told.ts';

export type DoorsOptions = {
  /** Path of the socket, in a folder of mode 0700. */
  readonly path: string;
  readonly log: Log;
  /** Somebody with the token. What came behind the `hello` has not been read, and nobody listens to the socket. */
  onGuest(hello: Hello, socket: Socket): void;
};

/** Who connects and says nothing for so long is no worker. */
const helloMs = 10_000;
const longestHello = 4096;
const headBytes = 5;
const letterOfHello = 'h'.charCodeAt(0);

/** A `hello` that has come to its end, `more` while it has not, `bad` when it never will. */
type Said = Hello | 'more' | 'bad';

export class Doors implements AsyncDisposable {
  readonly token = randomBytes(32).toString('hex');
  readonly path: string;
  readonly #options: DoorsOptions;
  readonly #server: Server;
  readonly #waiting = new Set<Socket>();

  private constructor(options: DoorsOptions) {
    this.#options = options;
    this.path = options.path;
    this.#server = createServer((socket) => this.#greet(socket));
  }

  /** Errors of Node reject. */
  static async open(options: DoorsOptions): Promise<Doors> {
    const doors = new Doors(options);
    // Not of a cluster's primary process, whatever this one is.
    doors.#server.listen({ path: options.path, exclusive: true });
    await once(doors.#server, 'listening');
    return doors;
  }

  /** Lets nobody in any more; who is in, stays. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#waiting) socket.destroy();
    if (!this.#server.listening) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    // A server is closed only once all of its connections are; they are others' now.
    setImmediate(resolve);
    await promise;
  }

  #greet(socket: Socket): void {
    const timer = setTimeout(() => this.#showOut(socket, 'said nothing in time'), helloMs);
    const read = helloReader(socket);
    this.#waiting.add(socket);
    const listen = () => {
      const said = read();
      if (said === 'more') return;
      leave();
      if (said === 'bad') this.#showOut(socket, 'did not say what it is');
      else if (!isSame(said.token, this.token)) this.#showOut(socket, 'does not know the token');
      else this.#options.onGuest(said, socket);
    };
    const leave = () => {
      clearTimeout(timer);
      this.#waiting.delete(socket);
      socket.off('readable', listen).off('close', leave);
    };
    socket.on('readable', listen).once('close', leave);
    // Its end is seen by whoever has it; one that breaks before that has nothing to tell.
    socket.on('error', () => undefined);
  }

  #showOut(socket: Socket, why: string): void {
    socket.destroy();
    this.#options.log.warn(`a connection to the socket of the Python workers ${why}, and was closed`);
  }
}

/** Reads the first frame and not a byte more. */
function helloReader(socket: Pick<Readable, 'read'>): () => Said {
  let length: number | undefined;
  return () => {
    length ??= lengthIn(socket.read(headBytes));
    if (length === undefined) return 'more';
    const payload: Buffer | null = length === 0 ? null : socket.read(length);
    if (payload === null) return length === 0 ? 'bad' : 'more';
    return readHello(payload.toString()) ?? 'bad';
  };
}

/** Of the payload; 0 where it is not that of a `hello`. */
function lengthIn(head: Buffer | null): number | undefined {
  if (head === null) return undefined;
  const length = head.readUInt32BE(1);
  return head[0] === letterOfHello && length <= longestHello ? length : 0;
}

function isSame(token: string, ours: string): boolean {
  const [given, wanted] = [Buffer.from(token), Buffer.from(ours)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
