import type { IncomingMessage } from 'node:http';
import { Fault } from '../semantics/fault.ts';
import type { Connection, InFlight } from './connection.ts';

export type Silence =
  | { readonly verdict: 'wait'; readonly why: 'the answer is being made' | 'a head has its own time' }
  | { readonly verdict: 'close'; readonly why: 'idle' | 'the client takes nothing' | 'the answer has begun' }
  | { readonly verdict: 'refuse'; readonly fault: Fault; readonly connection: Connection; readonly exchange: InFlight };

/** Nothing moved on a client's socket for `silentMs`: is that the client's fault? Waiting for an answer is not. */
export function judgeSilence(connection: Connection | undefined, silentMs: number): Silence {
  const exchange = connection?.current;
  if (connection === undefined) return { verdict: 'close', why: 'idle' };
  if (exchange === undefined) return silenceBetween(connection);
  const { request, response } = exchange;
  if (connection.socket.writableLength > 0) return { verdict: 'close', why: 'the client takes nothing' };
  // A body that nobody reads now (the next hop is slow) makes the client wait for us, not us for the client.
  const isRead = isWantingMore(request);
  if (request.complete || !isRead) return { verdict: 'wait', why: 'the answer is being made' };
  if (response.headersSent) return { verdict: 'close', why: 'the answer has begun' };
  const fault = new Fault('body-timeout', `the client sent nothing of its request body for ${silentMs}ms`);
  return { verdict: 'refuse', fault, connection, exchange };
}

/** A client that has begun a head is told when its time is over; one that has not is not, as browsers connect ahead of need. */
function silenceBetween({ watch, isUpgraded, isRefused }: Connection): Silence {
  const hasBegun = (watch.head?.bytes ?? 0) > 0 && !isUpgraded && !isRefused;
  return hasBegun ? { verdict: 'wait', why: 'a head has its own time' } : { verdict: 'close', why: 'idle' };
}

/** Does somebody wait for more of this body than has come? Iterators read through 'readable' and leave the flow off. */
export function isWantingMore(request: IncomingMessage): boolean {
  const isReader = request.readableFlowing === true || request.listenerCount('readable') > 0;
  return isReader && request.readableLength === 0;
}
