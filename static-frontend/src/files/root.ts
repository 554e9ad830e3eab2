/**
 * The folder that files are served from. Owns the one rule about it: what is opened lies inside, whatever links say. A
 * path is resolved first and the resolved path is opened, so what was judged is what is read; the descriptor is then
 * asked what it is, so head and body belong to one file even while a deployment renames another over it.
 */
import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { StartProblem } from '@trivet/kit/process/load-file.ts';
import { Absences } from './absences.ts';
import type { FileVersion } from './etag.ts';

/** A file that is open for reading, and the version that was opened. Whoever gets it closes it. */
export type OpenFile = { readonly handle: FileHandle; readonly version: FileVersion };

export type Opened =
  | ({ readonly is: 'file' } & OpenFile)
  | { readonly is: 'folder' }
  | { readonly is: 'missing' }
  /** It is there and not for the public. */
  | { readonly is: 'withheld'; readonly why: 'outside the root' | 'not readable' | 'not a regular file' };

// A FIFO must not hold the request until somebody writes to it; a link put in place of the file is not followed.
const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

export class Root {
  readonly path: string;
  #real: string;
  readonly #absences: Absences;

  private constructor(path: string, real: string, clock: () => number) {
    this.path = path;
    this.#real = real;
    this.#absences = new Absences(clock);
  }

  /** @throws StartProblem when `path` is no folder that can be read; `setting` is named in the complaint. */
  static async open(path: string, setting: string, clock = () => performance.now()): Promise<Root> {
    const full = resolve(path);
    const problem = folderProblem(full);
    if (problem !== undefined) throw new StartProblem(`${setting}: ${problem}`);
    return new Root(full, await realpath(full), clock);
  }

  /** `true`, or why nothing can be served from here now. */
  ready(): true | string {
    return folderProblem(this.path) ?? true;
  }

  /**
   * Opens what `relative` leads to; never rejects for what is, or is not, on the disk. A file that was not there is
   * looked for again within a second.
   */
  async open(relative: string): Promise<Opened> {
    if (this.#absences.has(relative)) return { is: 'missing' };
    const opened = await this.#lookUp(relative);
    if (opened.is === 'missing') this.#absences.add(relative);
    return opened;
  }

  async #lookUp(relative: string): Promise<Opened> {
    try {
      const real = await realpath(join(this.path, relative));
      if (!(await this.#contains(real))) return { is: 'withheld', why: 'outside the root' };
      return await openPlain(real);
    } catch (error) {
      return unopened(error);
    }
  }

  async #contains(real: string): Promise<boolean> {
    if (isInside(this.#real, real)) return true;
    // A deployment may have turned the root, itself a link, to the next release.
    this.#real = await realpath(this.path);
    return isInside(this.#real, real);
  }
}

function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

async function openPlain(real: string): Promise<Opened> {
  const handle = await open(real, flags);
  let keep = false;
  try {
    const stats = await handle.stat({ bigint: true });
    if (stats.isDirectory()) return { is: 'folder' };
    if (!stats.isFile()) return { is: 'withheld', why: 'not a regular file' };
    keep = true;
    return { is: 'file', handle, version: { mtimeNs: stats.mtimeNs, size: stats.size } };
  } finally {
    if (!keep) await handle.close();
  }
}

function unopened(error: unknown): Opened {
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

function folderProblem(path: string): string | undefined {
  let stats: Stats | undefined;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory()) accessSync(path, constants.R_OK | constants.X_OK);
  } catch (error) {
    return `${path} cannot be read (${(error as NodeJS.ErrnoException).code})`;
  }
  if (stats === undefined) return `there is no folder ${path}`;
  return stats.isDirectory() ? undefined : `${path} is not a folder`;
}
