import type { EventEmitter } from 'node:events';
import { ServerResponse } from 'node:http';

type Used =
  | 'addTrailers'
  | 'closed'
  | 'destroyed'
  | 'flushHeaders'
  | 'headersSent'
  | 'shouldKeepAlive'
  | 'writableEnded';

/**
 * What an answer is written into: the response to a client, or whatever else takes an answer as one. It is the part of
 * node's ServerResponse that answers are made with, and means the same: `write` says false until `drain`, and `close` says
 * that nothing of what was written is read any more.
 */
export interface Outlet extends EventEmitter, Pick<ServerResponse, Used> {
  readonly req: { readonly complete: boolean };
  writeInformation(status: number, fields: readonly string[]): void;
  writeHead(status: number, fields: string[]): unknown;
  writeHead(status: number, reason: string, fields: string[]): unknown;
  write(chunk: Buffer): boolean;
  end(chunk?: Buffer | string): unknown;
  /** A client is told nothing of the error, who is in the house is. */
  destroy(error?: Error): unknown;
}

/** Up to here copying a body costs less than having the kernel gather head and body from two places; bytes. */
const LONGEST_COPIED_BYTES = 4 * 1024;

/** Ends an answer with the last piece of its body, or with all of it. */
export function endWith(response: Outlet, last: Buffer): void {
  // What is given as text goes out in one piece with the head.
  if (last.length <= LONGEST_COPIED_BYTES && response instanceof ServerResponse)
    response.end(last.toString('latin1'), 'latin1');
  else response.end(last);
}
