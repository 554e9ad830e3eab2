/** Handlers of the kind `Request → Response`, as Deno, Bun, workers and many frameworks have them, as WSGI applications. */
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { reasonPhrase } from '@trivet/kit/semantics/status.ts';
import { requestUri } from '../uri.ts';
import type { Application, Body, Environ } from '../wsgi.ts';
import { fieldsOf, hasBody, headersOf } from './environ-fields.ts';
import { nextBlock } from './input-blocks.ts';

/** `Request` and `Response` are those of the platform. */
export type FetchHandler = (request: globalThis.Request) => globalThis.Response | Promise<globalThis.Response>;

/**
 * The application that asks `handler`. Bodies stream both ways; `request.signal` is aborted when the client leaves; a
 * response body that fails breaks the transfer. The address of the request is that of PEP 3333, "URL Reconstruction".
 */
export function fetchToWsgi(handler: FetchHandler): Application {
  return async (environ, startResponse) => {
    const method = environ.REQUEST_METHOD;
    const response = await handler(requestOf(environ));
    // Taken before the head: a response whose body was read already has none to give.
    const reader = response.body?.getReader();
    const reason = response.statusText || reasonPhrase(response.status);
    startResponse(`${response.status} ${reason}`, headersOf([...response.headers].flat()));
    if (reader === undefined) return [];
    if (method !== 'HEAD') return bodyOf(reader);
    await reader.cancel();
    return [];
  };
}

/** What may not be asked by a Request of the platform. */
const withoutRequest: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK']);

function requestOf(environ: Environ): globalThis.Request {
  const method = environ.REQUEST_METHOD;
  if (withoutRequest.has(method.toUpperCase())) throw new Fault('unknown-method', `${method} is not served`);
  const signal = environ['trivet.signal'];
  const mayHaveBody = method !== 'GET' && method !== 'HEAD' && hasBody(environ);
  return new globalThis.Request(requestUri(environ), {
    method,
    headers: pairs(fieldsOf(environ)),
    ...(signal && { signal }),
    ...(mayHaveBody && { body: streamOf(environ), duplex: 'half' }),
  });
}

function pairs(fields: readonly string[]): [name: string, value: string][] {
  const all: [string, string][] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) all.push([fields[at] ?? '', fields[at + 1] ?? '']);
  return all;
}

// The client is read from only as the handler reads: nothing is asked for ahead.
function streamOf(environ: Environ): ReadableStream<Uint8Array> {
  const input = environ['wsgi.input'];
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const block = await nextBlock(input);
        if (block.length === 0) controller.close();
        else controller.enqueue(block);
      },
    },
    { highWaterMark: 0 },
  );
}

function bodyOf(reader: ReadableStreamDefaultReader<Uint8Array>): Body {
  return {
    async *[Symbol.asyncIterator]() {
      for (let step = await reader.read(); !step.done; step = await reader.read()) yield step.value;
    },
    close: () => reader.cancel(),
  };
}
