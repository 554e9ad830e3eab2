/** What is asked of a connection's watch when bytes or requests come on it. */
import type { IncomingMessage } from 'node:http';
import type { Fault } from '../semantics/fault.ts';
import type { Connection } from './connection.ts';
import type { Limits } from './node-server.ts';
import { announcesBody, asksForUpgrade, type HeadLimits, type Judgement, judge, overflow } from './strictness.ts';

/** Is this request, of which the parser has just taken the head, one that may be acted on? */
export function judgeRequest(
  request: IncomingMessage,
  connection: Connection | undefined,
  limits: HeadLimits,
): Judgement {
  const { method = '', url = '', httpVersion, rawHeaders } = request;
  const raw = connection?.watch.take(rawHeaders);
  return judge({ method, target: url, version: httpVersion, fields: rawHeaders, raw }, limits);
}

/** Lets the watch see what comes on the connection, and refuses a head that has outgrown its limits though it goes on. */
export function watchHeads(connection: Connection, limits: HeadLimits, refuse: (fault: Fault) => void): void {
  // Before the parser's own listener. It also makes node:http read through the socket and not around it.
  connection.socket.prependListener('data', (chunk: Buffer) => {
    // What passes through a tunnel is no head, however long it is.
    if (connection.isUpgraded) return;
    connection.watch.see(chunk);
    const { head } = connection.watch;
    // One that is whole is judged as a request.
    if (head === undefined || head.isWhole || connection.isRefused || connection.isEnding) return;
    const fault = overflow(head, limits);
    if (fault) refuse(fault);
  });
}

/** Is this the last request that is served on its connection? */
export function isLastOn(connection: Connection, { rawHeaders }: IncomingMessage, limits: Limits): boolean {
  if (connection.isLast(limits.keepaliveRequests)) return true;
  // Of a packet that asks for an upgrade nobody takes, node:http throws away what is behind the request.
  return asksForUpgrade(rawHeaders) && (connection.watch.isAhead || announcesBody(rawHeaders));
}
