/** Servers of the cases' own that the front asks as its upstreams. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import type { Stack } from './topology.ts';

export type Neighbour = AsyncDisposable & {
  /** `http://HOST:PORT`, as the front asks for it. */
  readonly address: string;
  /** Requests whose head came, in the order they came. */
  readonly heard: readonly IncomingMessage[];
};

/** An upstream that answers as it is told. */
export async function neighbour(stack: Stack, listener: RequestListener): Promise<Neighbour> {
  const heard: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    heard.push(request);
    listener(request, response);
  });
  const address = await listening(stack, server);
  return {
    ...{ address, heard },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** An upstream below HTTP: what it does with a connection is the case's business. */
export async function rawNeighbour(stack: Stack, take: (socket: Socket) => void): Promise<Omit<Neighbour, 'heard'>> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    take(socket);
  });
  const address = await listening(stack, server);
  return {
    address,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** An address of the neighbourhood at which nobody listens any more. */
export async function nobody(stack: Stack): Promise<string> {
  await using gone = await neighbour(stack, () => undefined);
  return gone.address;
}

async function listening({ neighbourhood }: Stack, server: Server | TcpServer): Promise<string> {
  server.listen(0, neighbourhood.listenOn);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return `http://${neighbourhood.host}:${port}`;
}
