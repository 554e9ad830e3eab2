/**
 * A folder of this process alone for what is too large for memory. A file in it loses its name as soon as it is open:
 * whatever becomes of the process, the disk has its space back.
 */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdtemp, open, readdir, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';

export class TempFolder implements AsyncDisposable {
  readonly #base: string;
  readonly #prefix: string;
  #path: string | undefined;

  /** Nothing is made yet. `prefix`, of letters and `-`, begins the names of folders of this kind. */
  constructor(base: string, prefix: string) {
    this.#base = base;
    this.#prefix = prefix;
  }

  /** Makes the folder below `base`, for its owner's eyes only. @throws the error of the disk. */
  static async open(base: string, prefix: string): Promise<TempFolder> {
    const folder = new TempFolder(base, prefix);
    await sweep(base, prefix);
    folder.#path = await make(base, prefix);
    return folder;
  }

  get path(): string | undefined {
    return this.#path;
  }

  /** A new, empty file without a name, to be written and read. @throws the error of the disk. */
  async create(): Promise<FileHandle> {
    try {
      this.#path ??= await make(this.#base, this.#prefix);
      return await createNameless(this.#path);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      // Who tidies up a system's temporary files takes folders that nothing was put into for days.
      this.#path = await make(this.#base, this.#prefix);
      return await createNameless(this.#path);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#path !== undefined) await removeEmpty(this.#path);
  }
}

/** What the disk said: `ENOSPC`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

// mkdtemp gives the folder the mode 0700.
function make(base: string, prefix: string): Promise<string> {
  return mkdtemp(join(base, `${prefix}${process.pid}-`));
}

async function createNameless(folder: string): Promise<FileHandle> {
  const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const path = join(folder, randomUUID());
  const handle = await open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    await unlink(path);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

// The folders, empty as they are, of processes that were killed.
async function sweep(base: string, prefix: string): Promise<void> {
  for (const name of await readdir(base)) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await removeEmpty(join(base, name));
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

async function removeEmpty(path: string): Promise<void> {
  try {
    await rmdir(path);
  } catch (error) {
    // Gone already, somebody else's, or not empty: then it is not ours to remove.
    if (codeOf(error) === undefined) throw error;
  }
}
