import type { Socket } from 'node:net';

/**
 * What of an answer the system has taken so far, and what it has not, in bytes. `writableLength` counts a write until all
 * of it is taken, which for a large answer is its end; the handle knows, and node itself asks it before it says `timeout`.
 * Undefined where it does not say.
 */
export function sendingOf(socket: Socket): { readonly taken: number; readonly unsent: number } | undefined {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null) return undefined;
  const [unsent, written] = [Reflect.get(handle, 'writeQueueSize'), Reflect.get(handle, 'bytesWritten')];
  if (typeof unsent !== 'number' || typeof written !== 'number') return undefined;
  return { taken: written - unsent, unsent };
}
