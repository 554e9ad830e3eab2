/** What a name on the disk leads to, asked of the system: opened, or only looked at. Where it may lead is `root.ts`. */
import { type BigIntStats, constants, readlinkSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { FileVersion } from './etag.ts';

/** Which file, and which state of it. Any write, rename, link or change of rights moves one of these. */
export type FileIdentity = FileVersion & Readonly<Record<'dev' | 'ino' | 'ctimeNs', bigint>>;

/** An open file: a FileHandle, or one that several have open together. */
export type Handle = {
  readonly fd: number;
  /** Reads up to `length` bytes at `position` into `buffer` from `offset` on. */
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
  stat(options: { readonly bigint: true }): Promise<BigIntStats>;
  close(): Promise<void>;
};

/** A file that is open for reading, where it really lies, and the version that was opened. Whoever gets it closes it. */
export type OpenFile = { readonly handle: Handle; readonly real: string; readonly version: FileIdentity };

type NoFile =
  | { readonly is: 'folder' }
  | { readonly is: 'missing' }
  /** It is there and not for the public. */
  | {
      readonly is: 'withheld';
      readonly why: 'outside the root' | 'behind a link' | 'hidden' | 'not readable' | 'not a regular file';
    };

export type Opened = ({ readonly is: 'file' } & OpenFile) | NoFile;

/** The same without having opened it. */
export type Glimpsed = { readonly is: 'file'; readonly real: string; readonly version: FileIdentity } | NoFile;

/** Does a name lead to what it led to before? */
export function isSame(before: Glimpsed, after: Glimpsed): boolean {
  if (before.is !== 'file' || after.is !== 'file') return before.is === after.is;
  return before.real === after.real && isSameVersion(before.version, after.version);
}

/** The same file, and nobody has touched it? */
export function isSameVersion(a: FileIdentity, b: FileIdentity): boolean {
  return a.ino === b.ino && a.dev === b.dev && a.ctimeNs === b.ctimeNs && a.mtimeNs === b.mtimeNs && a.size === b.size;
}

// A FIFO must not hold the request until somebody writes to it; a link put in place of the file is not followed.
const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** Opens `path` itself, whatever it is, but no link. Rejects as the system does. */
export async function openAnything(path: string): Promise<FileHandle> {
  return await open(path, flags);
}

/** As `openAnything`, but a link is followed wherever it leads. */
export async function openFollowing(path: string): Promise<FileHandle> {
  return await open(path, flags & ~constants.O_NOFOLLOW);
}

/** What an open handle is; a file stays open, all else is closed. */
export async function opened(handle: FileHandle, real: string): Promise<Opened> {
  let isKept = false;
  try {
    const glimpsed = glimpse(real, await handle.stat({ bigint: true }));
    if (glimpsed.is !== 'file') return glimpsed;
    isKept = true;
    return { ...glimpsed, handle };
  } finally {
    if (!isKept) await handle.close();
  }
}

/** What the system's facts say of the thing at `real`. */
export function glimpse(real: string, stats: BigIntStats): Glimpsed {
  if (stats.isDirectory()) return { is: 'folder' };
  if (!stats.isFile()) return { is: 'withheld', why: 'not a regular file' };
  return { is: 'file', real, version: stats };
}

/** What it means that the system did not open, or resolve, a path. @throws what says nothing about the file. */
export function unopened(error: unknown): Exclude<Opened, { is: 'file' }> {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ENAMETOOLONG':
      return { is: 'missing' };
    case 'EACCES':
    case 'EPERM':
      return { is: 'withheld', why: 'not readable' };
    case 'ELOOP': // a circle of links, or a link put in place of the file
      return { is: 'withheld', why: 'outside the root' };
    case 'ENXIO': // a socket
      return { is: 'withheld', why: 'not a regular file' };
    default:
      throw error; // EMFILE, EIO: the disk's or our own trouble, not an answer about the file
  }
}

/** Where an open file really lies, as Linux tells it from memory, not from the disk; undefined where nobody tells. */
export function nameOf({ fd }: FileHandle): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch (error) {
    return unnamed(error);
  }
}

// No /proc, or one that this process may not read.
function unnamed(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).syscall !== 'readlink') throw error;
  return undefined;
}
