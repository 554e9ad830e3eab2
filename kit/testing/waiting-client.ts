/** A client, its request as node:http has it, and the answer that it waits for: for what works on these alone. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type RawClient, rawConnect } from './raw-client.ts';

export type WaitingClient = AsyncDisposable & {
  readonly client: RawClient;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
};

/** The client has sent `sent`, which begins with a head; the rest of its request is its own. */
export async function waitingClient(sent = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'): Promise<WaitingClient> {
  await using own = new AsyncDisposableStack();
  const server = createServer().listen(0, '127.0.0.1');
  own.defer(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const asked = Promise.withResolvers<[IncomingMessage, ServerResponse]>();
  server.once('request', (...both) => asked.resolve(both));
  const client = own.use(await rawConnect(address.port));
  await client.write(sent);
  const [request, response] = await asked.promise;
  // Whoever leaves in the middle is an error to a stream that nobody reads.
  request.on('error', () => undefined);
  const all = own.move();
  return { client, request, response, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
