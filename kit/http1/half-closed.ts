/**
 * A client that has ended its side of the connection (FIN) waits for its answer (`nc -N`), or is gone: nobody can tell. What
 * a tier answers by itself costs next to nothing and is answered; for what others work on it has left. nginx does so.
 */
import type { Server, ServerResponse } from 'node:http';

/** From now on such a client is answered, where nobody calls `leaveAtEnd`; then its connection closes. */
export function answerHalfClosed(server: Server): void {
  // Of node:http, which leaves it out of its documents; without it each request of such a client is aborted.
  Object.assign(server, { httpAllowHalfOpen: true });
}

/** The client leaves with its side of the connection: the answer is given up, now or when that ends. */
export function leaveAtEnd(response: ServerResponse): void {
  const { socket } = response.req;
  const leave = () => void response.destroy();
  if (socket.readableEnded) return leave();
  socket.once('end', leave);
  response.once('close', () => socket.off('end', leave));
}
