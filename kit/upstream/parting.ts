import type { Duplex } from 'node:stream';

/** How long a peer that got everything may take to close its side. */
const lingerMs = 2_000;

/**
 * Lets go of a socket whose other half is gone: what was written may still be flushed, for `flushMs` at most; what
 * comes in is discarded meanwhile, because closing over unread bytes is a reset that eats the answer (RFC 9112 §9.6).
 */
export function part(socket: Duplex, flushMs: number): void {
  if (socket.destroyed) return;
  const ms = Math.min(lingerMs, flushMs);
  let timer = setTimeout(() => socket.destroy(), socket.writableFinished ? ms : flushMs);
  socket.once('finish', () => {
    clearTimeout(timer);
    timer = setTimeout(() => socket.destroy(), ms);
  });
  socket.once('close', () => clearTimeout(timer));
  socket.unpipe();
  socket.resume();
}

/** Resolves when the socket is closed, at once if it is already. */
export function closed(socket: Duplex): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}
