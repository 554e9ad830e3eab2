// A client that writes exactly the bytes it is given, for what no well-behaved client would send. Text is latin-1, so
// that a byte is a character. Every wait has a deadline that says what had come by then.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A TCP port of 127.0.0.1 or of another host, or the path of a Unix socket. */
export type Door = number | string | { readonly host: string; readonly port: number };

/** Sends `bytes`, each part in a write of its own, and gives what comes back until the server closes. */
export async function rawExchange(door: Door, bytes: string | Buffer | (string | Buffer)[]): Promise<string> {
  await using client = await rawConnect(door);
  for (const part of Array.isArray(bytes) ? bytes : [bytes]) await client.write(part);
  await client.closed;
  return client.received;
}

/** Opens a connection; each wait on it may take `deadlineMs`. */
export async function rawConnect(door: Door, deadlineMs = 5000): Promise<RawClient> {
  const socket =
    typeof door === 'object' ? connect(door) : typeof door === 'number' ? connect(door, '127.0.0.1') : connect(door);
  await once(socket, 'connect');
  return new RawClient(socket, deadlineMs);
}

export class RawClient implements AsyncDisposable {
  readonly socket: Socket;
  /** All that came, taken or not. */
  received = '';
  readonly #deadlineMs: number;
  #taken = 0;
  #isClosed = false;

  constructor(socket: Socket, deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.received += chunk.toString('latin1');
    });
    // A reset is one of the ways to close that a test may expect; `closed` and `readUntil` report it.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#isClosed = true;
    });
  }

  /** Resolves once the bytes are handed to the kernel, or the connection is gone. */
  async write(bytes: string | Uint8Array): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, () => resolve());
    await promise;
  }

  /** What came since the last call, up to the end of the first match; rejects when the server closes before one. */
  async readUntil(pattern: string | RegExp): Promise<string> {
    const end = await this.#until(`${pattern}`, () => this.#endOfMatch(pattern));
    const text = this.received.slice(this.#taken, end);
    this.#taken = end;
    return text;
  }

  /** Resolves once the server closed or reset the connection. */
  get closed(): Promise<void> {
    return this.#until('the close', () => (this.#isClosed ? 0 : undefined)).then(() => undefined);
  }

  /** Says that nothing more is to be sent, and goes on reading. */
  end(): void {
    this.socket.end();
  }

  /** Leaves at once with a reset, as a client does whose machine forgot the connection. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    if (!this.#isClosed) await once(this.socket, 'close');
  }

  #endOfMatch(pattern: string | RegExp): number | undefined {
    const rest = this.received.slice(this.#taken);
    if (typeof pattern === 'string') {
      const at = rest.indexOf(pattern);
      return at < 0 ? undefined : this.#taken + at + pattern.length;
    }
    const match = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')).exec(rest);
    return match === null ? undefined : this.#taken + match.index + match[0].length;
  }

  async #until(awaited: string, found: () => number | undefined): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const give = (why: string) =>
      reject(new Error(`${why} before ${awaited} came; received ${JSON.stringify(this.received)}`));
    const look = () => {
      const at = found();
      if (at !== undefined) resolve(at);
      else if (this.#isClosed) give('the server closed');
    };
    const timer = setTimeout(() => give(`${this.#deadlineMs} ms passed`), this.#deadlineMs);
    this.socket.on('data', look).on('close', look);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.socket.off('data', look).off('close', look);
    }
  }
}
