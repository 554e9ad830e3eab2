/**
 * Handlers of the kind `(request, response)`, Express applications among them, beside the WSGI application. They speak to
 * `node:http` themselves, so nothing of what the gateway checks for WSGI applications is checked for them.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { standardFields } from '@trivet/kit/http1/answer.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { splitQuery } from '@trivet/kit/semantics/target.ts';

export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** As Connect has it: `url` is what is behind the mount, the other two tell where that was. */
type MountedRequest = IncomingMessage & { originalUrl?: string; baseUrl?: string };

/** The longest prefix that the target's path lies under, compared as the client wrote it. */
export function mountOf(mounts: Readonly<Record<string, NodeHandler>>, target: string): string | undefined {
  const { path } = splitQuery(target);
  const under = Object.keys(mounts).filter((prefix) => path === prefix || path.startsWith(`${prefix}/`));
  return under.reduce<string | undefined>(
    (best, prefix) => (prefix.length > (best ?? '').length ? prefix : best),
    undefined,
  );
}

/** Hands an exchange to a handler that is mounted at `prefix`. */
export function handToMount(
  handler: NodeHandler,
  prefix: string,
  { inbound, response, serverTiming }: { inbound: Inbound; response: ServerResponse; serverTiming: boolean },
): void {
  const request: MountedRequest = response.req;
  const rest = inbound.target.slice(prefix.length);
  request.originalUrl = inbound.target;
  request.baseUrl = prefix;
  request.url = rest.startsWith('/') ? rest : `/${rest}`;
  response.setHeader('X-Request-Id', inbound.id);
  if (serverTiming) timeAtHead(inbound, response);
  handler(request, response);
}

/** How long this tier took is known when the head goes out, not when the handler is called. */
function timeAtHead(inbound: Inbound, response: ServerResponse): void {
  const writeHead: (...args: unknown[]) => ServerResponse = response.writeHead.bind(response) as never;
  response.writeHead = (...args: unknown[]) => {
    const [, , name = '', value = ''] = standardFields(inbound, 'app');
    response.appendHeader(name, value);
    return writeHead(...args);
  };
}
