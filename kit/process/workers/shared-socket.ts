/**
 * The listening socket that `node:cluster` has in the primary process, for a process that is to go on with it. Node.js keeps it
 * to itself; but it tells of every server that listens (`diagnostics_channel`). A test says whether it still does.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';

const CHANNEL = 'tracing:net.server.listen:asyncEnd';

export type Handle = { readonly fd: number; close(): void };
type Listening = { readonly server: { address(): AddressInfo | string | null; readonly _handle?: unknown } };

export class SharedSocket implements Disposable {
  readonly #found: { readonly name: number | string; readonly handle: Handle }[] = [];
  readonly #note = (message: unknown) => {
    const { server } = message as Listening;
    const address = server.address();
    const name = typeof address === 'object' && address !== null ? address.port : pathOf(address ?? '');
    const { _handle: handle } = server;
    if (isHandle(handle)) this.#found.push({ name, handle });
  };

  constructor() {
    subscribe(CHANNEL, this.#note);
  }

  /** The one that listens on this port now, or at the path; undefined where none is known. */
  on(place: number | string): Handle | undefined {
    // From the last on: a socket is made anew when all workers have died at once.
    const wanted = typeof place === 'string' ? pathOf(place) : place;
    return this.#found.findLast(({ name, handle }) => name === wanted && handle.fd >= 0)?.handle;
  }

  [Symbol.dispose](): void {
    unsubscribe(CHANNEL, this.#note);
  }
}

/** `node:cluster` listens at a path as it is seen from the folder that it works in, where that is shorter. */
function pathOf(name: string): string {
  return name.startsWith('\0') ? name : resolve(name);
}

function isHandle(value: unknown): value is Handle {
  return typeof value === 'object' && value !== null && 'fd' in value && 'close' in value;
}
