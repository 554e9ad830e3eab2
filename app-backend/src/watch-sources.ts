/**
 * For development: notices that sources were written, changed or removed, and has the application taken anew. They are looked
 * at, not watched by the system: that works in containers and over network file systems, and needs no list of what was imported.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

export type Sources = {
  readonly folder: string;
  /** Other files, whatever they are called. */
  readonly files: readonly string[];
  readonly pollMs?: number;
  /** Called with the path of what changed, once for all that changed together. */
  onChange(path: string): void;
  /** It could not be looked: that is told once. */
  onFailure(error: unknown): void;
};

const ofSources = /\.(?:[mc]?[jt]s|json|py)$/;
const ofOthers: ReadonlySet<string> = new Set(['node_modules', '__pycache__']);
/** What is there beyond is not looked at: then the folder is not that of an application. */
const MOST_FILES = 20_000;
const POLL_MS = 500;

type Looks = ReadonlyMap<string, string>;

/** `ready`: what is there has been looked at; from now on it is a change. */
export type WatchedSources = AsyncDisposable & { readonly ready: Promise<void> };

/** Looks until it is disposed. */
export function watchSources(sources: Sources): WatchedSources {
  const stop = new AbortController();
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const running = look(sources, stop.signal, resolve);
  return {
    ready,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
    },
  };
}

async function look(sources: Sources, signal: AbortSignal, ready: () => void): Promise<void> {
  const { pollMs = POLL_MS, onChange, onFailure } = sources;
  const changes = new Changes();
  let hasFailed = false;
  while (!signal.aborted) {
    try {
      const changed = changes.since(await looksOf(sources));
      if (changed !== undefined && !signal.aborted) onChange(changed);
      ready();
    } catch (error) {
      if (!hasFailed) onFailure(error);
      hasFailed = true;
    }
    await setTimeout(pollMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** What changed and has come to rest: an editor writes in several steps, and a checkout many files. */
class Changes {
  #told: Looks | undefined;
  #before: Looks | undefined;

  since(now: Looks): string | undefined {
    const before = this.#before;
    this.#before = now;
    this.#told ??= now;
    if (before === undefined || changeOf(before, now) !== undefined) return undefined;
    const changed = changeOf(this.#told, now);
    this.#told = now;
    return changed;
  }
}

function changeOf(before: Looks, now: Looks): string | undefined {
  for (const [path, looks] of now) if (before.get(path) !== looks) return path;
  return Array.from(before.keys()).find((path) => !now.has(path));
}

async function looksOf({ folder, files }: Pick<Sources, 'folder' | 'files'>): Promise<Looks> {
  const found = new Map<string, string>();
  for (const path of files) await note(path, found);
  await walk(folder, found);
  return found;
}

async function walk(folder: string, found: Map<string, string>): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (found.size >= MOST_FILES) return;
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.') || ofOthers.has(entry.name)) continue;
    if (entry.isDirectory()) await walk(path, found).catch(ignoreGone);
    else if (ofSources.test(entry.name)) await note(path, found);
  }
}

async function note(path: string, found: Map<string, string>): Promise<void> {
  const { ino, mtimeMs, size } = await stat(path).catch(() => ({ ino: 0, mtimeMs: 0, size: 0 }));
  if (ino !== 0) found.set(path, `${ino} ${mtimeMs} ${size}`);
}

/** A folder that was removed meanwhile has no files; one that may not be read never had any. */
function ignoreGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT' && error.code !== 'EACCES') throw error;
}
