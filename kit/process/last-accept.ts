/**
 * The end of a listening socket that nobody else has. The kernel resets what waits on it to be accepted, so it has to be
 * closed while nothing waits, which no system call tells. But a backlog of 0 admits a connection only where none waits: one
 * of our own that is admitted proves that the queue was empty, and keeps it shut until the socket is closed. What is half
 * open then (its client may count it as connected) is let in first. Of a Unix socket the file is gone before, so nobody new
 * comes, and a turn of the loop that brings no connection proves the same; one without a file is shut as those of TCP are.
 */
import { existsSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** What of the handle of a listening socket is used; no public interface has it, and a test says whether it is still there. */
type Handle = {
  readonly fd: number;
  listen(backlog: number): number;
  /** Not of a Unix socket. */
  getsockname?(into: object): number;
  onconnection?: unknown;
};

type Place = { readonly host: string; readonly port: number } | { readonly path: string };

/** Where connections come in without end they are not waited for any longer. */
const MOST_MS = 3_000;
/** Where the queue is never empty for so long, fewer are let in: others try again a second later, and are refused then. */
const NARROW_AFTER_MS = 250;

/** So long until it is looked again whether those that were half open are; what we shut out they send anew in 200 ms. */
const HALF_OPEN_MS = 250;

/**
 * Calls `close` while nothing waits on the socket, after a turn of the loop at the earliest. `path`: of a Unix socket that
 * clients still find there.
 */
export async function closeWhenEmpty(
  handle: unknown,
  backlog: number,
  close: () => void,
  path?: string,
): Promise<void> {
  if (!isListening(handle)) return close();
  const until = performance.now() + MOST_MS;
  const isOver = () => handle.fd < 0 || performance.now() >= until;
  const quiet = quietTurns(handle);
  const ways = path === undefined ? waysTo(handle) : [{ path }];
  const narrowAt = performance.now() + NARROW_AFTER_MS;
  await quiet(() => isOver() || (ways.length > 0 && performance.now() >= narrowAt));
  if (ways.length === 0 || !(await shutInTime({ handle, backlog, ways, narrowAt, quiet, isOver }, close))) close();
}

type Way = {
  readonly handle: Handle;
  readonly backlog: number;
  readonly ways: readonly Place[];
  /** By `performance.now()`. */
  readonly narrowAt: number;
  quiet(isOver: () => boolean): Promise<void>;
  isOver(): boolean;
};

/** Resolves with true once it has called `close`. */
async function shutInTime(
  { handle, backlog, ways, narrowAt, quiet, isOver }: Way,
  close: () => void,
): Promise<boolean> {
  for (let way = 0; !isOver(); way = (way + 1) % ways.length) {
    const width = performance.now() < narrowAt ? backlog : 0;
    const found = await shut({ handle, backlog: width, place: ways[way] }, close);
    if (found === 'closed') return true;
    if (found === 'half open') await wait(HALF_OPEN_MS);
    await quiet(() => isOver() || (width > 0 && performance.now() >= narrowAt));
  }
  return false;
}

const nowhere: Place = { host: '127.0.0.1', port: 0 };

type Door = { readonly handle: Handle; readonly backlog: number; readonly place: Place | undefined };

/** Calls `close` where nothing waits and nothing is half open. */
async function shut(
  { handle, backlog, place = nowhere }: Door,
  close: () => void,
): Promise<'closed' | 'waiting' | 'half open'> {
  handle.listen(0);
  const plug = connect(place);
  plug.on('error', () => undefined);
  try {
    // By now it is on its way, and this process has not been back in its loop, where it would accept.
    await new Promise<void>((then) => process.nextTick(then));
    const found = isConnected(plug) ? admitted(place) : 'waiting';
    if (found === 'closed') close();
    else handle.listen(backlog);
    return found;
  } finally {
    plug.destroy();
  }
}

/** Returns what resolves behind the next turn of the loop that has brought no connection. */
function quietTurns(handle: Handle): (isOver: () => boolean) => Promise<void> {
  const { onconnection } = handle;
  let came = 0;
  if (typeof onconnection === 'function') {
    handle.onconnection = function onConnection(this: unknown, ...given: unknown[]) {
      came += 1;
      return Reflect.apply(onconnection, this, given);
    };
  }
  return async (isOver) => {
    // The first one ends the turn in which this was asked for.
    await turn();
    for (let before = -1; before !== came && !isOver(); await turn()) before = came;
  };
}

function turn(): Promise<void> {
  return new Promise((then) => setImmediate(then));
}

function isListening(handle: unknown): handle is Handle {
  if (typeof handle !== 'object' || handle === null || !('fd' in handle && 'listen' in handle)) return false;
  return typeof handle.fd === 'number' && handle.fd >= 0 && typeof handle.listen === 'function';
}

/** Whoever listens on all addresses is reached at his own; not every machine has that of IPv6. None: it is no TCP socket. */
function waysTo(handle: Handle): readonly Place[] {
  const found: { address?: string; port?: number } = {};
  if (handle.getsockname === undefined || handle.getsockname(found) !== 0) return [];
  const { address = '', port = 0 } = found;
  if (address === '0.0.0.0') return [{ host: '127.0.0.1', port }];
  if (!/^[0:]+$/.test(address)) return [{ host: address, port }];
  return [
    { host: '::1', port },
    { host: '127.0.0.1', port },
  ];
}

const admitted = (place: Place) => ('port' in place && hasHalfOpen(place.port) ? 'half open' : 'closed');

/** Are there connections to this port of which the last word of the client is not here yet? Where the system tells. */
function hasHalfOpen(port: number): boolean {
  const entry = new RegExp(`:${port.toString(16).toUpperCase().padStart(4, '0')} [0-9A-F]+:[0-9A-F]{4} 03 `);
  const tables = ['/proc/self/net/tcp', '/proc/self/net/tcp6'].filter((path) => existsSync(path));
  return tables.some((path) => entry.test(readFileSync(path, 'latin1')));
}

type Connecting = { getpeername?(into: object): number; readStart?(): number };

/** Has the system connected it? That it has, `node:net` says a turn of the loop later. */
function isConnected(socket: Socket): boolean {
  const { _handle: handle } = socket as unknown as { readonly _handle?: Connecting | null };
  // A Unix socket that is not connected cannot be read.
  return (handle?.getpeername?.({}) ?? handle?.readStart?.()) === 0;
}
