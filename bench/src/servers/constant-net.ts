/**
 * The floor of what a server on Node can cost: a bare socket that answers every head with the same bytes. Also the
 * origin behind the caches and proxies. Arguments: Cache-Control, bytes of the body, further fields (`ETag: "a"`).
 */
import { createServer } from 'node:net';
import { announce } from './announce.ts';
import { constantAnswer } from './constant-answer.ts';

const [cacheControl, bytes, ...fields] = process.argv.slice(2);
const { head, body } = constantAnswer({
  ...(cacheControl !== undefined && { cacheControl }),
  ...(bytes !== undefined && { bodyBytes: Number(bytes) }),
  fields,
});
const answer = Buffer.from(head + body);
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
