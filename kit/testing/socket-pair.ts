import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Both ends of a connection over 127.0.0.1. */
export type SocketPair = AsyncDisposable & { readonly server: Socket; readonly client: Socket };

/** The server's end may stay open when the client's is ended. */
export async function socketPair(): Promise<SocketPair> {
  const listening = createServer({ allowHalfOpen: true, noDelay: true }).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('not a TCP port');
  const client = connect(address.port, '127.0.0.1');
  const [server]: Socket[] = await once(listening, 'connection');
  if (server === undefined) throw new Error('nobody came');
  for (const socket of [server, client]) socket.on('error', () => socket.destroy());
  return {
    server,
    client,
    async [Symbol.asyncDispose]() {
      server.destroy();
      client.destroy();
      listening.close();
      await once(listening, 'close');
    },
  };
}
