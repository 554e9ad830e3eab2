import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { reasonPhrase } from '@trivet/kit/semantics/status.ts';
import type { Application } from '../wsgi.ts';
import { headersOf } from './environ-fields.ts';
import { type Handler, HandlerCall, LONGEST_HEAD_BYTES } from './handler-call.ts';

/**
 * A handler of the kind `(request, response)`, such as an Express application, as a WSGI application. It gets a real
 * IncomingMessage and a real ServerResponse: `node:http` stands on both ends of a connection in memory, so that framing,
 * back-pressure, interim answers and broken transfers are its own and no imitation. That costs about as much as one
 * request more; an entry in `mounts`, beside the application, costs nothing. A connection cannot be upgraded.
 */
export function nodeHandlerToWsgi(handler: Handler): Application {
  const calls = new WeakMap<object, HandlerCall>();
  const server = innerServer((request, response) => calls.get(request.socket)?.begin(request, response));
  return async (environ, startResponse) => {
    const call = new HandlerCall(environ, handler);
    calls.set(call.socket, call);
    server.emit('connection', call.socket);
    let isBegun = false;
    try {
      const answer = await call.answer();
      const { statusCode = 500, statusMessage, rawHeaders } = answer;
      startResponse(`${statusCode} ${statusMessage || reasonPhrase(statusCode)}`, headersOf(rawHeaders));
      isBegun = true;
      return call.bodyOf(answer);
    } finally {
      if (!isBegun) call.close();
    }
  };
}

/** Listens nowhere: connections are given to it. What it would refuse or limit was refused and limited in front. */
function innerServer(begin: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer({ maxHeaderSize: LONGEST_HEAD_BYTES, requireHostHeader: false, requestTimeout: 0 });
  server.timeout = 0;
  return server.on('request', begin).on('checkContinue', begin).on('checkExpectation', begin);
}
