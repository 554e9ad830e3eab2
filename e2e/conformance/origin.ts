import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileOf } from './suite.ts';

type Handler = (segments: string[], request: IncomingMessage, response: ServerResponse) => void;

/** The suite's own origin server, on a port of this machine that is free; its tests tell it over HTTP what to answer. */
export async function openOrigin(): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(await dispatcher());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

// What the suite's `server/server.mjs` does beside listening on every interface and serving its web pages.
async function dispatcher(): Promise<RequestListener> {
  const { stash }: { stash: ReadonlyMap<string, unknown> } = await import(fileOf('server/utils.mjs'));
  const names = ['config', 'test', 'state'];
  const loaded = names.map(async (name): Promise<[string, Handler]> => {
    const { default: handler }: { default: Handler } = await import(fileOf(`server/handle-${name}.mjs`));
    return [name, handler];
  });
  const handlers = new Map(await Promise.all(loaded));
  return (request, response) => {
    const [, name = '', ...segments] = new URL(request.url ?? '/', 'http://origin').pathname.split('/');
    const handler = handlers.get(name);
    // A test that never reached this server has left nothing; the suite's own handler would print a warning.
    if (handler === undefined || (name === 'state' && !stash.has(segments[0] ?? ''))) response.writeHead(404).end();
    else handler(segments, request, response);
  };
}
