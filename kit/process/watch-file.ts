/**
 * Notices that the files of a `LiveFile` were written, and has them loaded. The system's notices come at once where there
 * are any; over bind mounts and network file systems there are none, so the files are looked at every second too.
 */
import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { LiveFile } from './live-file.ts';
import type { Log } from './log.ts';

/** The part of a `LiveFile` that is watched. */
export type Watchable = Pick<LiveFile<unknown>, 'paths' | 'looks' | 'isOutdated' | 'reload'>;

export type Watching = {
  readonly log: Log;
  /** How often the files are looked at without a notice. */
  readonly pollMs?: number;
  /** How long they must look the same before they are read: an editor writes in several steps. */
  readonly settleMs?: number;
};

/** Watches until it is disposed. */
export function watchFile(file: Watchable, options: Watching): Disposable {
  return new Watch(file, options);
}

class Watch implements Disposable {
  readonly #file: Watchable;
  readonly #log: Log;
  readonly #settleMs: number;
  readonly #poll: NodeJS.Timeout;
  readonly #folders = new Map<string, FSWatcher>();
  #settling: NodeJS.Timeout | undefined;
  #looks = '';
  #isDisposed = false;

  constructor(file: Watchable, { log, pollMs = 1000, settleMs = 50 }: Watching) {
    this.#file = file;
    this.#log = log;
    this.#settleMs = settleMs;
    this.#poll = setInterval(() => this.#look(), pollMs).unref();
    this.#watchFolders();
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    clearInterval(this.#poll);
    clearTimeout(this.#settling);
    for (const watcher of this.#folders.values()) watcher.close();
    this.#folders.clear();
  }

  /** Something may have been written: reads it once it has come to rest. */
  #look(): void {
    if (this.#settling !== undefined || this.#isDisposed || !this.#file.isOutdated()) return;
    this.#looks = this.#file.looks();
    this.#settling = setTimeout(() => this.#settled(), this.#settleMs).unref();
  }

  #settled(): void {
    this.#settling = undefined;
    if (this.#file.looks() !== this.#looks) return this.#look();
    if (!this.#file.isOutdated()) return;
    // `reload` never rejects: what goes wrong is in its verdict, and in the log.
    void this.#file.reload().then(() => {
      this.#watchFolders();
      this.#look();
    });
  }

  // Folders, not files: an editor that saves puts another file in the place of the old one.
  #watchFolders(): void {
    if (this.#isDisposed) return;
    const wanted = new Set(this.#file.paths.map((path) => dirname(path)));
    for (const [folder, watcher] of this.#folders) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#folders.delete(folder);
    }
    for (const folder of wanted) if (!this.#folders.has(folder)) this.#watchFolder(folder);
  }

  #watchFolder(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#look());
      watcher.on('error', (error) => this.#unwatched(folder, error));
      this.#folders.set(folder, watcher);
    } catch (error) {
      this.#unwatched(folder, error);
    }
  }

  // The system has no more watches to give, or the folder is gone.
  #unwatched(folder: string, error: unknown): void {
    this.#folders.get(folder)?.close();
    this.#folders.delete(folder);
    this.#log.debug({ err: error, folder }, 'the system does not watch this folder; it is looked at every second');
  }
}
