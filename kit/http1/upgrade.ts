import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ExchangeRecord } from '../process/exchange-record.ts';
import { type Tier, toFault } from '../semantics/fault.ts';
import type { Connection } from './connection.ts';
import type { Inbound } from './inbound.ts';
import { refusalBytes } from './refusal.ts';
import { StandIn } from './stand-in.ts';
import { announcesBody } from './strictness.ts';

/** How an upgrade went, for its record. */
export type UpgradeEnd = Pick<ExchangeRecord, 'status' | 'outcome' | 'fault'>;

/**
 * Takes over a socket that asked for a WebSocket; `head` are bytes that came behind the request. Who says nothing of how
 * it ended, switched protocols. A rejection before anything was written is an error page.
 */
export type UpgradeHandler = (
  inbound: Inbound,
  socket: Socket,
  head: Buffer,
) => void | Promise<void> | Promise<UpgradeEnd>;

export type HandingOver = {
  readonly socket: Socket;
  readonly head: Buffer;
  readonly tier: Tier;
  readonly onUpgrade: UpgradeHandler;
};

/** Hands the connection over; resolves with how that ended once its socket is closed. */
export async function handOver(
  connection: Connection,
  inbound: Inbound,
  { socket, head, tier, onUpgrade }: HandingOver,
): Promise<UpgradeEnd> {
  const closed = new Promise((resolve) => socket.once('close', resolve));
  connection.becomes(socket);
  socket.setTimeout(0);
  const before = socket.bytesWritten;
  let end: UpgradeEnd = { status: 101, outcome: 'done' };
  try {
    end = (await onUpgrade(inbound, socket, head)) ?? end;
  } catch (error) {
    const fault = toFault(error);
    end = { status: fault.status, outcome: 'done', fault };
    // Behind bytes of a tunnel a page would be taken for more of them.
    if (socket.bytesWritten > before) socket.destroy();
    else connection.refuse(refusalBytes(tier, fault, inbound.id, Date.now()));
  }
  await closed;
  return end;
}

/** The client's socket itself behind an upgrade request, and the bytes that came with it. */
export function socketOf(client: Duplex, head: Buffer): { readonly socket: Socket; readonly head: Buffer } {
  if (!(client instanceof StandIn)) return { socket: client as Socket, head };
  const { socket, unread } = client.release();
  return { socket, head: unread.length === 0 ? head : Buffer.concat([head, unread]) };
}

/** Why this request cannot take over its connection, if it cannot. */
export function whyNoUpgrade(connection: Connection, request: IncomingMessage): string | undefined {
  if (announcesBody(request.rawHeaders)) return 'an upgrade request may not have a body';
  // Two would write on one socket.
  return connection.current && 'an upgrade request may not be sent before the answers to earlier ones';
}
