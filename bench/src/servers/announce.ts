import type { AddressInfo, Server } from 'node:net';

/** The size of an answer that is measured, where nothing else is said. */
export const bodyBytes = 1024;
export const largeBytes = 100 * 1024;
export const hugeBytes = 5 * 1024 * 1024;
/** Of text that is compressed on its way. */
export const proseBytes = 32 * 1024;
export const uploadBytes = 10 * 1024;

/** Says where a server listens, in the way that the tiers do. */
export function announce(server: Server): void {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ msg: 'listening', address: `http://127.0.0.1:${port}` })}\n`);
}
