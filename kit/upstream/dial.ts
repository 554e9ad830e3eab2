/** Opens a connection to the first of several addresses that takes one. Nothing is sent here, so another try is safe. */
import { connect, type Socket } from 'node:net';
import { type Address, formatAddress, socketName } from '../process/units.ts';
import { Fault } from '../semantics/fault.ts';
import { upstreamFault } from './upstream-fault.ts';

export type Dialling = {
  /** What the addresses are called in messages. */
  readonly name: string;
  /** For each address, milliseconds. */
  readonly connectMs: number;
  /** Nobody waits for the connection any more. */
  readonly signal: AbortSignal;
  /** An address took no connection and the next one is tried. */
  onMiss(fault: Fault): void;
};

/** The socket, and whose it is. */
export type Line = { readonly socket: Socket; readonly address: Address };

/** A connected socket; rejects with the `Fault` of the last address. */
export async function dial(addresses: readonly Address[], dialling: Dialling): Promise<Line> {
  let fault = new Fault('unavailable', `${dialling.name} has no address`);
  for (const [at, address] of addresses.entries()) {
    try {
      return { socket: await dialOne(address, dialling), address };
    } catch (error) {
      fault = upstreamFault(error, dialling.name, address, 'before-head');
      if (dialling.signal.aborted) break;
      if (at + 1 < addresses.length) dialling.onMiss(fault);
    }
  }
  throw fault;
}

function dialOne(address: Address, { name, connectMs, signal }: Dialling): Promise<Socket> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const where =
    address.kind === 'unix' ? { path: socketName(address.path) } : { host: address.host, port: address.port };
  // Half open: a peer that has said all may still listen.
  const socket = connect({ ...where, allowHalfOpen: true });
  const give = (reason: unknown) => socket.destroy(toError(reason));
  const onAbort = () => give(signal.reason);
  const late = new Fault(
    'timeout-connect',
    `${name} at ${formatAddress(address)} took no connection in ${connectMs}ms`,
  );
  const timer = setTimeout(give, connectMs, late);
  signal.addEventListener('abort', onAbort);
  const settled = () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  };
  socket.once('connect', () => {
    settled();
    resolve(socket);
  });
  // Stays: between here and the next owner an error must not find the socket without a listener.
  socket.on('error', (error) => {
    settled();
    reject(error);
  });
  return promise;
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
