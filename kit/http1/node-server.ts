import { createServer, type Server } from 'node:http';
import { asksForWebSocket, type HeadLimits } from './strictness.ts';

export type Limits = HeadLimits & {
  /** Connections that wait in the system to be accepted. */
  readonly backlog?: number;
  readonly maxConnections: number;
  /** Connections of one client, trusted peers and Unix sockets aside. 0, or nothing: without a limit. */
  readonly maxConnectionsPerClient?: number;
  /** Bytes a second that a client must send of a body, and take of an answer. 0, or nothing: however few. */
  readonly minRate?: number;
  /** How far it may be behind that; milliseconds. */
  readonly minRateGrace?: number;
  /** Requests per connection; the answer to the last says `Connection: close`. 0: without a limit. */
  readonly keepaliveRequests: number;
  readonly headerTimeout: number;
  readonly idleTimeout: number;
  readonly clientTimeout: number;
};

/** A server of `node:http` that has these limits and leaves to us what we judge and name ourselves. */
export function nodeServer(limits: Limits, takesUpgrades: boolean): Server {
  const server = createServer({
    // Beyond our own limits, so that a head or target within the parser's reach is judged, and named, by us.
    maxHeaderSize: limits.maxHead + limits.maxTarget,
    headersTimeout: limits.headerTimeout,
    requestTimeout: 0,
    keepAliveTimeout: limits.idleTimeout,
    connectionsCheckingInterval: Math.min(Math.max(limits.headerTimeout / 4, 50), 1_000),
    requireHostHeader: false,
    insecureHTTPParser: false,
    noDelay: true,
    shouldUpgradeCallback: (request) => takesUpgrades && asksForWebSocket(request.rawHeaders),
  });
  server.timeout = limits.clientTimeout;
  server.maxHeadersCount = limits.maxFields + 1;
  return server;
}
