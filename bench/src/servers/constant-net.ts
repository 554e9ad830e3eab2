/**
 * The floor of what a server on Node can cost: a bare socket that answers every head with the same bytes. Also the
 * origin behind the caches and proxies. The one argument is its Cache-Control.
 */
import { createServer } from 'node:net';
import { announce, bodyBytes } from './announce.ts';

const cacheControl = process.argv[2] ?? 'no-store';
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${bodyBytes}\r\nCache-Control: ${cacheControl}\r\n\r\n` +
    'x'.repeat(bodyBytes),
);
const headEnd = '\r\n\r\n';

const server = createServer({ noDelay: true }, (socket) => {
  let held = '';
  socket.on('data', (bytes: Buffer) => {
    const heads = (held + bytes.toString('latin1')).split(headEnd);
    held = heads.pop() ?? '';
    for (const _ of heads) socket.write(answer);
  });
  // Whoever asks may leave at any time; that is no fault of this server.
  socket.on('error', () => socket.destroy());
});
server.listen(0, '127.0.0.1', () => announce(server));
