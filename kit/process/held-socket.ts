/**
 * A listening socket that a process holds and does not accept on: those that it starts do, each when it has the time, and who
 * dies takes nothing with him that he had not accepted. `node:net` has no socket that is bound and not listened on; what
 * `node:cluster` makes its own with has, and a test says whether it still does.
 */
import { lookup } from 'node:dns/promises';
import { closeSync } from 'node:fs';
import net, { type AddressInfo, isIP } from 'node:net';
import { getSystemErrorMap } from 'node:util';
import { nameSocket, removeStale, removeWhenClosed } from './bind.ts';
import { eachOf, type Listening, openEach } from './listening.ts';
import type { Address } from './units.ts';

export type HeldSocket = Disposable & {
  /** Its number in this process. */
  readonly fd: number;
  /** What it is bound to: port 0 has become one that was free. */
  readonly address: Address;
};

type Handle = {
  readonly fd: number;
  close(closed?: () => void): void;
  getsockname?(into: object): number;
};

type Make = (address: string, port: number, type: number) => Handle | number;

/** Binds it, or takes the one that this process was given for the address. Rejects as `listen` of Node does. */
export async function holdSocket(address: Address): Promise<HeldSocket> {
  if (address.fd !== undefined) return given(address, address.fd);
  return address.kind === 'unix' ? await heldPath(address) : await heldPort(address.host, address.port);
}

/** One at each address, or none; closed with `own`. Rejects as `openEach` does. */
export async function holdSockets(
  listen: Listening,
  own: Pick<DisposableStack, 'use'>,
): Promise<readonly HeldSocket[]> {
  const held = await openEach(eachOf(listen), { open: holdSocket, close: (one) => one[Symbol.dispose]() });
  return held.map((one) => own.use(one));
}

function given(address: Address, fd: number): HeldSocket {
  const closed = closing(() => closeSync(fd));
  if (address.kind === 'unix' && address.isOurs === true) removeWhenClosed(closed, address.path);
  return { fd, address, [Symbol.dispose]: () => closed.close() };
}

async function heldPort(host: string, port: number): Promise<HeldSocket> {
  const { address, family } = isIP(host) ? { address: host, family: isIP(host) } : await lookup(host);
  const where = { address: host, port };
  const handle = made(address, port, family, where);
  const bound: Partial<AddressInfo> = {};
  // Only here it is said that the address is in use.
  const error = handle.getsockname?.(bound) ?? 0;
  if (error < 0) {
    handle.close();
    throw problem(error, where);
  }
  const closed = closing(() => handle.close());
  return {
    fd: handle.fd,
    address: { kind: 'tcp', host, port: bound.port ?? port },
    [Symbol.dispose]: () => closed.close(),
  };
}

async function heldPath({ path, access }: Extract<Address, { kind: 'unix' }>): Promise<HeldSocket> {
  await removeStale(path);
  let handle: Handle | undefined;
  try {
    const bindAt = (at: string) => {
      handle = made(at, -1, -1, { address: path });
    };
    await nameSocket(path, bindAt, access);
  } catch (error) {
    handle?.close();
    throw error;
  }
  if (handle === undefined) throw new Error(`${path} was not bound`);
  const { fd } = handle;
  const closed = closing(() => handle?.close());
  removeWhenClosed(closed, path);
  return { fd, address: { kind: 'unix', path }, [Symbol.dispose]: () => closed.close() };
}

function made(address: string, port: number, type: number, where: Where): Handle {
  const { _createServerHandle: make } = net as unknown as { readonly _createServerHandle: Make };
  const handle = make(address, port, type);
  if (typeof handle === 'number') throw problem(handle, where);
  return handle;
}

/** As errors of Node have it. */
type Where = { readonly address: string; readonly port?: number };

function problem(errno: number, where: Where): Error {
  const [code = 'EUNKNOWN', message = 'unknown error'] = getSystemErrorMap().get(errno) ?? [];
  const at = where.port === undefined ? where.address : `${where.address}:${where.port}`;
  return Object.assign(new Error(`listen ${code}: ${message} ${at}`), { code, errno, syscall: 'listen', ...where });
}

/** Closes once, and tells who waits for that. */
function closing(close: () => void) {
  let whenClosed: (() => void) | undefined;
  let isClosed = false;
  return {
    once: (_event: 'close', tell: () => void) => {
      whenClosed = tell;
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      close();
      whenClosed?.();
    },
  };
}
