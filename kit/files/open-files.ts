/**
 * Large files that are asked for again and again, kept open: opening, asking what was opened and closing cost more than the
 * bytes. A name is believed to lead to its file for half a second after it was last looked at; the file itself is asked
 * each time whether it has changed. Invariant: whoever waits a second after a change on the disk gets nothing from before.
 */
import { isSame, type Opened, unopened } from './opened.ts';
import { RecentNames } from './recent-names.ts';
import type { Opens, Root } from './root.ts';
import { SharedHandle } from './shared-handle.ts';

/** How long a name is believed; how long a file that nobody asks for stays open: one that is deleted keeps its place on the disk. */
const believedMs = 500;
const idleMs = 1_000;

export type OpenFilesOptions = {
  readonly root: Root;
  /** Most files that are kept open; beyond, the one that was not asked for longest makes room. */
  readonly most: number;
  /** Smaller files are not kept open, but in memory. */
  readonly leastBytes: number;
  /** Milliseconds from any start, never backwards. */
  readonly clock?: () => number;
};

export type OpenFilesStats = Readonly<Record<'files' | 'answers' | 'looks' | 'changes' | 'failures', number>>;

export class OpenFiles implements Opens, Disposable {
  readonly #options: OpenFilesOptions;
  readonly #clock: () => number;
  readonly #recent: RecentNames;
  /** By name; what was asked for last comes last. */
  readonly #kept = new Map<string, SharedHandle>();
  #timer: NodeJS.Timeout | undefined;
  #answers = 0;
  #looks = 0;
  #changes = 0;
  #failures = 0;

  constructor(options: OpenFilesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now());
    this.#recent = new RecentNames(this.#clock);
  }

  /** As the root opens it. A large file that is asked for twice within a second stays open for the next who asks. */
  async open(relative: string): Promise<Opened> {
    const kept = this.#kept.get(relative);
    if (kept !== undefined && (await this.#leadsThere(relative, kept))) {
      const shared = this.#share(relative, kept);
      if (shared !== undefined) return shared;
    }
    const { root, leastBytes } = this.#options;
    const isAskedAgain = this.#recent.has(relative);
    const at = this.#clock();
    const opened = isAskedAgain ? await this.#openAfresh(relative) : await root.open(relative);
    if (opened.is !== 'file' || opened.version.size < leastBytes) return opened;
    if (isAskedAgain) return this.#keep(relative, new SharedHandle(opened, at, () => void this.#failures++)) ?? opened;
    this.#recent.add(relative);
    return opened;
  }

  /** Numbers for `/stats`. */
  stats(): OpenFilesStats {
    return {
      ...{ files: this.#kept.size, answers: this.#answers, looks: this.#looks },
      ...{ changes: this.#changes, failures: this.#failures },
    };
  }

  /** Closes what nobody has asked for of late. */
  sweep(): void {
    const now = this.#clock();
    for (const [name, kept] of this.#kept) if (now - kept.seenAt >= idleMs) this.#drop(name, kept);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const [name, kept] of this.#kept) this.#drop(name, kept);
  }

  // What is to be believed for a while is judged by where the root leads now.
  async #openAfresh(relative: string): Promise<Opened> {
    const { root } = this.#options;
    try {
      await root.settle();
    } catch (error) {
      return unopened(error);
    }
    return await root.openAfresh(relative);
  }

  #share(name: string, kept: SharedHandle): Opened | undefined {
    const file = kept.share();
    if (file === undefined) {
      this.#changes++;
      this.#drop(name, kept);
      return undefined;
    }
    this.#answers++;
    this.#kept.delete(name);
    this.#kept.set(name, kept);
    return { is: 'file', ...file };
  }

  /** Does the name still lead to this file? Those who ask at once hear the answer of one look. */
  async #leadsThere(name: string, kept: SharedHandle): Promise<boolean> {
    if (this.#clock() - kept.seenAt < believedMs) return true;
    kept.look ??= this.#look(name, kept).finally(() => {
      kept.look = undefined;
    });
    return (await kept.look) && this.#kept.get(name) === kept;
  }

  async #look(name: string, kept: SharedHandle): Promise<boolean> {
    const { root } = this.#options;
    const at = this.#clock();
    this.#looks++;
    let isThere = false;
    try {
      await root.settle();
      isThere = isSame({ is: 'file', real: kept.real, version: kept.version }, await root.glimpse(name));
    } catch (error) {
      unopened(error);
    } finally {
      if (isThere) kept.seenAt = at;
      else {
        this.#changes++;
        this.#drop(name, kept);
      }
    }
    return isThere;
  }

  #keep(name: string, kept: SharedHandle): Opened | undefined {
    const file = kept.share();
    if (file === undefined) return undefined;
    this.#kept.get(name)?.letGo();
    this.#kept.delete(name);
    this.#kept.set(name, kept);
    for (const [oldest, handle] of this.#kept) {
      if (this.#kept.size <= this.#options.most) break;
      this.#drop(oldest, handle);
    }
    this.#sweepLater();
    return { is: 'file', ...file };
  }

  #drop(name: string, kept: SharedHandle): void {
    if (this.#kept.get(name) === kept) this.#kept.delete(name);
    kept.letGo();
  }

  #sweepLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.sweep();
      if (this.#kept.size > 0) this.#sweepLater();
    }, idleMs).unref();
  }
}
