import { IncomingMessage } from 'node:http';
import { entries } from '@trivet/kit/semantics/fields.ts';
import { type WebSocket, WebSocketServer } from 'ws';
import type { UpgradeHandler } from '../gateway/gateway.ts';

const server = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024, clientTracking: false });

/** `/ws`: every message comes back as it was sent. Says goodbye (1001) when the server is told to stop. */
export const webSocketEcho: UpgradeHandler = (inbound, socket, head, draining) => {
  const request = new IncomingMessage(socket);
  request.method = inbound.method;
  request.url = inbound.target;
  for (const [name, value] of entries(inbound.fields)) request.headers[name.toLowerCase()] = value;
  server.handleUpgrade(request, socket, head, (client) => echoTo(client, draining));
};

function echoTo(client: WebSocket, draining: AbortSignal): void {
  const leave = () => client.close(1001, 'the server is going away');
  client.on('message', (data, isBinary) => client.send(data, { binary: isBinary }));
  // What breaks the protocol closes the connection, with the code that says so; there is nothing to add.
  client.on('error', () => client.terminate());
  client.once('close', () => draining.removeEventListener('abort', leave));
  draining.addEventListener('abort', leave);
  if (draining.aborted) leave();
}
