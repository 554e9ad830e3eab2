// What node:http makes of bytes, without sockets: thousands of heads in a second.
import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { nodeServer } from '../http1/node-server.ts';
import { generousLimits } from './test-listener.ts';

export type NodeReads = Disposable & {
  /** The requests that node:http saw in these bytes, and the code of its complaint if it had one. */
  read(
    bytes: string,
  ): Promise<{ readonly requests: readonly IncomingMessage[]; readonly complaint: string | undefined }>;
};

/** A client's end that takes all that is written to it. */
class Client extends Duplex {
  override _read(): void {
    // Bytes are pushed.
  }

  override _write(_chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    done();
  }

  setTimeout(): this {
    return this;
  }

  destroySoon(): void {
    this.destroy();
  }
}

/** The slow lane's own server, with nothing before it and nothing behind. */
export function nodeReads(): NodeReads {
  const server = nodeServer(generousLimits, true);
  let requests: IncomingMessage[] = [];
  let complaint: string | undefined;
  server.on('request', (request, response) => {
    requests.push(request);
    response.end();
  });
  for (const event of ['upgrade', 'connect'] as const) {
    server.on(event, (request: IncomingMessage) => void requests.push(request));
  }
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    complaint = error.code ?? error.message;
    socket.destroy();
  });
  let client: Client | undefined;
  return {
    async read(bytes) {
      requests = [];
      complaint = undefined;
      if (client === undefined || client.destroyed) {
        client = new Client();
        server.emit('connection', client);
        // It flows from the next turn on.
        await new Promise((turn) => setImmediate(turn));
      }
      client.push(Buffer.from(bytes, 'latin1'));
      await new Promise((turn) => process.nextTick(turn));
      return { requests, complaint };
    },
    [Symbol.dispose]() {
      client?.destroy();
      server.close();
    },
  };
}
