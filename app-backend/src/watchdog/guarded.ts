/** Requests in the slow lane, under the eyes of the watchdog until the heads of their answers go out. */
import type { ServerResponse } from 'node:http';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { clearFd } from '@trivet/kit/http1/stand-in.ts';
import type { Watchdog } from './watchdog.ts';

type Handle = (inbound: Inbound, response: ServerResponse) => void | Promise<void>;

/** The same handler. Without a watchdog nothing is between. */
export function guarded(watchdog: Watchdog | undefined, handle: Handle): Handle {
  if (watchdog === undefined) return handle;
  return (inbound, response) => {
    guard(watchdog, inbound, response);
    return handle(inbound, response);
  };
}

function guard(watchdog: Watchdog, { method, id }: Inbound, response: ServerResponse): void {
  let entry = watchdog.guard(clearFd(response.req.socket), method === 'HEAD', id);
  if (entry === undefined) return;
  const release = () => {
    watchdog.release(entry);
    entry = undefined;
  };
  // Every head goes this way, also one that nobody has written.
  const writeHead: (...args: unknown[]) => ServerResponse = response.writeHead.bind(response) as never;
  response.writeHead = (...args: unknown[]) => {
    release();
    return writeHead(...args);
  };
  response.once('close', release);
}
