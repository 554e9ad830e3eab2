/**
 * The folder that files are served from. Owns the one rule about it: what is opened lies inside, whatever links say. What
 * was judged is what is read: the system names the file that is open, and that name is judged; where it names none, a path
 * is resolved first and the resolved path is opened. The descriptor is then asked what it is, so head and body belong to
 * one file even while a deployment renames another over it.
 */
import { realpathSync } from 'node:fs';
import { type FileHandle, lstat, realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { StartProblem } from '../process/load-file.ts';
import { folderProblem } from './folder-problem.ts';
import {
  type Glimpsed,
  glimpse,
  nameOf,
  type Opened,
  openAnything,
  opened,
  openFollowing,
  unopened,
} from './opened.ts';
import { RecentNames } from './recent-names.ts';

/** Whoever can be asked to open a name: a root, or one who watches what is asked of it. */
export type Opens = { open(relative: string): Promise<Opened> };

/** Which links below the root are followed: none, those that lead to what lies inside the root, any. */
export type Symlinks = 'never' | 'inside' | 'any';

/** How long the root, if it is a link, is believed to lead where it led; milliseconds. */
const rootMs = 1_000;

const outside = { is: 'withheld', why: 'outside the root' } as const;
const linked = { is: 'withheld', why: 'behind a link' } as const;
const hidden = { is: 'withheld', why: 'hidden' } as const;

type Objection = typeof outside | typeof linked | typeof hidden;

export class Root implements Opens {
  readonly path: string;
  readonly #clock: () => number;
  readonly #symlinks: Symlinks;
  #real: string;
  #realSince: number;
  readonly #absent: RecentNames;

  private constructor(path: string, real: string, clock: () => number, symlinks: Symlinks) {
    this.path = path;
    this.#clock = clock;
    this.#symlinks = symlinks;
    this.#real = real;
    this.#realSince = clock();
    this.#absent = new RecentNames(clock);
  }

  /** @throws StartProblem when `path` is no folder that can be read; `setting` is named in the complaint. */
  static async open(
    path: string,
    setting: string,
    clock = () => performance.now(),
    symlinks: Symlinks = 'inside',
  ): Promise<Root> {
    const full = readable(path, setting);
    return new Root(full, await realpath(full), clock, symlinks);
  }

  /** As `open`, for who cannot wait. */
  static openSync(path: string, setting: string, symlinks: Symlinks = 'inside'): Root {
    const full = readable(path, setting);
    return new Root(full, realpathSync(full), () => performance.now(), symlinks);
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
      if (this.#symlinks === 'any') return await opened(await openFollowing(path), path);
      return (await this.#openThenJudge(path, relative)) ?? (await this.#judgeThenOpen(path, relative));
    } catch (error) {
      return unopened(error);
    }
  }

  /** What `relative` leads to now, without opening it and without memory. */
  async glimpse(relative: string): Promise<Glimpsed> {
    try {
      const path = join(this.path, relative);
      if (this.#symlinks === 'any') return glimpse(path, await stat(path, { bigint: true }));
      const real = await realpath(path);
      return (await this.#objection(real, relative)) ?? glimpse(real, await lstat(real, { bigint: true }));
    } catch (error) {
      return unopened(error);
    }
  }

  /**
   * Gives a folder that may be served from to `use`, by a path that leads to it whatever happens to its name meanwhile
   * (where the system has such paths); undefined when `relative` leads to none.
   */
  async withFolder<T>(relative: string, use: (path: string) => Promise<T>): Promise<T | undefined> {
    const path = await realpath(join(this.path, relative));
    await using handle = await openAnything(path);
    const name = nameOf(handle);
    if ((await this.#objection(name ?? path, relative)) !== undefined) return undefined;
    if (!(await handle.stat()).isDirectory()) return undefined;
    return await use(name === undefined ? path : `/proc/self/fd/${handle.fd}`);
  }

  /** Asks where the root leads now; what is judged next is judged by that. Rejects as the system does. */
  async settle(): Promise<void> {
    const since = this.#clock();
    this.#real = await realpath(this.path);
    this.#realSince = since;
  }

  // One trip to the disk less than resolving first. Undefined where the name of what is open does not settle it: a link, a
  // folder that is being moved, a system that does not tell.
  async #openThenJudge(path: string, relative: string): Promise<Opened | undefined> {
    if (process.platform !== 'linux') return undefined;
    let handle: FileHandle;
    try {
      handle = await openAnything(path);
    } catch (error) {
      if (unopened(error).is === 'missing') throw error;
      return undefined;
    }
    const judged = await this.#judged(handle, relative);
    return judged === undefined || isObjection(judged) ? undefined : judged;
  }

  async #judgeThenOpen(path: string, relative: string): Promise<Opened> {
    const real = await realpath(path);
    const objection = await this.#objection(real, relative);
    if (objection !== undefined) return objection;
    // Judged once more: a folder on the way may have become a link meanwhile.
    return (await this.#judged(await openAnything(real), relative, real)) ?? outside;
  }

  /** What is open, if it may be served; else it is closed. `resolved` is its name where the system tells none. */
  async #judged(handle: FileHandle, relative: string, resolved?: string): Promise<Opened | undefined> {
    let isOurs = false;
    try {
      const real = nameOf(handle) ?? resolved;
      const objection = real === undefined ? undefined : await this.#objection(real, relative);
      isOurs = real !== undefined && objection === undefined;
      return real !== undefined && isOurs ? await opened(handle, real) : objection;
    } finally {
      if (!isOurs) await handle.close();
    }
  }

  /** Why what `relative` leads to is not to be served; undefined when it may be. */
  async #objection(real: string, relative: string): Promise<Objection | undefined> {
    if (this.#symlinks === 'any') return undefined;
    if (!(await this.#contains(real))) return outside;
    const asNamed = unlinked(this.#real, relative);
    if (real === asNamed) return undefined;
    if (this.#symlinks === 'never') return linked;
    return isHiddenByLink(this.#real, asNamed, real) ? hidden : undefined;
  }

  async #contains(real: string): Promise<boolean> {
    // A deployment may have turned the root, itself a link, to the next release.
    if (this.#clock() - this.#realSince >= rootMs || !isInside(this.#real, real)) await this.settle();
    return isInside(this.#real, real);
  }
}

function readable(path: string, setting: string): string {
  const full = resolve(path);
  const problem = folderProblem(full);
  if (problem !== undefined) throw new StartProblem(`${setting}: ${problem}`);
  return full;
}

// Where a name is without any link on the way.
function unlinked(root: string, relative: string): string {
  const path = join(root, relative);
  return path.length > 1 && path.endsWith(sep) ? path.slice(0, -1) : path;
}

// A link is no way to a name that is not for the public: `env` that leads to `.env`. What the site itself names may be
// hidden; names as `..data`, by which Kubernetes mounts a volume, are.
function isHiddenByLink(root: string, asNamed: string, real: string): boolean {
  const [names, path] = [asNamed, real].map((full) => full.slice(root.length).split(sep));
  const shared = path?.findIndex((name, at) => name !== names?.[at]) ?? -1;
  const led = path?.slice(Math.max(shared, 0)) ?? [];
  const rest = shared <= 1 && led[0] === '.well-known' ? led.slice(1) : led;
  return shared >= 0 && rest.some((name) => /^\.(?!\.)/.test(name));
}

function isObjection(judged: Opened): boolean {
  return judged === outside || judged === linked || judged === hidden;
}

function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
