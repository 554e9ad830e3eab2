import { plainAddress } from '../process/trusted-peers.ts';
import type { Address } from '../process/units.ts';

/** Who is connected; `address` is `unix` on Unix sockets. */
export type Peer = { readonly address: string; readonly port: number };

type Ends = { readonly remoteAddress?: string | undefined; readonly remotePort?: number | undefined };

/** Who is at the other end of a socket that came on an address of this kind; `unknown` where nobody can tell any more. */
export function peerOf({ remoteAddress, remotePort }: Ends, kind: Address['kind']): Peer {
  // A client that sends a request and resets has no address any more. It must not pass for a Unix socket, which may
  // be trusted.
  const address = remoteAddress ?? (kind === 'unix' ? 'unix' : 'unknown');
  return { address: plainAddress(address), port: remotePort ?? 0 };
}
