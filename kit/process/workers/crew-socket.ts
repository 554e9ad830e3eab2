/** The listening sockets of several workers, as the primary process has it. */
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import type { Admin } from '../admin.ts';
import { defaultBacklog, removeStale } from '../bind.ts';
import type { HandOver } from '../hand-over/hand-over.ts';
import { inodeOf } from '../hand-over/inherited.ts';
import type { HeldSocket } from '../held-socket.ts';
import { closeWhenEmpty } from '../last-accept.ts';
import { estateOf } from '../place.ts';
import { type Address, abstractName, isAbstract, socketName } from '../units.ts';
import type { Addresses } from './messages.ts';
import { type Handle, SharedSocket } from './shared-socket.ts';
import { allSent } from './stranded.ts';

/** What is known once it serves. */
export type Shown = { readonly addresses: Addresses; readonly admin: Admin; readonly owns: boolean };

/** How the socket of the workers is given to another process, and how it is closed here. */
export type Offered = {
  /** Offers it, once this process serves. */
  offer(shown: Shown): void;
  /** Takes nothing from it any more; what was taken the workers have then. */
  close(): Promise<void>;
};

type Listening = {
  readonly listen: Address;
  readonly backlog?: number | undefined;
  /** What is in flight may take so long to finish, milliseconds. */
  readonly gracefulTimeout: number;
};

/** So long workers that are at other things may leave what was accepted for them, milliseconds. */
const MOST_MS = 3_000;

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

/** Offers the socket that `node:cluster` has. Made before any worker listens. */
export function offerShared(handOver: HandOver, own: AsyncDisposableStack, listening: Listening): Offered {
  const socket = own.use(new SharedSocket());
  const { listen, gracefulTimeout } = listening;
  const mostMs = Math.min(MOST_MS, gracefulTimeout);
  let at: string | undefined;
  const handle = () => {
    const place = at === undefined ? undefined : placeOf(at);
    return place === undefined ? undefined : socket.on(place);
  };
  const offer = ({ addresses: [address], admin, owns }: Shown) => {
    at = address;
    handOver.offer({
      estate() {
        if (address.startsWith('unix:')) return 'several workers serve a Unix socket, whose file would be removed';
        return estateOf([{ fd: handle()?.fd, url: address }], admin, owns);
      },
      async letGo() {
        admin.letGo();
        // Before the workers drain: none of them is to be handed what it does not take any more.
        handle()?.close();
        await allSent(mostMs);
      },
    });
  };
  const close = async () => {
    const found = handle();
    if (found === undefined) return;
    if (listen.isHeldElsewhere === true) found.close();
    else await closeShared(found, listening);
    await allSent(mostMs);
  };
  return { offer, close };
}

async function closeShared(handle: Handle, { listen, backlog = defaultBacklog }: Listening): Promise<void> {
  // Nobody new comes then.
  if (listen.kind === 'unix' && !isAbstract(listen.path)) rmSync(listen.path, { force: true });
  await closeWhenEmpty(handle, backlog, () => handle.close(), abstractName(listen));
}

function placeOf(address: string): number | string | undefined {
  if (address.startsWith('unix:')) return socketName(address.slice('unix:'.length));
  return URL.canParse(address) ? Number(new URL(address).port || 80) : undefined;
}

/** Offers the sockets that this process holds for its workers. */
export function offerHeld(handOver: HandOver, held: readonly HeldSocket[]): Offered {
  const letGo = () => {
    for (const socket of held) socket[Symbol.dispose]();
  };
  const offer = ({ addresses, admin, owns }: Shown) =>
    handOver.offer({
      estate() {
        const listening = held.map(({ fd }, at) => ({ fd, url: addresses[at] ?? '' }));
        return estateOf(listening, admin, owns);
      },
      letGo() {
        admin.letGo();
        letGo();
      },
    });
  // Before the workers do: the last of them finds nothing waiting.
  return { offer, close: async () => letGo() };
}
