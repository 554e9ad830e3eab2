import { type Glimpsed, isSame } from '@trivet/kit/files/opened.ts';
import type { HotFile } from './hot-file.ts';
import type { Seen } from './watched.ts';

/** What a coding stands for that is none: the file itself. */
const identity = '';

/** What a path and a name cost that is remembered, as measured on the heap. */
const pathBytes = 1_000;
const seenBytes = 400;

/** What one look at the disk found out about a path. */
export type Found = {
  readonly file: HotFile;
  /** Of `file`; undefined for the file itself. */
  readonly coding: string | undefined;
  /** May the path have siblings? */
  readonly varies: boolean;
  /** The codings that were looked for, in this order. */
  readonly wanted: readonly string[];
  readonly seen: Seen;
  /** When it began, by the clock of the path. */
  readonly at: number;
};

/** A normalised path and the files that answer for it, one for each coding that was asked for. */
export class HotPath {
  readonly path: string;
  readonly #varies: boolean;
  readonly #seen: Map<string, Glimpsed>;
  /** By coding; undefined where no such sibling is to be sent. */
  readonly #files = new Map<string, HotFile | undefined>();
  /** When the disk was last known to lead to these files. */
  seenAt: number;

  constructor(path: string, { varies, seen, at }: Found) {
    this.path = path;
    this.#varies = varies;
    this.#seen = new Map(seen);
    this.seenAt = at;
  }

  get seen(): Seen {
    return this.#seen;
  }

  files(): HotFile[] {
    return [...this.#files.values()].filter((file) => file !== undefined);
  }

  /** The file for the first coding that is there; undefined when it is not known which that is. */
  pick(wanted: readonly string[]): HotFile | undefined {
    if (!this.#varies) return this.#files.get(identity);
    for (const coding of wanted) {
      const file = this.#files.get(coding);
      if (file !== undefined) return file;
      if (!this.#files.has(coding)) return undefined;
    }
    return this.#files.get(identity);
  }

  /** Does what was found agree with what is known of the path? */
  agreesWith({ seen }: Found): boolean {
    return [...seen].every(([name, after]) => isSame(this.#seen.get(name) ?? after, after));
  }

  /** Takes in what was found; false when the file was there before. What is known stays as old as it is. */
  add({ file, coding = identity, varies, wanted, seen }: Found): boolean {
    for (const [name, glimpsed] of seen) this.#seen.set(name, glimpsed);
    for (const other of varies ? wanted : []) {
      if (other === coding) break;
      this.#files.set(other, undefined);
    }
    if (this.#files.get(coding) !== undefined) return false;
    this.#files.set(coding, file);
    return true;
  }

  /** Memory beside the bodies, roughly; bytes. */
  get weight(): number {
    const heads = this.files().reduce((sum, { whole, notModified }) => sum + whole.length + notModified.length, 0);
    return pathBytes + this.path.length + this.#seen.size * seenBytes + heads;
  }
}
