/**
 * A peer may answer and close before it has read the whole request, as a server does that refuses a large upload. The
 * next write then fails, and Node closes a socket whose write failed, with the answer still unread in it. The answer
 * is the better news (RFC 9112 §9.5): what came is read to its end, and that end, not the write, ends the connection.
 */
import type { Socket } from 'node:net';

type Done = (error?: NodeJS.ErrnoException | null) => void;

/** Makes a write that finds the peer gone say nothing: no more is written, and reading finds the answer, then the end. */
export function readBeforeFailing(socket: Socket): void {
  // A stream has one write under way at a time.
  let done: Done = () => undefined;
  const settle: Done = (error) => {
    if (!isGone(error) || socket.readableEnded) return done(error);
    if (error?.code === 'ECONNRESET') endByFailing(socket, error);
  };
  const write = socket._write.bind(socket);
  socket._write = (chunk, encoding, whenDone) => {
    done = whenDone;
    write(chunk, encoding, settle);
  };
  const writev = socket._writev?.bind(socket);
  if (writev === undefined) return;
  socket._writev = (chunks, whenDone) => {
    done = whenDone;
    writev(chunks, settle);
  };
}

/**
 * The system tells of a reset once, and it told the write: reading would find an end as after a FIN, and an answer
 * without a length would seem whole. It is read to its last byte, and there it fails. (`EPIPE` is behind a FIN.)
 */
function endByFailing(socket: Socket, error: Error): void {
  const push = socket.push.bind(socket);
  const read = socket.read.bind(socket);
  let isRead = false;
  const fail = () => void socket.destroy(error);
  socket.push = (chunk, encoding) => {
    if (chunk !== null) return push(chunk, encoding);
    isRead = true;
    if (socket.readableLength === 0) fail();
    return false;
  };
  socket.read = (size) => {
    const chunk: unknown = read(size);
    if (chunk === null && isRead) fail();
    return chunk;
  };
}

function isGone(error: NodeJS.ErrnoException | null | undefined): boolean {
  return error?.code === 'EPIPE' || error?.code === 'ECONNRESET';
}
