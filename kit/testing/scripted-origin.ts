// A next hop that does what the test tells it and remembers all that it was asked. Its parser is node:http's; for
// garbage and half answers there is `rawOrigin`.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { listenSomewhere, type Place } from './place.ts';
import { ScriptedReply } from './scripted-reply.ts';
import { ScriptedRequest } from './scripted-request.ts';

export type Script = (request: ScriptedRequest, reply: ScriptedReply) => void | Promise<void>;

export class ScriptedOrigin implements AsyncDisposable {
  readonly place: Place;
  /** All requests whose head came, in the order they came. */
  readonly requests: ScriptedRequest[] = [];
  /** How many connections were ever opened. */
  connections = 0;
  readonly #server: Server;
  readonly #complaints: unknown[] = [];

  constructor(server: Server, place: Place) {
    this.#server = server;
    this.place = place;
  }

  get url(): string {
    return this.place.url;
  }

  get address(): Place['address'] {
    return this.place.address;
  }

  get port(): number {
    return this.place.port;
  }

  /** Plays `script` for one request; what it throws breaks the connection and comes out when the origin is disposed. */
  async play(script: Script, startAt: 'head' | 'end', request: ScriptedRequest, reply: ScriptedReply): Promise<void> {
    this.requests.push(request);
    if (startAt === 'end' && (await request.outcome) === 'cut') return;
    try {
      await script(request, reply);
    } catch (error) {
      this.#complaints.push(error);
      reply.break();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
    if (this.#complaints.length > 0) throw this.#complaints[0];
  }
}

/** An origin on a free port. The script starts once the request is read to its end, or with `startAt: 'head'` before. */
export async function scriptedOrigin(
  script: Script,
  { startAt = 'end' }: { startAt?: 'head' | 'end' } = {},
): Promise<ScriptedOrigin> {
  // It records a request without Host instead of refusing it: what a tier forwards is for the test to judge.
  const server = createServer({ requireHostHeader: false });
  const origin = new ScriptedOrigin(server, await listenSomewhere(server));
  server.on('connection', () => {
    origin.connections += 1;
  });
  server.on('request', (message: IncomingMessage, response: ServerResponse) => {
    void origin.play(script, startAt, new ScriptedRequest(message), new ScriptedReply(response));
  });
  return origin;
}

/** A next hop below HTTP: each connection is given to the test as a bare socket. */
export class RawOrigin implements AsyncDisposable {
  readonly place: Place;
  /** How many connections were ever opened. */
  connections = 0;
  /** All bytes of all connections so far, as latin-1. */
  received = '';
  readonly #server: TcpServer;
  readonly #sockets = new Set<Socket>();

  constructor(server: TcpServer, place: Place) {
    this.#server = server;
    this.place = place;
  }

  get url(): string {
    return this.place.url;
  }

  get address(): Place['address'] {
    return this.place.address;
  }

  get port(): number {
    return this.place.port;
  }

  admit(socket: Socket): void {
    this.connections += 1;
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.received += chunk.toString('latin1');
    });
    // Peers reset what they give up; the test looks at what it wanted to see, not at this.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
  }

  /** Resets all connections that are open, as a machine does that was started anew. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/** An origin on a free port that hands every connection to `onConnection`; for garbage and half answers. */
export async function rawOrigin(onConnection: (socket: Socket) => void): Promise<RawOrigin> {
  const server = createTcpServer();
  const origin = new RawOrigin(server, await listenSomewhere(server));
  server.on('connection', (socket) => {
    origin.admit(socket);
    onConnection(socket);
  });
  return origin;
}
