/** The vocabulary of settings: each is a zod schema that turns the text of an environment variable into a value. */
import { isIP } from 'node:net';
import { z } from 'zod';
import type { SocketAccess } from './socket-access.ts';
import { trustList } from './trusted-peers.ts';

/** Where something listens, or where it is reached. */
export type Address = Passed &
  (
    | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
    | { readonly kind: 'unix'; readonly path: string }
  );

/** Of a listening socket that this process was given; `isOurs`: its file is to be removed at the end. */
type Passed = {
  readonly fd?: number;
  readonly isOurs?: boolean;
  /** Does a service manager hold it, too? Then what waits on it when this process ends is served by the next. */
  readonly isHeldElsewhere?: boolean;
  /** Of a Unix socket that this process makes. */
  readonly access?: SocketAccess;
};

/** Reads the text of a setting. */
export type Reader<T> = z.ZodType<T, string>;

/** A schema from a function that throws a sentence when the text is wrong. */
export function reader<T>(read: (text: string) => T): Reader<T> {
  return z.string().transform((text, context) => {
    try {
      return read(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
      return z.NEVER;
    }
  });
}

const milliseconds = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const bytes = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 } as const;

function scaled(text: string, units: Readonly<Record<string, number>>, example: string): number {
  const match = /^(\d{1,12})([A-Za-z]+)$/.exec(text);
  const factor = match && Object.hasOwn(units, match[2] ?? '') ? units[match[2] ?? ''] : undefined;
  if (!match || factor === undefined) {
    throw new Error(`${JSON.stringify(text)} is not ${example} (units: ${Object.keys(units).join(', ')})`);
  }
  const value = Number(match[1]) * factor;
  if (!Number.isSafeInteger(value)) throw new Error(`${text} is more than can be counted`);
  return value;
}

/** The longest wait a Node.js timer can hold; beyond it timers fire at once. */
export const longestMs = 2_147_483_647;

/** `250ms`, `10s`, `5m`, `1h` → milliseconds. */
export const duration: Reader<number> = reader((text) => {
  const ms = scaled(text, milliseconds, 'a duration such as 250ms, 10s, 5m or 1h');
  if (ms > longestMs) throw new Error(`${text} is longer than the limit of 596h`);
  return ms;
});

/** A duration that must pass: zero is refused. */
export const wait: Reader<number> = duration.refine((ms) => ms > 0, { error: 'must be longer than 0' });

/** `64KB`, `256MB`, `2GB` → bytes, powers of 1024. */
export const size: Reader<number> = reader((text) => scaled(text, bytes, 'a size such as 64KB, 256MB or 2GB'));

/** The same, or `0` for none. */
export const sizeOrNone: Reader<number> = reader((text) =>
  text === '0' ? 0 : scaled(text, bytes, '0 or a size such as 64KB, 256MB or 2GB'),
);

/** A whole number between two limits. */
export function count(least: number, most: number): Reader<number> {
  return reader((text) => {
    const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) {
      throw new Error(`${JSON.stringify(text)} is not a whole number from ${least} to ${most}`);
    }
    return value;
  });
}

export const text: Reader<string> = reader((value) => value);

/** One of a few words. */
export function choice<const T extends readonly [string, ...string[]]>(...words: T): Reader<T[number]> {
  return reader((value) => {
    const found = words.find((word) => word === value);
    if (found === undefined) throw new Error(`${JSON.stringify(value)} is not one of ${words.join(', ')}`);
    return found;
  });
}

/** `on` or `off`. */
export const flag: Reader<boolean> = reader((value) => {
  if (value !== 'on' && value !== 'off') throw new Error(`${JSON.stringify(value)} is neither on nor off`);
  return value === 'on';
});

function parsePort(digits: string, whole: string): number {
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : Number.NaN;
  if (!(port <= 65_535)) throw new Error(`${JSON.stringify(whole)}: the port must be a number from 0 to 65535`);
  return port;
}

/** The longest path that fits into a `sockaddr_un` with its closing NUL. */
const longestSocketPath = 107;

function parseUnixAddress(given: string): Address {
  const path = given.replace(/^\/\/(?=\/)/, '');
  if (path === '' || path === '@') throw new Error('"unix:" lacks the path of the socket');
  if (path.startsWith('//')) throw new Error(`"unix:${given}" is not unix:PATH`);
  if (Buffer.byteLength(path) > longestSocketPath) {
    throw new Error(`${path} has more than ${longestSocketPath} bytes, the most that the path of a socket may have`);
  }
  return { kind: 'unix', path };
}

/** Is it a name of Linux's abstract name space, `@NAME`? It has no file: no mode, no owner, and nothing to remove. */
export function isAbstract(path: string): boolean {
  return path.startsWith('@');
}

/** What the system knows a Unix socket by. */
export function socketName(path: string): string {
  return isAbstract(path) ? `\0${path.slice(1)}` : path;
}

/** What the system knows the socket at this address by, where it has no file and was not given to this process. */
export function abstractName(address: Address): string | undefined {
  const isNamed = address.kind === 'unix' && address.fd === undefined && isAbstract(address.path);
  return isNamed ? socketName(address.path) : undefined;
}

/** `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`, `unix:/run/app.sock` → where to listen. */
export function parseAddress(value: string): Address {
  if (value.startsWith('unix:')) return parseUnixAddress(value.slice('unix:'.length));
  const match = /^(?:\[([^\]]+)\]|([^:[\]/\s]+)):(.*)$/.exec(value);
  if (!match) throw new Error(`${JSON.stringify(value)} is not HOST:PORT or unix:PATH`);
  const host = match[1] ?? match[2] ?? '';
  if (match[1] !== undefined && isIP(host) !== 6) throw new Error(`${JSON.stringify(host)} is not an IPv6 address`);
  return { kind: 'tcp', host, port: parsePort(match[3] ?? '', value) };
}

export const address: Reader<Address> = reader(parseAddress);

function parseOrigin(value: string): Address {
  if (value.startsWith('unix:')) return parseAddress(value);
  const url = /^http:\/\/[^/]/i.test(value) && URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined) {
    throw new Error(`${JSON.stringify(value)} is not an address such as http://127.0.0.1:8081 or unix:PATH`);
  }
  if (!/^http:\/\/[^/?#@]+\/?$/i.test(value)) {
    throw new Error(`${JSON.stringify(value)}: an upstream is http://HOST:PORT alone, without path, query or user`);
  }
  if (url.port === '0') throw new Error(`${JSON.stringify(value)}: nothing can be reached at port 0`);
  return { kind: 'tcp', host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? 80 : Number(url.port) };
}

/** `http://a:8000,http://b:8000,unix:/run/app.sock` → the addresses of one upstream, at least one. */
export const origins: Reader<readonly Address[]> = reader((value) => {
  const members = value.split(',').map((member) => member.trim());
  return members.map(parseOrigin);
});

/** `127.0.0.0/8,::1,unix` → may this peer be believed? Empty: nobody is. */
export const peers: Reader<(address: string) => boolean> = reader(trustList);

/** How an address is written in settings, logs and messages. */
export function formatAddress(address: Address): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** Only reachable from this machine? Then no token is asked for (a Unix socket is guarded by its file mode). */
export function isLoopback(address: Address): boolean {
  if (address.kind === 'unix') return true;
  return isLoopbackHost(address.host);
}

/** Does this host, a name or an address without brackets, mean this machine and nothing else? */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
