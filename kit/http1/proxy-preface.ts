/** Takes the PROXY header off a socket, so that whoever gets the socket then reads what the client sent and no more. */
import type { Socket } from 'node:net';
import { type ProxyHeader, readProxyHeader } from './proxy-header.ts';

/** `left`: whoever connected said nothing and went, as probes of a port do. */
export type Preface = Exclude<ProxyHeader, { kind: 'more' }> | { readonly kind: 'left' };

const nothing = Buffer.alloc(0);

/**
 * Calls `onRead` once, with the socket paused if a header was read and what came behind it back in the socket: it flows
 * again as soon as that returns. After `bad` and `left` nothing more is to be had from the socket.
 */
export function readPreface(socket: Socket, deadlineMs: number, onRead: (preface: Preface) => void): void {
  let bytes: Buffer = nothing;
  const listeners = {
    data: (more: Buffer) => {
      bytes = bytes.length === 0 ? more : Buffer.concat([bytes, more]);
      const header = readProxyHeader(bytes);
      if (header.kind !== 'more') finish(header);
    },
    end: () => finish(bytes.length === 0 ? { kind: 'left' } : { kind: 'bad', why: 'it ends half-way' }),
    error: () => undefined,
    close: () => finish({ kind: 'left' }),
  };
  const timer = setTimeout(() => finish({ kind: 'bad', why: 'it did not come in time' }), deadlineMs);
  for (const [event, listener] of Object.entries(listeners)) socket.on(event, listener);

  function finish(preface: Preface): void {
    clearTimeout(timer);
    for (const event of ['data', 'end', 'close'] as const) socket.off(event, listeners[event]);
    socket.pause();
    if ('length' in preface && preface.length < bytes.length) socket.unshift(bytes.subarray(preface.length));
    onRead(preface);
    // Not before the next owner listens: an error that nobody hears ends the process.
    if ('length' in preface) socket.off('error', listeners.error).resume();
  }
}
