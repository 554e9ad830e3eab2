/** Clients that begin something and do not go on, and how long an honest one waits beside them. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** How far a client that holds a connection has come. */
export type Hold = 'idle' | 'half a head' | 'half a body';

export const holds: readonly Hold[] = ['idle', 'half a head', 'half a body'];

const sent: Readonly<Record<Hold, string>> = {
  idle: '',
  'half a head': 'GET /page HTTP/1.1\r\nHost: bench\r\nX-Half: ',
  'half a body': 'POST /page HTTP/1.1\r\nHost: bench\r\nContent-Length: 1000\r\n\r\nx',
};

/** Holds so many connections until it is disposed of. */
export async function held(port: number, count: number, hold: Hold): Promise<Disposable> {
  const sockets = await Promise.all(Array.from({ length: count }, () => opened(port)));
  for (const socket of sockets) if (sent[hold] !== '') socket.write(sent[hold]);
  return {
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Milliseconds until the first byte of an answer; undefined when none came in `mostMs`. */
export async function answered(port: number, mostMs: number): Promise<number | undefined> {
  const startedAt = performance.now();
  const socket = await opened(port);
  try {
    socket.write('GET /page HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n');
    await once(socket, 'data', { signal: AbortSignal.timeout(mostMs) });
    return performance.now() - startedAt;
  } catch {
    // Whether it was cut or nothing came: there is no answer.
    return undefined;
  } finally {
    socket.destroy();
  }
}

async function opened(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  // A server that has had enough of one that holds it may reset the connection.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}
