import { once } from 'node:events';
import type { Server } from 'node:net';
import type { Address } from '../process/units.ts';

/** Where a test's server is to be found. */
export type Place = { readonly url: string; readonly address: Address; readonly port: number };

/** Lets `server` listen on a free port of 127.0.0.1. */
export async function listenSomewhere(server: Server): Promise<Place> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port');
  const { port } = bound;
  return { url: `http://127.0.0.1:${port}`, address: { kind: 'tcp', host: '127.0.0.1', port }, port };
}
