/** Where a tier listens: at one address, or at several. */
import { type Address, formatAddress, parseAddress, type Reader, reader } from './units.ts';

/** The first address, by which the tier is called, and those that it listens at besides. */
export type Listening = Address & { readonly more?: readonly Address[] };

/** Sockets are handed on by number, and each of them costs every worker a file. */
const MOST = 64;

/** All of them, the first one first. */
export function eachOf({ more = [], ...first }: Listening): readonly [Address, ...Address[]] {
  return [first, ...more];
}

/** The other way round. */
export function together([first, ...more]: readonly [Address, ...Address[]]): Listening {
  return more.length === 0 ? first : { ...first, more };
}

/** A comma behind which an address begins: there may be others in the path of a Unix socket. */
const between = /\s*,\s*(?=unix:|\[[^\]]*\]:|[^,/\s[\]:]+:\d+\s*(?:,|$))/;

/** `127.0.0.1:8000,unix:/run/app.sock` → where to listen. Port 0 may be there several times, all else once. */
export const addresses: Reader<Listening> = reader((value) => {
  const [first = '', ...others] = value.split(between);
  if (others.length >= MOST)
    throw new Error(`${others.length + 1} addresses are more than the ${MOST} that there may be`);
  const all = [parseAddress(first), ...others.map(parseAddress)] as const;
  const named = all.filter((one) => one.kind === 'unix' || one.port !== 0).map(formatAddress);
  const twice = named.find((one, at) => named.indexOf(one) < at);
  if (twice !== undefined) throw new Error(`${twice} is there twice`);
  return together(all);
});

/** One address. */
export const oneAddress: Reader<Listening> = reader((value) => {
  const { length } = value.split(between);
  if (length > 1) {
    const all = '0.0.0.0:PORT and [::]:PORT are all of this machine';
    throw new Error(
      `${JSON.stringify(value)} is ${length} addresses, and this tier listens at one: leave one (${all})`,
    );
  }
  return parseAddress(value);
});

/**
 * Opens something at each place, one after another. Where one cannot be, those that are open are closed again, and it is
 * told of all that cannot why: rejects with that error, or an AggregateError of several.
 */
export async function openEach<P, T>(
  places: readonly P[],
  { open, close }: { open(place: P): Promise<T>; close(opened: T): void },
): Promise<readonly T[]> {
  const opened: T[] = [];
  const errors: unknown[] = [];
  for (const place of places) {
    try {
      opened.push(await open(place));
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 0) return opened;
  for (const one of opened) close(one);
  throw errors.length === 1 ? errors[0] : new AggregateError(errors, 'several addresses cannot be listened at');
}
