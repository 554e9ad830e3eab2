/** The listening socket of several workers, as the primary process has it. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { Admin } from '../admin.ts';
import { removeStale } from '../bind.ts';
import type { HandOver } from '../hand-over/hand-over.ts';
import { inodeOf } from '../hand-over/inherited.ts';
import type { HeldSocket } from '../held-socket.ts';
import { estateOf } from '../place.ts';
import type { Address } from '../units.ts';
import { SharedSocket } from './shared-socket.ts';

/** What is known once it serves. */
export type Shown = { readonly address: string; readonly admin: Admin; readonly owns: boolean };

/** So long connections that were accepted may be on their way to a worker, milliseconds. */
const ON_THEIR_WAY_MS = 250;

/** The number of the socket that this process was given, as long as it is open: with the last worker it goes. */
export function givenSocket({ fd }: Address): (() => number | undefined) | undefined {
  if (fd === undefined) return undefined;
  const inode = inodeOf(fd);
  return () => (inodeOf(fd) === inode ? fd : undefined);
}

/** Who replaces a worker must listen where it did: port 0 becomes one that is free now. */
export async function settled(listen: Address): Promise<Address> {
  if (listen.fd !== undefined) return listen;
  if (listen.kind === 'unix') await removeStale(listen.path);
  if (listen.kind === 'unix' || listen.port !== 0) return listen;
  const trial = createServer().listen({ host: listen.host, port: 0 });
  await once(trial, 'listening');
  const { port } = trial.address() as AddressInfo;
  trial.close();
  await once(trial, 'close');
  return { ...listen, port };
}

/** Offers the socket that `node:cluster` has, once this process serves. Made before any worker listens. */
export function offerShared(handOver: HandOver, own: AsyncDisposableStack): (shown: Shown) => void {
  const socket = own.use(new SharedSocket());
  return ({ address, admin, owns }) => {
    const handle = () => (URL.canParse(address) ? socket.on(Number(new URL(address).port || 80)) : undefined);
    handOver.offer({
      estate() {
        if (address.startsWith('unix:')) return 'several workers serve a Unix socket, whose file would be removed';
        return estateOf({ fd: handle()?.fd, url: address }, admin, owns);
      },
      async letGo() {
        admin.letGo();
        // Before the workers drain: none of them is to be handed what it does not take any more.
        handle()?.close();
        await setTimeout(ON_THEIR_WAY_MS);
      },
    });
  };
}

/** Offers the socket that this process holds for its workers. */
export function offerHeld(handOver: HandOver, held: HeldSocket): (shown: Shown) => void {
  return ({ address, admin, owns }) =>
    handOver.offer({
      estate: () => estateOf({ fd: held.fd, url: address }, admin, owns),
      letGo() {
        admin.letGo();
        held[Symbol.dispose]();
      },
    });
}
