import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';

/** How much of a request body that the application left unread is taken off the wire, to use the connection again. */
export const mostDiscardedBytes = 1024 * 1024;

/**
 * Once the answer is given, receives what is left of the request's body and forgets it: the next request stands behind it
 * on the wire. Beyond the limit the connection is closed, for reading an upload to its end for nobody is work that any
 * client could order. How long a silent client is waited for is the listener's business.
 */
export function discardRest(body: Readable, response: ServerResponse, most = mostDiscardedBytes): void {
  response.once('prefinish', () => {
    if (body.readableEnded || body.destroyed) return;
    let left = most;
    body.removeAllListeners('data');
    body.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) body.destroy();
    });
    // At once: of a body that nobody has begun to read, node:http drops everything unseen when the answer is finished.
    body.read();
    body.resume();
  });
}
