import cluster from 'node:cluster';
import { once } from 'node:events';
import { existsSync, lstatSync, rmSync } from 'node:fs';
import { chmod, chown, link, lstat, rename, rm } from 'node:fs/promises';
import { connect, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { StartProblem } from './load-file.ts';
import type { SocketAccess } from './socket-access.ts';
import { type Address, isAbstract, socketName } from './units.ts';

/** Connections that may wait to be accepted. */
export const defaultBacklog = 2048;

type How = { readonly backlog?: number; readonly exclusive?: boolean };

/**
 * Listens at the address, or on the socket that this process was given for it (`fd`); a Unix socket that a dead process left
 * behind is removed first. Rejects as Node does. In a worker it is the primary process that listens, and that has removed
 * it; unless the server is `exclusive` to this process.
 */
export async function bind(
  server: Server,
  address: Address,
  { backlog = defaultBacklog, exclusive = false }: How = {},
) {
  const how = { backlog, exclusive };
  if (address.fd !== undefined) {
    await listening(server, { fd: address.fd, ...how });
    if (address.kind === 'unix' && address.isOurs === true) removeWhenClosed(server, address.path);
    return;
  }
  if (address.kind === 'tcp') return await listening(server, { host: address.host, port: address.port, ...how });
  if (cluster.isWorker) return await listening(server, { path: socketName(address.path), ...how });
  await removeStale(address.path);
  await bindSocket(server, address, how);
}

async function listening(server: Server, where: object): Promise<void> {
  server.listen(where);
  await once(server, 'listening');
}

/** `sun_path` with its closing NUL. */
const LONGEST_PATH = 107;

let bound = 0;

/** Binds at a name, and resolves when it listens there. */
type BindAt = (path: string) => void | Promise<void>;

type UnixAddress = Extract<Address, { kind: 'unix' }>;

async function bindSocket(server: Server, { path, access }: UnixAddress, how: How): Promise<void> {
  try {
    await nameSocket(path, (at) => listening(server, { path: at, ...how }), access);
  } catch (error) {
    server.close();
    throw error;
  }
  removeWhenClosed(server, path);
}

/**
 * libuv removes the file of a socket by the name that it was bound to, when this process closes it, though another has been
 * given the socket. So it is bound to a name of no meaning, and given its own one as a second.
 */
export async function nameSocket(path: string, bindAt: BindAt, access?: SocketAccess): Promise<void> {
  if (isAbstract(path)) return await bindAt(socketName(path));
  bound += 1;
  const first = join(dirname(path), `.${process.pid}-${bound}.sock`);
  if (Buffer.byteLength(first) > LONGEST_PATH) return await bindGuarded(path, bindAt, access);
  try {
    await rm(first, { force: true });
    await bindGuarded(first, bindAt, access);
    await name(first, path);
  } catch (error) {
    // Where it cannot be removed it could not be made.
    await rm(first, { force: true }).catch(() => undefined);
    throw error instanceof StartProblem ? error : told(error, path);
  }
  await rm(first, { force: true });
}

/** Nobody but the owner may connect before mode and owner are what they should be. */
async function bindGuarded(path: string, bindAt: BindAt, access: SocketAccess | undefined): Promise<void> {
  if (access === undefined) return await bindAt(path);
  const umask = process.umask(0o177);
  let isBound: void | Promise<void>;
  try {
    // The system makes the file in this turn; what comes later is to have the umask of before.
    isBound = bindAt(path);
  } finally {
    process.umask(umask);
  }
  await isBound;
  const { mode = 0o777 & ~umask, uid = KEEP, gid = KEEP } = access;
  await chmod(path, mode);
  if (uid !== KEEP || gid !== KEEP) await give(path, uid, gid);
}

/** To `chown`: as it is. */
const KEEP = -1;

async function give(path: string, uid: number, gid: number): Promise<void> {
  try {
    await chown(path, uid, gid);
  } catch (cause) {
    const whose = [uid, gid].map((id) => (id === KEEP ? '' : id)).join(':');
    const why = 'only root gives files away, and others only to groups that they are in';
    throw new StartProblem(
      `the socket cannot be given to ${whose} (${(cause as NodeJS.ErrnoException).code}): ${why}`,
      {
        cause,
      },
    );
  }
}

/** Fails where there is something of that name. */
async function name(first: string, path: string): Promise<void> {
  try {
    await link(first, path);
  } catch (error) {
    // Not every file system has second names.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' || existsSync(path)) throw error;
    await rename(first, path);
  }
}

// As Node.js tells of it for the name that was meant.
function told(error: unknown, path: string): unknown {
  const { code = '' } = error as NodeJS.ErrnoException;
  const own = code === 'EEXIST' ? 'EADDRINUSE' : code;
  return Object.assign(new Error(`listen ${own}: ${path}`, { cause: error }), {
    code: own,
    syscall: 'listen',
    address: path,
  });
}

/** What of a server is needed to know when it is closed. */
type Closing = { once(event: 'close', tell: () => void): unknown };

let areLeft = false;

const removals = new WeakMap<Closing, () => void>();

/** Removes the file of the socket when the server or the process ends, unless it was left to another or is another's by then. */
export function removeWhenClosed(server: Closing, path: string): void {
  if (isAbstract(path)) return;
  const { ino } = lstatSync(path);
  const remove = () => {
    removals.delete(server);
    process.off('exit', remove);
    const isOurs = !areLeft && lstatSync(path, { throwIfNoEntry: false })?.ino === ino;
    if (isOurs) rmSync(path, { force: true });
  };
  removals.set(server, remove);
  server.once('close', remove);
  process.once('exit', remove);
}

/** Removes the file of a socket before its end: nobody new comes then. */
export function removeFileOf(server: Closing): void {
  removals.get(server)?.();
}

/** From now on another process listens on the sockets of this one: their files stay. */
export function leaveSockets(): void {
  areLeft = true;
}

/** The number of the listening socket; undefined in a worker, where the primary process has it. */
export function fdOf(server: Server): number | undefined {
  const fd = handleFd(server);
  return fd >= 0 ? fd : undefined;
}

/** The number of a connection; -1 of one that is gone. */
export function fdOfSocket(socket: Socket): number {
  return handleFd(socket);
}

function handleFd(holder: Server | Socket): number {
  const { fd }: { fd?: unknown } = handleOf(holder) ?? {};
  return typeof fd === 'number' ? fd : -1;
}

/** What the system's socket is to Node.js. */
export function handleOf(holder: Server | Socket): object | undefined {
  // No public interface has it; a test says whether it is still there.
  const { _handle: handle }: { _handle?: object | null } = holder as object;
  return handle ?? undefined;
}

/** Removes a socket that nobody listens on any more. */
export async function removeStale(path: string): Promise<void> {
  if (isAbstract(path)) return;
  const stat = await lstat(path).catch(() => undefined);
  if (stat?.isSocket() && !(await answers(path))) await rm(path, { force: true });
}

/** Is a process listening on this socket? Only a refusal proves that none is. */
async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ECONNREFUSED';
  } finally {
    socket.destroy();
  }
}
