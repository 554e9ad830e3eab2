/**
 * A file of the user that may be replaced while the tier runs. A version that does not load, or is not what it should
 * be, changes nothing: the one before stays in force, and the log and `state()` say why.
 */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadUserFile, StartProblem, type UserFile } from './load-file.ts';
import type { Log } from './log.ts';
import { digestOf } from './module-version.ts';

export type LiveFileOptions<T> = {
  /** Relative to `base`, or to where the process was started. */
  readonly path: string;
  readonly base?: string;
  /** The name of its export. */
  readonly name: string;
  /** The setting that names the file, for complaints: `EDGE_POLICY`. */
  readonly setting: string;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  clock(): number;
  /** How long loading it may take: it may wait for something at its top level. 10 s. */
  readonly loadMs?: number;
  /** Checks all of a version and makes it ready; what it throws is why that version is refused. Changes nothing. */
  read(file: UserFile): T | Promise<T>;
};

export type Reloaded =
  | { readonly verdict: 'reloaded'; readonly version: number }
  /** `version` is the one that stays in force. */
  | { readonly verdict: 'refused'; readonly version: number; readonly why: string };

type Files = ReadonlyMap<string, string>;
type InForce<T> = { readonly value: T; readonly version: number; readonly at: number; readonly sha256: string };

export class LiveFile<T> {
  readonly #options: LiveFileOptions<T>;
  #adopt: ((value: T) => void) | undefined;
  #inForce: InForce<T>;
  #failures = 0;
  #lastError: { readonly why: string; readonly at: number } | undefined;
  /** What was read last, whether or not it went well. */
  #files: Files;
  /** How the files looked when they were last found to be as they were read. */
  #looks = '';
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<Reloaded> | undefined;

  private constructor(options: LiveFileOptions<T>, { value, files }: Made<T>) {
    this.#options = options;
    this.#files = files;
    this.#inForce = { value, version: 1, at: options.clock(), sha256: sumOf(files) };
  }

  /** Loads the first version. @throws StartProblem */
  static async open<T>(options: LiveFileOptions<T>): Promise<LiveFile<T>> {
    return new LiveFile(options, await made(options));
  }

  /** What is in force. */
  get value(): T {
    return this.#inForce.value;
  }

  get version(): number {
    return this.#inForce.version;
  }

  /** How many versions were refused. */
  get failures(): number {
    return this.#failures;
  }

  /** The files whose change makes a new version. */
  get paths(): readonly string[] {
    return [...this.#files.keys()];
  }

  /** From now on each newer version goes to `adopt` before it counts as in force; what that throws refuses it. */
  follow(adopt: (value: T) => void): void {
    this.#adopt = adopt;
  }

  /**
   * Loads the file as it is now. One at a time: whoever asks while a loading is under way gets the outcome of one that
   * begins after it, so that what was written last is what counts in the end.
   */
  reload(): Promise<Reloaded> {
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      const running = this.#load();
      this.#running = running;
      return running;
    });
    return this.#next;
  }

  /** Size, place and times of each file; a file that is not there looks like one that is not there. */
  looks(): string {
    const each = this.paths.map((path) => {
      const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
      return stat === undefined ? '-' : `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
    });
    return each.join('\n');
  }

  /** Is there another content in the files than the one that was read last? */
  isOutdated(): boolean {
    const looks = this.looks();
    if (looks === this.#looks) return false;
    for (const [path, digest] of this.#files) if (digestOf(path) !== digest) return true;
    this.#looks = looks;
    return false;
  }

  /** For the admin API. */
  state(): object {
    const { version, at, sha256 } = this.#inForce;
    const error = this.#lastError;
    const [file] = this.paths;
    return {
      version,
      loadedAt: new Date(at).toISOString(),
      file,
      files: this.paths,
      sha256,
      failures: this.#failures,
      lastError: error === undefined ? null : { at: new Date(error.at).toISOString(), error: error.why },
    };
  }

  async #load(): Promise<Reloaded> {
    this.#looks = '';
    const before = new Map(this.paths.map((path) => [path, digestOf(path)]));
    try {
      const { value, files } = await made(this.#options);
      this.#files = files;
      this.#adopt?.(value);
      return this.#adopted(value, sumOf(files));
    } catch (error) {
      return this.#refused(error, before);
    }
  }

  #adopted(value: T, sha256: string): Reloaded {
    const { log, setting, clock } = this.#options;
    const version = this.version + 1;
    this.#lastError = undefined;
    this.#inForce = { value, version, at: clock(), sha256 };
    log.info({ version, file: this.paths[0], sha256 }, `${setting}: version ${version} is in force`);
    return { verdict: 'reloaded', version };
  }

  #refused(error: unknown, before: Files): Reloaded {
    const { log, clock } = this.#options;
    const { version } = this;
    const why = error instanceof Error ? error.message : String(error);
    // What it did not come to read may still be what has to be mended; as it was, it need not be tried again.
    this.#files = new Map([...before, ...(error instanceof StartProblem ? error.files : [])]);
    this.#lastError = { why, at: clock() };
    this.#failures += 1;
    const cause = error instanceof StartProblem ? {} : { err: error };
    log.error({ version, ...cause }, `${why}; version ${version} stays in force`);
    return { verdict: 'refused', version, why };
  }
}

type Made<T> = { readonly value: T; readonly files: Files };

async function loadedAndRead<T>({ path, name, setting, base, read }: LiveFileOptions<T>): Promise<Made<T>> {
  const file = await loadUserFile(path, name, setting, base);
  try {
    return { value: await read(file), files: file.files };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const { files, problems } = cause instanceof StartProblem ? cause : { files: [], problems: [message] };
    throw new StartProblem(message, { cause, problems, files: new Map([...file.files, ...files]) });
  }
}

/** Loadings are one at a time: one that never ends would be the last. */
async function made<T>(options: LiveFileOptions<T>): Promise<Made<T>> {
  const { path, setting, base, loadMs = 10_000 } = options;
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const why = `${setting}: ${resolve(base ?? '', path)} is not loaded after ${loadMs}ms; does it wait for something?`;
  const timer = setTimeout(() => reject(new StartProblem(why)), loadMs);
  try {
    return await Promise.race([loadedAndRead(options), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** One sum over all files: what tells two versions apart. */
function sumOf(files: Files): string {
  const hash = createHash('sha256');
  for (const [path, digest] of files) hash.update(`${digest} ${path}\n`);
  return hash.digest('hex');
}
