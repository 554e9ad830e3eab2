import cluster from 'node:cluster';
import { once } from 'node:events';
import { lstat, rm } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import type { Address } from './units.ts';

/**
 * Listens at the address; a Unix socket that a dead process left behind is removed first. Rejects as Node does. In a
 * worker it is the primary process that listens, and that has removed it; unless the server is `exclusive` to this process.
 */
export async function bind(
  server: Server,
  address: Address,
  { backlog = 2048, exclusive = false } = {},
): Promise<void> {
  if (address.kind === 'unix' && !cluster.isWorker) await removeStale(address.path);
  const where = address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port };
  server.listen({ ...where, backlog, exclusive });
  await once(server, 'listening');
}

/** Removes a socket that nobody listens on any more. */
export async function removeStale(path: string): Promise<void> {
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
