// A server whose upgrade requests all go through one tunnel, with an upstream below HTTP behind it.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Tier } from '../semantics/fault.ts';
import type { Fields } from '../semantics/fields.ts';
import { requestEndToEnd } from '../semantics/hop-by-hop.ts';
import { Tunnel, type TunnelEnd, type TunnelWay } from '../upstream/tunnel.ts';
import { listenSomewhere } from './place.ts';
import { silentLog } from './silent.ts';

export type TunnelTimeouts = {
  readonly connectMs: number;
  readonly firstByteMs: number;
  readonly idleMs?: number;
  /** For the head of a request, generous if not told; it must not become the time of a tunnel. */
  readonly headMs?: number;
};

const tier: Tier = 'static-frontend';

export class TunnelStand implements AsyncDisposable {
  readonly tunnel: Tunnel;
  readonly port: number;
  /** How each tunnel ended, in that order. */
  readonly ends: TunnelEnd[] = [];
  readonly #server: Server;
  readonly #edit: (fields: Fields) => string[];

  constructor(tunnel: Tunnel, server: Server, port: number, edit: (fields: Fields) => string[]) {
    this.tunnel = tunnel;
    this.#server = server;
    this.port = port;
    this.#edit = edit;
  }

  async take(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const { method = '', url = '', httpVersion: version, rawHeaders: fields } = request;
    const inbound = { id: 'request-1', method, target: url, version, fields };
    const answerFields = ['Via', '1.1 static-frontend', 'X-Request-Id', inbound.id];
    const forward = { fields: this.#edit(requestEndToEnd(fields)), answerFields };
    const end = await this.tunnel.open(inbound, socket, head, forward);
    this.ends.push(end);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tunnel[Symbol.asyncDispose]();
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** Timeouts are generous unless the test is about them; `edit` has the last word on the fields to the upstream. */
export async function tunnelStand(
  addresses: TunnelWay['addresses'],
  timeouts: TunnelTimeouts = { connectMs: 3_000, firstByteMs: 3_000 },
  edit: (fields: Fields) => string[] = (fields) => [...fields],
): Promise<TunnelStand> {
  const { headMs = 20_000 } = timeouts;
  const server = createServer({ headersTimeout: headMs, requestTimeout: headMs + 50, connectionsCheckingInterval: 20 });
  const { port } = await listenSomewhere(server);
  const tunnel = new Tunnel({ tier, upstreamName: 'app-backend', addresses, timeouts, log: silentLog });
  const stand = new TunnelStand(tunnel, server, port, edit);
  server.on('upgrade', (request, socket, head) => void stand.take(request, socket as Socket, head));
  return stand;
}

/** A WebSocket handshake as a client sends it (RFC 6455 §1.3). */
export function handshake(fields: readonly string[] = [], requestLine = 'GET /ws HTTP/1.1'): string {
  const own = [
    'Host: site.example',
    'Connection: keep-alive, Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ];
  return `${[requestLine, ...own, ...fields].join('\r\n')}\r\n\r\n`;
}

/** The answer that goes with it. */
export const switched = [
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
].join('\r\n');

/** Calls back once, with the head of a request and the bytes behind it. */
export function onRequestHead(socket: Socket, answer: (head: string, rest: string) => void): void {
  let received = '';
  const read = (chunk: Buffer) => {
    received += chunk.toString('latin1');
    const end = received.indexOf('\r\n\r\n');
    if (end < 0) return;
    socket.off('data', read);
    answer(received.slice(0, end + 4), received.slice(end + 4));
  };
  socket.on('data', read);
}
