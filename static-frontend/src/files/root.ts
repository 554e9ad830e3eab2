/**
 * The folder that files are served from. Owns the one rule about it: what is opened lies inside, whatever links say. What
 * was judged is what is read: the system names the file that is open, and that name is judged; where it names none, a path
 * is resolved first and the resolved path is opened. The descriptor is then asked what it is, so head and body belong to
 * one file even while a deployment renames another over it.
 */
import { type FileHandle, lstat, realpath } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { StartProblem } from '@trivet/kit/process/load-file.ts';
import { folderProblem } from './folder-problem.ts';
import { type Glimpsed, glimpse, nameOf, type Opened, openAnything, opened, unopened } from './opened.ts';
import { RecentNames } from './recent-names.ts';

/** Whoever can be asked to open a name: a root, or one who watches what is asked of it. */
export type Opens = { open(relative: string): Promise<Opened> };

/** How long the root, if it is a link, is believed to lead where it led; milliseconds. */
const rootMs = 1_000;

const outside = { is: 'withheld', why: 'outside the root' } as const;

export class Root implements Opens {
  readonly path: string;
  readonly #clock: () => number;
  #real: string;
  #realSince: number;
  readonly #absent: RecentNames;

  private constructor(path: string, real: string, clock: () => number) {
    this.path = path;
    this.#clock = clock;
    this.#real = real;
    this.#realSince = clock();
    this.#absent = new RecentNames(clock);
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
    if (this.#absent.has(relative)) return { is: 'missing' };
    const opened = await this.openAfresh(relative);
    if (opened.is === 'missing') this.#absent.add(relative);
    return opened;
  }

  /** As `open`, but the disk is asked whatever was there a moment ago. */
  async openAfresh(relative: string): Promise<Opened> {
    try {
      const path = join(this.path, relative);
      return (await this.#openThenJudge(path)) ?? (await this.#judgeThenOpen(path));
    } catch (error) {
      return unopened(error);
    }
  }

  /** What `relative` leads to now, without opening it and without memory. */
  async glimpse(relative: string): Promise<Glimpsed> {
    try {
      const real = await realpath(join(this.path, relative));
      if (!(await this.#contains(real))) return outside;
      return glimpse(real, await lstat(real, { bigint: true }));
    } catch (error) {
      return unopened(error);
    }
  }

  /** Asks where the root leads now; what is judged next is judged by that. Rejects as the system does. */
  async settle(): Promise<void> {
    const since = this.#clock();
    this.#real = await realpath(this.path);
    this.#realSince = since;
  }

  // One trip to the disk less than resolving first. Undefined where the name of what is open does not settle it: a link, a
  // folder that is being moved, a system that does not tell.
  async #openThenJudge(path: string): Promise<Opened | undefined> {
    if (process.platform !== 'linux') return undefined;
    let handle: FileHandle;
    try {
      handle = await openAnything(path);
    } catch (error) {
      if (unopened(error).is === 'missing') throw error;
      return undefined;
    }
    return await this.#judged(handle);
  }

  async #judgeThenOpen(path: string): Promise<Opened> {
    const real = await realpath(path);
    if (!(await this.#contains(real))) return outside;
    // Judged once more: a folder on the way may have become a link meanwhile.
    return (await this.#judged(await openAnything(real), real)) ?? outside;
  }

  /** What is open, if that lies inside the root; else it is closed. `resolved` is its name where the system tells none. */
  async #judged(handle: FileHandle, resolved?: string): Promise<Opened | undefined> {
    let isOurs = false;
    try {
      const real = nameOf(handle) ?? resolved;
      isOurs = real !== undefined && (await this.#contains(real));
      return real !== undefined && isOurs ? await opened(handle, real) : undefined;
    } finally {
      if (!isOurs) await handle.close();
    }
  }

  async #contains(real: string): Promise<boolean> {
    // A deployment may have turned the root, itself a link, to the next release.
    if (this.#clock() - this.#realSince >= rootMs || !isInside(this.#real, real)) await this.settle();
    return isInside(this.#real, real);
  }
}

function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
