/**
 * The floor of what a server on Node can cost: a bare socket that answers every head with the same bytes. Also the
 * origin behind the caches and proxies. Arguments: Cache-Control, bytes of the body, `prose` or `x`, further fields
 * (`ETag: "a"`).
 */
import { createServer } from 'node:net';
import { announce } from './announce.ts';
import { constantAnswer } from './constant-answer.ts';
import { Uploads } from './uploads.ts';

const [cacheControl, bytes, kind, ...fields] = process.argv.slice(2);
const { head, body } = constantAnswer({
  ...(cacheControl !== undefined && { cacheControl }),
  ...(bytes !== undefined && { bodyBytes: Number(bytes) }),
  isProse: kind === 'prose',
  fields,
});
const answer = Buffer.from(head + body);
const headEnd = '\r\n\r\n';
/** Of POST and PUT: who uploads is not asked for much speed, who only asks does not pay for it. */
const letterP = 80;

const server = createServer({ noDelay: true }, (socket) => {
  let held = '';
  const answerHeads = (bytes: Buffer) => {
    const heads = (held + bytes.toString('latin1')).split(headEnd);
    held = heads.pop() ?? '';
    for (const _ of heads) socket.write(answer);
  };
  const uploads = new Uploads();
  let takesUploads = false;
  socket.on('data', (bytes: Buffer) => {
    takesUploads ||= bytes[0] === letterP;
    if (!takesUploads) return answerHeads(bytes);
    for (let n = uploads.wholeIn(bytes.toString('latin1')); n > 0; n--) socket.write(answer);
  });
  // Whoever asks may leave at any time; that is no fault of this server.
  socket.on('error', () => socket.destroy());
});
server.listen(0, '127.0.0.1', () => announce(server));
