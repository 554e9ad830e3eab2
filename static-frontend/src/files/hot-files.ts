/**
 * Small files that are asked for again and again, in memory. Remembers what the slow lane found, and decides nothing: a
 * path answers for a second after every name that its finding went by was last seen to lead to the same; a request in the
 * second half of it has them looked at again, beside its way. Invariant: whoever waits a second after a change on the
 * disk gets no answer from before it.
 */

import type { RoutedPath } from '@trivet/kit/files/asked-path.ts';
import { type Located, mayHaveSiblings } from '@trivet/kit/files/locate.ts';
import { isSame } from '@trivet/kit/files/opened.ts';
import { RecentNames } from '@trivet/kit/files/recent-names.ts';
import type { Root } from '@trivet/kit/files/root.ts';
import { wantedCodings } from '@trivet/kit/files/wanted-codings.ts';
import { normalizePath } from '@trivet/kit/semantics/path.ts';
import { splitQuery } from '@trivet/kit/semantics/target.ts';
import type { ResponseRules, RouteHeaders } from '../define-site.ts';
import type { FilesPlace } from '../route.ts';
import { findFile } from './find.ts';
import { type HotFile, readHotFile } from './hot-file.ts';
import type { HotPath } from './hot-path.ts';
import { HotShelf } from './hot-shelf.ts';
import { type Seen, watched } from './watched.ts';

/** How long after a look at the disk a path answers, and when it is to be looked at again; milliseconds. */
const answersMs = 1_000;
const looksMs = 500;

/** Paths that are looked at, or read, at once: the disk has others to serve. */
const mostUnderWay = 16;

/** Strangers choose the paths where one file answers all of them. */
const longestPath = 1_000;

export type HotFilesOptions = {
  readonly root: Root;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds from any start, never backwards. */
  readonly clock?: () => number;
  /** Most memory for all, largest file; bytes. */
  readonly maxBytes: number;
  readonly maxFileBytes: number;
  /** Where it is counted what was done; those that follow one another count in one place. */
  readonly counts?: HotFileCounts;
};

/** What the slow lane answered with a file, and by which data. */
export type Served = {
  readonly asked: RoutedPath;
  readonly files: FilesPlace;
  readonly headers: RouteHeaders;
  readonly rules?: ResponseRules | undefined;
  readonly wanted: readonly string[];
  readonly file: Pick<Located, 'version'>;
};

/** What was done, over all sites. */
export type HotFileCounts = Record<'answers' | 'looks' | 'changes' | 'failures', number>;

export function newHotFileCounts(): HotFileCounts {
  return { answers: 0, looks: 0, changes: 0, failures: 0 };
}

export type HotFilesStats = Readonly<Record<'paths' | 'bytes' | 'answers' | 'looks' | 'changes' | 'failures', number>>;

export class HotFiles {
  readonly #options: HotFilesOptions;
  readonly #clock: () => number;
  /** By the normalised path. */
  #shelf: HotShelf;
  readonly #recent: RecentNames;
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #counts: HotFileCounts;
  #isClosed = false;

  constructor(options: HotFilesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now());
    this.#shelf = new HotShelf(options.maxBytes);
    this.#recent = new RecentNames(this.#clock);
    this.#counts = options.counts ?? newHotFileCounts();
  }

  /** Forgets all, and learns nothing more: another site is in force. */
  close(): void {
    this.#isClosed = true;
    this.#shelf = new HotShelf(0);
  }

  /** The file that answers a target, if it is known to be what the slow lane would send. */
  find(target: string, acceptEncoding: string | undefined): HotFile | undefined {
    if (this.#shelf.size === 0 || target[0] !== '/') return undefined;
    const normal = normalizePath(splitQuery(target).path);
    if (normal.verdict === 'bad' || normal.opaque) return undefined;
    const hot = this.#shelf.get(normal.path);
    if (hot === undefined) return undefined;
    const age = this.#clock() - hot.seenAt;
    if (age >= answersMs) return undefined;
    const file = hot.pick(wantedCodings(acceptEncoding));
    if (file === undefined || file.usableFrom > this.#options.now()) return undefined;
    if (age >= looksMs) this.#begin(hot.path, () => this.#look(hot));
    return file;
  }

  /** Notes what the slow lane has answered with a file. What it answers twice within a second is worth having here. */
  served(served: Served): void {
    const { asked, wanted, file } = served;
    if (this.#isClosed) return;
    if (asked.opaque || asked.path.length > longestPath || file.version.size > this.#options.maxFileBytes) return;
    const hot = this.#shelf.get(asked.path);
    const isOld = hot !== undefined && this.#clock() - hot.seenAt >= answersMs;
    if (!isOld && hot?.pick(wanted) !== undefined) return;
    if (!this.#recent.has(asked.path)) return this.#recent.add(asked.path);
    this.#begin(asked.path, () => (isOld ? this.#look(hot) : this.#load(served)));
  }

  /** Numbers for `/stats`; `bytes` is what counts against the limit. */
  stats(): HotFilesStats {
    return {
      ...{ paths: this.#shelf.size, bytes: this.#shelf.bytes },
      ...this.#counts,
    };
  }

  /** One answer has gone out. */
  count(): void {
    this.#counts.answers++;
  }

  /** Resolves once nothing is being looked at or read. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay.values());
  }

  #begin(path: string, job: () => Promise<void>): void {
    if (this.#underWay.size >= mostUnderWay || this.#underWay.has(path)) return;
    const work = job()
      .catch(() => this.#fail(path))
      .finally(() => this.#underWay.delete(path));
    this.#underWay.set(path, work);
  }

  // The disk's trouble. The slow lane meets it too, and says so to a client; here the path just answers no more.
  #fail(path: string): void {
    this.#counts.failures++;
    const hot = this.#shelf.get(path);
    if (hot !== undefined) this.#shelf.drop(hot);
  }

  async #look(hot: HotPath): Promise<void> {
    const { root } = this.#options;
    const at = this.#clock();
    this.#counts.looks++;
    await root.settle();
    const looks = [...hot.seen].map(async ([name, before]) => isSame(before, await root.glimpse(name)));
    const isUnchanged = (await Promise.all(looks)).every((isAsBefore) => isAsBefore);
    if (this.#shelf.get(hot.path) !== hot) return;
    if (!isUnchanged) {
      this.#counts.changes++;
      return this.#shelf.drop(hot);
    }
    this.#shelf.renew(hot, at);
  }

  async #load({ asked, files, headers, rules, wanted }: Served): Promise<void> {
    const { root } = this.#options;
    const at = this.#clock();
    const now = this.#options.now();
    await root.settle();
    const watching = watched(root);
    const finding = await findFile(watching, files, asked, wanted);
    if (finding.found !== 'file') return;
    const { file: open } = finding;
    try {
      if (open.version.size > this.#options.maxFileBytes || !isWatchable(watching.seen)) return;
      const file = await readHotFile({ file: open, headers, rules, now, held: (key) => this.#shelf.body(key) });
      if (file === undefined || this.#isClosed) return;
      const { coding, name } = open;
      const found = { file, coding, varies: mayHaveSiblings(name), wanted, seen: watching.seen, at };
      this.#shelf.keep(asked.path, found, at - answersMs);
    } finally {
      await open.handle.close();
    }
  }
}

// A look at what may not be read says something else than the attempt to open it.
function isWatchable(seen: Seen): boolean {
  return seen.values().every(({ is }) => is !== 'withheld');
}
