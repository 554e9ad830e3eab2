/** What a client is answered who says given bytes, packet by packet, and reads to the end. */
import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

const deadlineMs = 5_000;

/**
 * Sends the parts, each in a packet of its own, and gives the text (latin1) that came until the server closed, or that it did
 * not. `isCut`: ends our side behind them.
 */
export async function conversation(port: number, parts: readonly Uint8Array[], isCut = false): Promise<string> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  // Who was refused may meet a reset while it still sends.
  socket.on('error', () => socket.destroy());
  const timer = setTimeout(() => {
    text += '[the server did not close]';
    socket.destroy();
  }, deadlineMs);
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  socket.once('close', () => resolve());
  for (const [i, part] of parts.entries()) {
    if (i > 0) await turn();
    if (i > 0) await turn();
    if (socket.writable) socket.write(part);
  }
  if (isCut) socket.end();
  await closed;
  clearTimeout(timer);
  return text;
}
