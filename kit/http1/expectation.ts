import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Lets `100 Continue` go out when the body is first read, so that an early refusal costs the client nothing
 * (RFC 9110 §10.1.1).
 */
export function continueOnRead(request: IncomingMessage, response: ServerResponse, mayKeepAlive: () => boolean): void {
  const read = request._read.bind(request);
  let isAwaited = true;
  const keepsAlive = response.shouldKeepAlive;
  // Without a 100 the client may send the body all the same, or never: the connection cannot be used again.
  response.shouldKeepAlive = false;
  const proceed = () => {
    if (!isAwaited || response.headersSent) return;
    isAwaited = false;
    response.shouldKeepAlive = keepsAlive && mayKeepAlive();
    response.writeContinue();
  };
  // All of the body was here before anybody read: without a 100 node:http would close behind the answer.
  request.once('end', proceed);
  request._read = (size) => {
    request._read = read;
    proceed();
    read(size);
  };
}
