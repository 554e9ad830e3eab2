import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Both ends of a connection. */
export type SocketPair = AsyncDisposable & { readonly server: Socket; readonly client: Socket };

/** Over 127.0.0.1, or over a Unix socket at `path`. The server's end may stay open when the client's is ended. */
export async function socketPair(path?: string): Promise<SocketPair> {
  const listening = createServer({ allowHalfOpen: true, noDelay: true });
  if (path === undefined) listening.listen(0, '127.0.0.1');
  else listening.listen(path);
  await once(listening, 'listening');
  const address = listening.address();
  if (address === null) throw new Error('nobody listens');
  const client = typeof address === 'string' ? connect(address) : connect(address.port, '127.0.0.1');
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
