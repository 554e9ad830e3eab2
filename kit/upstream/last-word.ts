/**
 * A peer may answer and close before it has read the whole request, as a server does that refuses a large upload. The
 * next write then fails, and Node closes a socket whose write failed, with the answer still unread in it. The answer
 * is the better news (RFC 9112 §9.5): what came is read to its end, and that end, not the write, ends the connection.
 */
import type { Socket } from 'node:net';

type Done = (error?: Error | null) => void;

/** Makes a write that finds the peer gone say nothing: no more is written, and reading finds the answer, then the end. */
export function readBeforeFailing(socket: Socket): void {
  // A stream has one write under way at a time.
  let done: Done = () => undefined;
  const settle: Done = (error) => {
    if (!isGone(error) || socket.readableEnded) done(error);
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

function isGone(error: Error | null | undefined): boolean {
  return error != null && 'code' in error && (error.code === 'EPIPE' || error.code === 'ECONNRESET');
}
